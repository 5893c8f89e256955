"""The command line, `cxb`: each command in the module of its name, those of a group in `GROUP_COMMAND`."""

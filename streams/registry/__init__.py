"""The registry as a file: read, followed, exchanged with other formats, shown as rows."""

"""Which tests stay together where several are run at a time: those that share what is dear to start."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

# Its tests look at one pipeline that they let run for a minute before: it would be started once a process.
ONE_PIPELINE = PurePosixPath("tests/deploy")


class Together(LoadScopeScheduling):
    """Hands out whole files, in the order in which they are found: packages of long tests come before short ones."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(ONE_PIPELINE if file.is_relative_to(ONE_PIPELINE) else file)

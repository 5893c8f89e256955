"""What waits in a spool while nothing runs: accepted, and not known to have landed."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from streams.embedded.record_batches import Corrupt, stated
from streams.embedded.spool import Spool


def directory_of(spool: Path, topic: str) -> Path:
    """Where the spool of a topic is."""
    return spool / quote(topic, safe="")


def waiting_records(spool: Path, topic: str) -> int:
    """How many records of a topic the next start brings back. The instance must not run.

    What landed in the last moments of a broker that was killed may be among them; it lands once for all that.

    Raises:
        OSError: it cannot be read.
    """
    directory = directory_of(spool, topic)
    if not directory.is_dir():
        return 0
    records = 0
    for entry in Spool(directory).held():
        with suppress(Corrupt):  # the next start puts it aside, and says so
            records += stated(entry.records)
    return records

"""What `cxb balances` and `cxb scorecards` share."""

from collections.abc import Sequence
from datetime import UTC, datetime

from metrics.figures.balances import View
from streams.cli import output
from streams.cli.connection import Connection
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry


def computed(connection: Connection, compiled: CompiledRegistry, at: datetime | None, view: View) -> Snapshot:
    """The figures of an instant, or of now with what has landed of the minute that is not over, computed now."""
    with connection.store() as store:
        return snapshot.compute(store, compiled, at or datetime.now(UTC), [view], live=at is None)


def say_if_empty(rows: Sequence[object]) -> None:
    """Says where events come from, if there are no figures."""
    if not rows:
        output.say("no facts up to that instant: send some with cxb publish, or see cxb simulate")

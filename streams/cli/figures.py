"""What `cxb balances` and `cxb scorecards` share."""

from collections.abc import Sequence
from datetime import datetime

from metrics.figures.balances import View
from streams.cli import output
from streams.cli.connection import Connection
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry


def computed(connection: Connection, compiled: CompiledRegistry, at: datetime, view: View) -> Snapshot:
    """The figures of an instant, computed now."""
    with connection.store() as store:
        return snapshot.compute(store, compiled, at, [view])


def say_if_empty(rows: Sequence[object]) -> None:
    """Says where events come from, if there are no figures."""
    if not rows:
        output.say("no facts up to that instant: send some with cxb publish, or see cxb simulate")

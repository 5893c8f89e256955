"""The trace of a simulation: what happened, in the words of the protocol, one JSON object for each line.

Every line has `t` (simulated seconds), `worker` and `event`; the other fields depend on the event:

    take(tp, first, next, generation)      reject(tp, offset)       land(next, rows)
    commit(next, generation, accepted)     rebalance(generation, partitions)    crash
    refresh_look(upto)   refresh_note(upto)   fold(day)
    erase_mark   erase_look   erase_done   drain_start   drain_end(outcome)

`next` is an offset by partition, except in `take`; `tp` is a partition of the one topic.
"""

from typing import Any

import msgspec

from tests.simulation.loop import PROCESS, THE_WORLD, SimulatedLoop


class Trace:
    """What has happened so far."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self.events: list[dict[str, Any]] = []

    def emit(self, event: str, worker: str | None = None, **fields: Any) -> None:
        """Adds an event, of the process in which it happens."""
        name = PROCESS.get(THE_WORLD).name if worker is None else worker
        self.events.append({"t": round(self._loop.now_s, 3), "worker": name, "event": event, **fields})

    def lines(self) -> list[str]:
        """Each as JSON."""
        return [msgspec.json.encode(event).decode() for event in self.events]

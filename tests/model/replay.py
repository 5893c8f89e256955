"""Holds traces of real workers against the protocol: each line is a step that the model allows, or it says why not.

Lines of all workers of a case are merged by their time, which is one clock for all processes of a machine. What a
killed worker was doing has no line; the model allows for it: an insert may have landed, a commit been taken, unheard.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.model.protocol import Cursors, Outcome, Partition, Protocol, Refused, State, Take, Worker

Line = Mapping[str, Any]
QUIET_LOOKS: Final = 2


class NotAllowed(AssertionError):
    """A line that is no step of the model."""


def merged(paths: Iterable[Path]) -> list[Line]:
    """The lines of all workers; a last line that a kill cut off is left out."""
    lines = [line for path in paths for line in path.read_bytes().split(b"\n")[:-1]]
    return sorted(map(msgspec.json.decode, lines), key=lambda line: (line["t"], str(line["worker"]), line["seq"]))


class Replay:
    """A model that follows a trace."""

    def __init__(self) -> None:
        self._protocol = Protocol()
        self._state = State((), ())
        self._workers: dict[Any, int] = {}
        self._ends: dict[int, int] = {}
        self._looked: dict[Any, str] = {}
        self._noted = ""
        self._known: dict[int, str] = {}  # by worker: what was noted when it wrote its last line of a refresh
        self._erasing: dict[Any, list[int]] = {}
        self._draining: set[Any] = set()
        self.steps = 0

    def follow(self, lines: Iterable[Line]) -> "Replay":
        """Takes each step.

        Raises:
            NotAllowed: One is not allowed: which, and why.
        """
        for line in lines:
            outcome = getattr(self, f"_{line['event']}")(line, self._worker(line["worker"]))
            if isinstance(outcome, Refused):
                fields = {name: value for name, value in line.items() if name not in ("worker", "seq", "t", "event")}
                where = f"line {line['seq']} of worker {line['worker']}: {line['event']}({fields})"
                raise NotAllowed(f"{where} is not allowed: {outcome}")
            if outcome is not None:
                self._state = outcome
            self.steps += 1
        return self

    def _worker(self, name: Any) -> int:
        if name not in self._workers:
            self._workers[name] = len(self._workers)
            self._state = self._state._replace(workers=(*self._state.workers, Worker()))
        return self._workers[name]

    def _partition(self, name: str | int) -> int:
        tp, partitions = int(name), self._state.partitions
        if tp >= len(partitions):
            more = (Partition(),) * (tp + 1 - len(partitions))
            self._state = self._state._replace(partitions=partitions + more)
        return tp

    def _cursors(self, line: Line) -> Cursors:
        return tuple(sorted((self._partition(tp), upto) for tp, upto in line["next"].items()))

    def _rebalance(self, line: Line, w: int) -> Outcome:
        partitions = tuple(self._partition(tp) for tp in line["partitions"])
        return self._protocol.rebalance(self._state, w, line["generation"], partitions)

    def _take(self, line: Line, w: int) -> Outcome:
        tp, first, upto = self._partition(line["tp"]), line["first"], line["next"]
        if tp not in self._ends:  # a log need not begin at 0
            before, after = self._state.partitions[:tp], self._state.partitions[tp + 1 :]
            self._state = self._state._replace(partitions=(*before, Partition(begins=first), *after))
        self._ends[tp] = max(upto, self._ends.get(tp, 0))
        chunk = Take(tp, first, upto, line["generation"], line.get("records", upto - first))
        return self._protocol.take(self._state, w, chunk)

    def _reject(self, line: Line, w: int) -> Outcome:
        return self._protocol.reject(self._state, w, self._partition(line["tp"]), line["offset"])

    def _land(self, line: Line, w: int) -> Outcome:
        return self._protocol.land(self._state, w, line["chunks"], line["rows"])

    def _commit(self, line: Line, w: int) -> Outcome:
        return self._protocol.commit(self._state, w, self._cursors(line), line["generation"], line["accepted"])

    def _crash(self, line: Line, w: int) -> Outcome:
        return self._protocol.crash(self._state, w)

    def _refresh_look(self, line: Line, w: int) -> Refused | None:
        # It has looked some time after its last line of a refresh: a process that was frozen writes late.
        if line["upto"] < self._known.get(w, ""):
            return Refused(f"cells were noted up to {self._known[w]} already, and versions never go back")
        self._looked[w], self._known[w] = line["upto"], self._noted
        return None

    def _refresh_note(self, line: Line, w: int) -> Refused | None:
        looked = self._looked.pop(w, None)
        if looked != line["upto"]:
            return Refused(f"its last look that is not noted yet went up to {looked}")
        self._known[w] = self._noted = max(self._noted, line["upto"])
        return None

    def _fold(self, line: Line, w: int) -> Refused | None:
        if self._noted and str(line["day"]) >= self._noted[:10]:
            return Refused(f"the day is not over: cells are noted up to {self._noted}")
        return None

    def _erase_mark(self, line: Line, w: int) -> None:
        self._erasing[w] = []

    def _erase_look(self, line: Line, w: int) -> Refused | None:
        if w not in self._erasing:
            return Refused("it looks for facts before the person is noted as erased")
        self._erasing[w].append(line.get("found", 0))
        return None

    def _erase_done(self, line: Line, w: int) -> Refused | None:
        looks = self._erasing.pop(w, [])
        if len(looks) < QUIET_LOOKS or any(looks[-QUIET_LOOKS:]):
            return Refused(
                f"its last looks found {looks[-QUIET_LOOKS:]}: it takes {QUIET_LOOKS} in a row without facts"
            )
        return None

    def _drain_start(self, line: Line, w: int) -> None:
        self._draining.add(w)

    def _drain_end(self, line: Line, w: int) -> Outcome:
        if w not in self._draining:
            return Refused("it has not begun to drain")
        ends = tuple(self._ends.get(tp, 0) for tp in range(len(self._state.partitions)))
        return self._protocol.drain_end(self._state, w, line["outcome"], ends)


def check_traces(paths: Iterable[Path]) -> int:
    """Holds the traces of a case against the model; how many steps they have.

    Raises:
        NotAllowed: A step is not allowed.
    """
    return Replay().follow(merged(paths)).steps

"""A trace of workers is followed step by step; one that diverges from the model is refused, and the reason said."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.model.replay import NotAllowed, Replay, check_traces

Lines = list[dict[str, Any]]


def a_trace() -> Lines:
    """Two workers; the second takes over what the first has not committed, and refreshes."""
    lines: Lines = []
    numbers = count()

    def add(worker: str, event: str, **fields: Any) -> None:
        number = next(numbers)
        lines.append({"worker": worker, "seq": number, "t": number, "event": event, **fields})

    add("a", "rebalance", generation=1, partitions=[0, 1])
    add("a", "take", tp=0, first=0, next=10, generation=1, records=10)
    add("a", "take", tp=1, first=5, next=8, generation=1, records=3)
    add("a", "reject", tp=0, offset=4)
    add("a", "land", rows=12, chunks=2)
    add("a", "commit", next={"0": 10, "1": 8}, generation=1, accepted=None)
    add("a", "commit", next={"0": 10, "1": 8}, generation=1, accepted=True)
    add("a", "take", tp=0, first=10, next=20, generation=1, records=10)
    add("b", "rebalance", generation=2, partitions=[0])
    add("b", "take", tp=0, first=10, next=25, generation=2, records=15)
    add("a", "land", rows=10, chunks=1)
    add("b", "land", rows=15, chunks=1)
    add("b", "commit", next={"0": 25}, generation=2, accepted=None)
    add("b", "commit", next={"0": 25}, generation=2, accepted=True)
    add("b", "refresh_look", upto="2026-05-02 10:00:00.000000")
    add("b", "refresh_note", upto="2026-05-02 10:00:00.000000")
    add("b", "fold", day="2026-05-01")
    add("b", "erase_mark")
    for found in (3, 0, 0):
        add("b", "erase_look", found=found)
    add("b", "erase_done")
    add("b", "drain_start")
    add("b", "drain_end", outcome="landed")
    return lines


def at(lines: Lines, event: str, nth: int = 0) -> int:
    return [n for n, line in enumerate(lines) if line["event"] == event][nth]


def moved(event: str, nth: int, before: str, before_nth: int) -> Callable[[Lines], None]:
    def edit(lines: Lines) -> None:
        lines.insert(at(lines, before, before_nth), lines.pop(at(lines, event, nth)))

    return edit


def without(event: str, nth: int = 0) -> Callable[[Lines], None]:
    return lambda lines: lines.__delitem__(at(lines, event, nth))


def changed(event: str, nth: int = 0, **fields: Any) -> Callable[[Lines], None]:
    return lambda lines: lines[at(lines, event, nth)].update(fields)


def stale(lines: Lines) -> None:
    """The first worker's commit, sent after the second has joined, and taken all the same."""
    lands = at(lines, "land", 1) + 1
    for accepted in (True, None):
        line = {"worker": "a", "seq": 99, "t": 99, "event": "commit", "next": {"0": 20}, "generation": 1}
        lines.insert(lands, {**line, "accepted": accepted})


DIVERGENCES: dict[str, tuple[Callable[[Lines], None], str]] = {
    "a commit before its land": (moved("commit", 0, "land", 0), "nothing has landed since its last commit"),
    "a missing take": (without("take", 1), "2 chunks are said to land"),
    "an offset that was skipped": (changed("take", 2, first=11), "offsets 10 to 10 of partition 0 would be skipped"),
    "a takeover that skips": (changed("take", 3, first=20), "offsets 10 to 19 of partition 0 would be skipped"),
    "a stale commit that was taken": (stale, "the group had gone beyond generation 1"),
    "fewer rows than records": (changed("land", 0, rows=11), "11 rows are in the store, and 12 records"),
    "a dead letter that nobody acknowledged": (without("reject"), "12 rows are in the store, and 13 records"),
    "a commit beyond what landed": (
        changed("commit", 2, next={"0": 26}), "up to 26 of partition 0, and what has landed ends at 25",
    ),
    "two owners of a partition": (changed("rebalance", 1, generation=1), "another owner in generation 1"),
    "a chunk of another generation": (changed("take", 3, generation=3), "generation 3, the worker in 2"),
    "a note without a look": (without("refresh_look"), "its last look that is not noted yet went up to None"),
    "an older look after a note": (moved("refresh_note", 0, "refresh_look", 0), "its last look"),
    "a fold of a day that is not over": (changed("fold", day="2026-05-02"), "the day is not over"),
    "one quiet look": (without("erase_look", 2), "it takes 2 in a row without facts"),
    "a look before the mark": (without("erase_mark"), "before the person is noted"),
    "a drain that leaves something": (without("commit", 3), "not all has landed: partition 0"),
    "a dead letter of nothing taken": (changed("reject", offset=30), "is in no chunk that it has taken"),
}  # fmt: skip


def test_a_trace_of_the_protocol_is_allowed() -> None:
    lines = a_trace()
    assert Replay().follow(lines).steps == len(lines)


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_a_trace_that_diverges_is_refused_with_the_reason(divergence: str) -> None:
    edit, reason = DIVERGENCES[divergence]
    lines = a_trace()
    edit(lines)
    with pytest.raises(NotAllowed, match="is not allowed") as refused:
        Replay().follow(lines)
    assert reason in str(refused.value)


def test_a_commit_whose_answer_was_lost_may_have_happened_or_not() -> None:
    for taken_over_at in (0, 10):
        lines = a_trace()
        del lines[at(lines, "commit", 1)]
        lines[at(lines, "take", 3)].update(first=taken_over_at, records=25 - taken_over_at)
        lines[at(lines, "land", 2)]["rows"] = 25 - taken_over_at
        assert Replay().follow(lines[: at(lines, "drain_end")])


def test_versions_that_go_back_are_refused() -> None:
    lines = [*a_trace(), {"worker": "b", "seq": 99, "t": 99, "event": "refresh_look", "upto": "2026-05-02 09:59:00.0"}]
    with pytest.raises(NotAllowed, match="versions never go back"):
        Replay().follow(lines)


def test_files_of_workers_are_merged_by_time_and_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    lines = a_trace()
    for worker in ("a", "b"):
        theirs = [msgspec.json.encode(line) for line in lines if line["worker"] == worker]
        (tmp_path / worker).write_bytes(b"\n".join(theirs) + b'\n{"worker": "')
    assert check_traces([tmp_path / "b", tmp_path / "a"]) == len(lines)

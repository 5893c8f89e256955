"""Traces: off unless asked for; a line for each step, in order, from any thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from streams.runtime import trace
from streams.runtime.trace import TraceFile


def test_nothing_is_traced_unless_asked_for() -> None:
    assert trace.to is None


def test_lines_of_several_threads_are_whole_and_numbered_in_the_order_of_their_time(tmp_path: Path) -> None:
    to = TraceFile(str(tmp_path / "trace"))
    with ThreadPoolExecutor(4) as threads:
        for day in range(200):
            threads.submit(to.write, "fold", day=str(day))
    lines = [msgspec.json.decode(line) for line in (tmp_path / "trace").read_bytes().splitlines()]
    assert [line["seq"] for line in lines] == list(range(200))
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)
    assert {line["day"] for line in lines} == {str(day) for day in range(200)}


def test_a_second_process_adds_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    TraceFile(str(path)).write("drain_start")
    TraceFile(str(path)).write("drain_end", outcome="landed")
    events = [msgspec.json.decode(line)["event"] for line in path.read_bytes().splitlines()]
    assert events == ["drain_start", "drain_end"]

"""The job of every contestant, what the Python ones have in common, and how each reports."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.foreign import Form
from bench.memory import peak_mb
from metrics.events import facts
from metrics.events.decoding import Run, decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import Rejected
from metrics.registry import Registry, parse
from metrics.registry.attribution import Attribution
from streams.settings.settings import ClickHouseSettings
from streams.store import client
from streams.store.client import Store

KEY = b"b" * 32
BATCH = 60_000
LIMITS = RecordLimits()


@dataclass(frozen=True)
class Job:
    """Where the events are and where they go."""

    broker: str
    topic: str
    dlq: str
    group: str
    events: int
    store: ClickHouseSettings
    registry: Path
    form: Form = "native"
    port: int = 0
    refresh_s: float = 3600.0
    """For a worker of ours: where it serves its API, and how often it refreshes. The job itself ends with the facts."""

    @classmethod
    def from_environment(cls) -> "Job":
        """The job that the environment describes."""
        fields = json.loads(os.environ["BENCH_JOB"])
        return cls(**{**fields, "store": ClickHouseSettings(**fields["store"]), "registry": Path(fields["registry"])})


def decoded(records: Sequence[tuple[bytes | None, int]]) -> Run:
    """Values with timestamps (ms), decoded and validated."""
    return decode_run([value for value, _ in records], [stamp_ms for _, stamp_ms in records], LIMITS)


@dataclass(frozen=True)
class Landing:
    """Our decoder, attribution and insert, for peers that differ in how they read Kafka."""

    store: Store
    registry: Registry
    attribution: Attribution

    @classmethod
    def of(cls, job: Job) -> "Landing":
        """The landing of a job; as in a worker, the driver loads nothing that is not needed."""
        client.install()
        registry = parse(job.registry.read_text())
        return cls(Store(job.store), registry, Attribution(registry))

    def land(self, records: Sequence[tuple[bytes | None, int]]) -> list[tuple[int, Rejected]]:
        """Inserts the valid ones of values with timestamps; returns the positions of the others, and why."""
        run = decoded(records)
        self.store.insert_facts(self.columns(run.events, run.occurred_ms))
        return run.rejected

    def columns(self, events: Sequence[object], occurred_ms: Sequence[int]) -> facts.Columns:
        """Accepted events as columns, attributed."""
        return facts.columns(events, occurred_ms, self.attribution, self.registry.version, KEY)  # type: ignore[arg-type]

    def row(self, value: bytes, timestamp_ms: int) -> "list[object] | Rejected":
        """One record as an attributed row, or why it is rejected: for peers that work record by record."""
        run = decode_run([value], [timestamp_ms], LIMITS)
        if run.rejected:
            return run.rejected[0][1]
        return [column[0] for column in self.columns(run.events, run.occurred_ms)]

    def insert(self, rows: Sequence[Sequence[object]]) -> None:
        """Inserts rows of `row`."""
        if rows:
            self.store.insert_facts([list(column) for column in zip(*rows, strict=True)])


def reason_header(rejected: Rejected) -> list[tuple[str, bytes]]:
    """The header of a dead letter that the check reads."""
    return [("cx-reason", rejected.reason.value.encode())]


class Stopwatch:
    """Wall and CPU seconds (all threads and children) from its creation until standard input ends."""

    def __init__(self, at_end: Callable[[], None] = lambda: None) -> None:
        """Starts it; `at_end` runs before it reports, where something must not outlive the job."""
        self._at_end = at_end
        self._began, self._cpu_s = time.time(), _cpu_s()
        threading.Thread(target=self._report_at_end_of_input, daemon=True).start()

    def report(self, **more: float) -> None:
        """Prints the measurements and ends the process: an orderly stop is not part of the job."""
        measured = {"cpu_s": _cpu_s() - self._cpu_s, "peak_mb": peak_mb(), "began": self._began, "ended": time.time()}
        print(json.dumps(measured | more), flush=True)
        os._exit(0)

    def _report_at_end_of_input(self) -> None:
        # A plain read holds no lock that the interpreter needs when it ends by itself.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        self._at_end()
        self.report()


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system

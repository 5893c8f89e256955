"""What every contestant is told, what it has in common, and how it reports."""

import json
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from metrics import facts
from metrics.attribution import Attribution
from metrics.decoding import decode_run
from metrics.events import Limits
from metrics.registry import Registry, parse
from streams.settings import ClickHouse
from streams.store import Store

KEY = b"b" * 32
TOUCHPOINTS, PERIODS = 200, 5
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Job:
    """Where the events are and where they go."""

    broker: str
    topic: str
    group: str
    events: int
    store: ClickHouse
    registry: Path

    @classmethod
    def told(cls) -> "Job":
        """The job that the environment describes."""
        told = json.loads(os.environ["BENCH_JOB"])
        return cls(**{**told, "store": ClickHouse(**told["store"]), "registry": Path(told["registry"])})


def registry_text() -> str:
    """200 touchpoints, each owned in turn by five departments."""
    lines = ['version = "bench"', 'policy = "single"', 'sponsor = "cmo"']
    for number in range(PERIODS):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
    for touchpoint in range(TOUCHPOINTS):
        for number in range(PERIODS):
            since = (START + timedelta(days=60 * number)).strftime("%Y-%m-%d")
            lines += ["[[ownership]]", f'touchpoint = "t{touchpoint}.page"', f'owner = "d{number}"', f"from = {since}"]
            if number < PERIODS - 1:
                lines.append(f"to = {START + timedelta(days=60 * (number + 1)):%Y-%m-%d}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Landing:
    """Our decoder, attribution and insert, for peers that differ in how they read Kafka."""

    store: Store
    registry: Registry
    attribution: Attribution

    @classmethod
    def of(cls, job: Job) -> "Landing":
        """The landing of a job."""
        registry = parse(job.registry.read_text())
        return cls(Store(job.store), registry, Attribution(registry))

    def land(self, records: Sequence[tuple[bytes | None, int]]) -> None:
        """Decodes, validates, attributes and inserts values with their timestamps."""
        run = decode_run(records, Limits())
        columns = facts.columns(run.events, run.occurred_ms, self.attribution, self.registry.version, KEY)
        self.store.insert_facts(columns)


class Stopwatch:
    """Wall and CPU seconds (all threads, children included) since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu()

    def report(self, **more: Any) -> None:
        """Prints what was taken, for the harness."""
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        taken = {"wall_s": time.perf_counter() - self._wall, "cpu_s": _cpu() - self._cpu, "peak_mb": peak_mb}
        print(json.dumps(taken | more), flush=True)


def _cpu() -> float:
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system

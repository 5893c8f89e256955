"""`python -m bench.flat`: the cost of a refresh and of a balances query with ten and a hundred million cells.

Of each, the time that passes, which other work of the machine lengthens, and processor time, which hardly knows of it.
"""

import argparse
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.outside import cpu_s
from bench.outside import store as stored
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.facts import columns
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.figures import day_snapshots, days, edition, snapshot
from streams.figures.refresh import Refresher
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from streams.store.deadline import Deadline
from streams.store.migrations import migrate

DAYS, TOUCHPOINTS, SEGMENTS, PERIODS = 900, 200, 5, 5
KINDS = ("nps", "csat", "ces", "visit", "conversion")
ROUNDS = 5
SIZES = (10_000_000, 100_000_000)
AT_ONCE = 10_000_000
TIMEOUT_S = 6 * 3_600.0
MERGED_WITHIN_S = 600.0
_COMBINATIONS: Mapping[str, Any] = {
    "touchpoints": TOUCHPOINTS, "segments": SEGMENTS, "kinds": list(KINDS), "kind_count": len(KINDS)
}  # fmt: skip
# Minutes at even distances over the days, combinations in turn: every combination has cells on every day. Their
# contents are random: equal cells would compress to nothing, and the store merges by bytes.
_CELLS = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, amount_by_currency, sum_count_sq, refreshed_at)
SELECT toDateTime({start} + intDiv(number * {minutes}, {total}) * 60, 'UTC') AS minute_,
    concat('t', toString(number % {touchpoints}), '.page'),
    concat('s', toString(intDiv(number, {touchpoints}) % {segments})), '',
    {kinds}[number % {touchpoints} % {kind_count} + 1] AS kind_,
    1 + h % 4 AS n_, n_ * 4 + bitShiftRight(h, 32) % (6 * n_ + 1) AS score,
    intDiv(score * score, n_) + bitShiftRight(h, 40) % 8,
    bitShiftRight(h, 8) % (n_ + 1) AS promoters_, n_ - promoters_ - detractors_,
    bitShiftRight(h, 16) % (n_ - promoters_ + 1) AS detractors_, bitShiftRight(h, 24) % (n_ + 1),
    n_ + bitShiftRight(h, 48) % 20,
    if(kind_ = 'conversion', map('EUR', toDecimal128(n_ * 19.9, 4)),
        CAST(map() AS Map(LowCardinality(String), Decimal(38, 4)))),
    intDiv((n_ + bitShiftRight(h, 48) % 20) * (n_ + bitShiftRight(h, 48) % 20), n_),
    toDateTime64(minute_, 6, 'UTC') + 61
FROM (SELECT number, cityHash64(number) AS h FROM numbers({first}, {count}))
"""
# A tenth as many answers as cells; those of one customer in ten are several, five on average.
_ANSWERS = """
INSERT INTO {table} (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
SELECT cityHash64({customers}), 'nps', 'nps',
    toDateTime({start} + intDiv(number * {minutes}, {rows}) * 60, 'UTC') AS minute_,
    concat('t', toString(h % 40 * 5), '.page'), concat('s', toString(bitShiftRight(h, 8) % {segments})), '',
    1, toDateTime64(minute_, 6, 'UTC') + 61
FROM (SELECT number, cityHash64(number, 1) AS h FROM numbers({rows}))
"""
FACTS = 1_000_000
# Ids and customers' hashes are random, like real ones; 20,000 customers with a journey each.
_FACTS = """
INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, ingested_at, customer, journey, score, amount,
    currency, count, segment, department, registry_version)
SELECT toString(generateUUIDv4()), concat('source', toString(number % 4)),
    {kinds}[number % {touchpoints} % {kind_count} + 1] AS kind_, concat('t', toString(number % {touchpoints}), '.page'),
    toDateTime64({start}, 3, 'UTC') + h % (30 * 86400) AS at, at + 2,
    concat('9f86d081-', lower(hex(sipHash128(h % 20000)))), concat('journey-', hex(sipHash64(h % 20000))),
    if(kind_ IN ('nps', 'csat', 'ces'), 1 + bitShiftRight(h, 32) % 5, NULL),
    if(kind_ = 'conversion', (100 + bitShiftRight(h, 40) % 9000) / 100, NULL),
    if(kind_ = 'conversion', 'EUR', ''), if(kind_ = 'visit', 1 + h % 9, 1),
    concat('s', toString(intDiv(number, {touchpoints}) % {segments})),
    concat('d', toString(number % {touchpoints} % {segments})), 'flat'
FROM (SELECT number, cityHash64(number) AS h FROM numbers({facts}))
"""
_CLOSED = """
SELECT DISTINCT partition_id FROM system.parts
WHERE active AND database = currentDatabase() AND table = '{table}' AND partition_id < toString(toYYYYMM(today()))
"""
_BYTES = """
SELECT table, sum(rows) AS rows, sum(data_compressed_bytes) AS bytes FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('events', 'cells', 'day_cells', 'answers', 'repeat_answers')
GROUP BY table ORDER BY table
"""


def registry_text(start: datetime, turn: int = 0, short: str = "7d", long: str = "90d") -> str:
    """200 touchpoints, each owned in turn by five departments over the days; `turn` shifts the owners."""
    lines = ['version = "flat"', 'policy = "single"', 'sponsor = "cmo"']
    lines += ["[horizons]", f'short = "{short}"', f'long = "{long}"']
    for number in range(PERIODS):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
    step = timedelta(days=DAYS / PERIODS, hours=7)
    for touchpoint in range(TOUCHPOINTS):
        for number in range(PERIODS):
            owner = f'owner = "d{(number + turn) % PERIODS}"'
            lines += ["[[ownership]]", f'touchpoint = "t{touchpoint}.page"', owner]
            lines += [f"from = {start + number * step:%FT%TZ}"] if number else []
            lines += [f"to = {start + (number + 1) * step:%FT%TZ}"] if number < PERIODS - 1 else []
    return "\n".join(lines) + "\n"


def fill(store: Store, start: datetime, total: int) -> None:
    """Puts cells directly into the store, evenly over the days until now."""
    minutes = int((datetime.now(UTC) - start).total_seconds() // 60)
    for first in range(0, total, AT_ONCE):
        count = min(AT_ONCE, total - first)
        store.command(
            _CELLS.format(
                start=int(start.timestamp()), minutes=minutes, total=total, first=first, count=count, **_COMBINATIONS
            )
        )
        say(f"{first + count:,} of {total:,} cells")
    several = total // 100
    for table, rows, customers in (
        ("answers", total // 10 - several, "number, 2"),
        ("answers", several, f"h % {several // 5}"),
        ("repeat_answers", several, f"h % {several // 5}"),
    ):
        store.command(
            _ANSWERS.format(
                table=table, rows=rows, customers=customers, start=int(start.timestamp()), minutes=minutes,
                segments=SEGMENTS,
            )
        )  # fmt: skip
    edition.note_renewed(store)


@dataclass
class Subject:
    """A store with a number of cells, the id of its process, and the times that its figures took."""

    store: Store
    pid: int
    registry: RegistryWatcher
    refresher: Refresher
    what_if: CompiledRegistry
    other: CompiledRegistry
    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def timed(self, name: str, act: Callable[[], Any]) -> None:
        """Records how long something took, seconds, and the processor time of it: the store's and ours."""
        began, spent = time.perf_counter(), self._spent_s()
        act()
        took = {"s": time.perf_counter() - began, "CPU s": self._spent_s() - spent}
        for unit, value in took.items():
            self.taken[f"{name}, {unit}"].append(value)
        say(f"{name}: {took['s']:.2f} s, {took['CPU s']:.2f} s of CPU")

    def _spent_s(self) -> float:
        return cpu_s(self.pid) + time.process_time()

    def refresh(self, name: str, *ages: timedelta) -> None:
        """A refresh after a thousand facts of each age."""
        land(self.store, self.registry.current, ages)
        self.timed(name, lambda: self.refresher.refresh(time.monotonic()))

    def figures(self, name: str, compiled: CompiledRegistry, age: timedelta = timedelta(0)) -> None:
        """Figures of an instant under a registry, both views."""
        self.timed(name, lambda: snapshot.compute(self.store, compiled, datetime.now(UTC) - age))

    def record(self) -> None:
        """Records the end of yesterday, as a refresher does within a minute of what has changed days before."""
        newest = day_snapshots.due_in(self.store, self.registry.current, of_any_registry=True)[:1]
        list(day_snapshots.write(self.store, self.registry.current, newest))

    def fold(self, name: str, compiled: CompiledRegistry) -> None:
        """Folds all days with a registry's half-lives."""
        self.timed(name, lambda: list(days.fold(self.store, compiled.registry.horizons)))


def land(store: Store, compiled: CompiledRegistry, ages: Sequence[timedelta]) -> None:
    """A thousand new facts of each age."""
    now = datetime.now(UTC)
    events = [
        {
            "event_id": secrets.token_hex(12), "source": "flat", "kind": "nps",
            "touchpoint": f"t{5 * (number % 40)}.page",
            "occurred_at": (now - age).isoformat(), "score": number % 11, "customer": f"c{number}",
            "segment": f"s{number % SEGMENTS}",
        }
        for age in ages for number in range(1000)
    ]  # fmt: skip
    values = [json.dumps(event).encode() for event in events]
    run = decode_run(values, [int(now.timestamp() * 1000)] * len(values), RecordLimits())
    store.insert_facts(columns(run.events, run.occurred_ms, compiled.attribution, compiled.version, b"k" * 32))


def subject(store: Store, pid: int, path: Path, start: datetime, total: int) -> Subject:
    """Fills a store and folds its days."""
    path.write_text(registry_text(start))
    registry = RegistryWatcher(path)
    refresher = Refresher(store, registry, RefreshSettings(interval_s=1, snapshot_s=3600), lambda: True)
    what_if = rules_of(registry_text(start, turn=1))
    other = rules_of(registry_text(start, turn=1, short="5d", long="60d"))
    made = Subject(store, pid, registry, refresher, what_if, other)
    list(migrate(store))
    made.timed("filling the store", lambda: fill(store, start, total))
    made.fold("folding all days, once", registry.current)
    land(store, registry.current, [timedelta(0)])
    refresher.refresh(time.monotonic())
    return made


def settle(store: Store) -> None:
    """Brings the store to the state of an hour later: each month that is over is one part, and nothing merges."""
    for table in ("cells", "day_cells", "answers", "repeat_answers"):
        for row in store.query(_CLOSED.format(table=table)):
            store.command(f"OPTIMIZE TABLE {table} PARTITION ID '{row['partition_id']}' FINAL")
    until = time.monotonic() + MERGED_WITHIN_S
    while store.query("SELECT 1 FROM system.merges") and time.monotonic() < until:
        time.sleep(1)


def measure(subjects: Sequence[Subject]) -> None:
    """Times all stores in turn, so that other work of the machine affects all of them equally."""
    acts: Sequence[tuple[int, Callable[[Subject], None]]] = (
        (ROUNDS, lambda item: item.refresh("refresh, facts of today", timedelta(0))),
        (ROUNDS, lambda item: item.refresh("refresh, late facts too", timedelta(minutes=1), timedelta(days=100))),
        (1, Subject.record),
        (ROUNDS, lambda item: item.figures("figures now", item.registry.current)),
        (ROUNDS, lambda item: item.figures("figures of last year", item.registry.current, timedelta(days=365))),
        (ROUNDS, lambda item: item.figures("what-if", item.what_if)),
        (3, lambda item: item.figures("what-if, other half-lives, by minute", item.other)),
        (1, lambda item: item.fold("folding with other half-lives, once", item.other)),
        (ROUNDS, lambda item: item.figures("what-if, other half-lives, folded", item.other)),
    )
    for rounds, act in acts:
        for _ in range(rounds):
            for item in subjects:
                act(item)


def sizes(item: Subject, start: datetime) -> None:
    """Size of merged facts, and of what is computed from them: megabytes per million rows."""
    item.store.command(_FACTS.format(start=int(start.timestamp()), facts=FACTS, **_COMBINATIONS))
    item.store.command("OPTIMIZE TABLE events FINAL")
    for row in item.store.query(_BYTES):
        item.taken[f"a million {row['table']}, MB"].append(row["bytes"] / row["rows"])


def rules_of(text: str) -> CompiledRegistry:
    """A registry, compiled."""
    registry = parse(text)
    return CompiledRegistry(registry, Attribution(registry))


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr)


def main() -> None:
    """Fills a store of each size, measures them, and prints the figures and how they grow."""
    parser = argparse.ArgumentParser(prog="bench.flat")
    parser.add_argument("--cells", type=int, nargs="+", default=SIZES)
    totals = sorted(parser.parse_args().cells)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    with ExitStack() as open_stores:
        subjects = []
        for total in totals:
            scratch = Path(open_stores.enter_context(tempfile.TemporaryDirectory()))
            settings, pid = open_stores.enter_context(stored(scratch))
            store = Store(settings.model_copy(update={"timeout_s": TIMEOUT_S})).until(Deadline(TIMEOUT_S))
            open_stores.callback(store.close)
            subjects.append(subject(store, pid, scratch / "registry.toml", start, total))
        for item in subjects:
            settle(item.store)
        measure(subjects)
        for item in subjects:
            sizes(item, start)
    print("| medians | " + " | ".join(f"{total:,} cells" for total in totals) + " | grows |")
    print("|---|" + "---|" * (len(totals) + 1))
    for name in subjects[0].taken:
        row = [statistics.median(item.taken[name]) for item in subjects]
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in row) + f" | {row[-1] / row[0]:.2f} |")


if __name__ == "__main__":
    main()

"""`python -m bench.flat`: what a refresh and a balances query cost with ten and a hundred million cells of history."""

import argparse
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.store import stored
from metrics.decoding import decode_run
from metrics.events import Limits
from metrics.facts import columns
from metrics.pseudonyms import Pseudonyms
from metrics.registry import parse
from streams import days, snapshot
from streams.migrations import migrate
from streams.refresh import Refresher
from streams.registry_file import RegistryFile, Rules, load
from streams.settings import Refresh
from streams.store import Store

DAYS, TOUCHPOINTS, SEGMENTS, PERIODS = 900, 200, 5, 5
KINDS = ("nps", "csat", "ces", "visit", "conversion")
ROUNDS = 5
SIZES = (10_000_000, 100_000_000)
AT_ONCE = 10_000_000
# Minutes at even distances over the days, combinations in turn: every combination has cells on every day.
_CELLS = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, refreshed_at)
SELECT toDateTime({start} + intDiv(number * {minutes}, {total}) * 60, 'UTC'),
    concat('t', toString(number % {touchpoints}), '.page'),
    concat('s', toString(intDiv(number, {touchpoints}) % {segments})), '',
    {kinds}[number % {touchpoints} % {kind_count} + 1],
    3, 18, 120, 1, 1, 1, 1, 5, now64(6)
FROM numbers({first}, {count})
"""
_BYTES = """
SELECT table, sum(rows) AS rows, sum(data_compressed_bytes) AS bytes FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('cells', 'day_cells') GROUP BY table ORDER BY table
"""


def registry_text(start: datetime, turn: int = 0) -> str:
    """200 touchpoints, each owned in turn by five departments over the days; `turn` gives each to another one."""
    lines = ['version = "flat"', 'policy = "single"', 'sponsor = "cmo"']
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
    """Puts cells straight into the store, evenly over the days until now."""
    minutes = int((datetime.now(UTC) - start).total_seconds() // 60)
    for first in range(0, total, AT_ONCE):
        count = min(AT_ONCE, total - first)
        store.command(
            _CELLS.format(
                start=int(start.timestamp()), minutes=minutes, total=total, touchpoints=TOUCHPOINTS, segments=SEGMENTS,
                kinds=list(KINDS), kind_count=len(KINDS), first=first, count=count,
            )
        )  # fmt: skip
        say(f"{first + count:,} of {total:,} cells")


def timed(act: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median of several runs, seconds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def land(store: Store, rules: Rules, ages: Sequence[timedelta]) -> None:
    """A thousand new facts of each age."""
    now = datetime.now(UTC)
    events = [
        {
            "event_id": secrets.token_hex(12), "source": "flat", "kind": "nps",
            "touchpoint": f"t{5 * (number % 40)}.page",
            "occurred_at": (now - age).isoformat(), "score": number % 11, "segment": f"s{number % SEGMENTS}",
        }
        for age in ages for number in range(1000)
    ]  # fmt: skip
    values = [json.dumps(event).encode() for event in events]
    run = decode_run(values, [int(now.timestamp() * 1000)] * len(values), Limits())
    store.insert_facts(columns(run.events, run.occurred_ms, rules.attribution, rules.version, Pseudonyms(b"k" * 32)))


def measure(store: Store, directory: Path, start: datetime, total: int) -> dict[str, float]:
    """Fills a store and takes the times."""
    path = directory / "registry.toml"
    path.write_text(registry_text(start))
    rules, registry = load(path), RegistryFile(path)
    what_if_registry = parse(registry_text(start, turn=1))
    what_if = Rules(what_if_registry, type(rules.attribution)(what_if_registry))
    list(migrate(store))
    began = time.perf_counter()
    fill(store, start, total)
    filled = time.perf_counter()
    for done, due in days.fold(store, rules.registry.horizons):
        say(f"folded {done} of {due} days")
    folded = time.perf_counter()
    found: dict[str, float] = {"fill_s": filled - began, "fold_s": folded - filled}
    refresher = Refresher(store, registry, Refresh(interval_s=1, snapshot_s=3600), lambda: True)

    def refresh(*ages: timedelta) -> None:
        refresher.refresh(time.monotonic())

    land(store, rules, [timedelta(0)])
    refresh()
    for name, ages in (("today", [timedelta(0)]), ("late", [timedelta(minutes=1), timedelta(days=100)])):
        taken = []
        for _ in range(ROUNDS):
            land(store, rules, ages)
            taken.append(timed(refresh, 1))
        found[f"refresh_{name}_s"] = statistics.median(taken)
    now = datetime.now(UTC)
    found["now_s"] = timed(lambda: snapshot.compute(store, rules, datetime.now(UTC)))
    found["last_year_s"] = timed(lambda: snapshot.compute(store, rules, now - timedelta(days=365)))
    found["what_if_s"] = timed(lambda: snapshot.compute(store, what_if, datetime.now(UTC)))
    for row in store.query(_BYTES):
        found[f"bytes_a_{row['table'][:-1]}"] = row["bytes"] / row["rows"]
    return found


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr)


def main() -> None:
    """Measures each size in a store of its own, and prints the figures and how they grow."""
    parser = argparse.ArgumentParser(prog="bench.flat")
    parser.add_argument("--cells", type=int, nargs="+", default=SIZES)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    results = {}
    for total in parser.parse_args().cells:
        with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as settings:
            store = Store(settings)
            results[total] = measure(store, Path(scratch), start, total)
            store.close()
    first, last = results[min(results)], results[max(results)]
    print("| figure | " + " | ".join(f"{total:,} cells" for total in results) + " | grows |")
    print("|---|" + "---|" * (len(results) + 1))
    for name in first:
        print(
            f"| {name} | "
            + " | ".join(f"{found[name]:.2f}" for found in results.values())
            + f" | {last[name] / first[name]:.2f} |"
        )


if __name__ == "__main__":
    main()

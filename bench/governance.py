"""`python -m bench.governance`: the cost of the assessment of governance and of the report with ten million events."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.memory import forget_peak, peak_mb
from bench.outside import cpu_s
from bench.outside import store as stored
from metrics.durations import DAY_S
from streams.figures import days, minutes
from streams.governance import counting, report
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry, load, sample
from streams.store import client
from streams.store.client import Store
from streams.store.migrations import migrate

DAYS = 90
STEPS = 5
AT_ONCE = 1_000_000
QUIET_S = 120
# Five steps a journey, minutes to hours apart; all differences between events come from the hash of their number.
_EVENTS = """
INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, customer, journey, score, amount, currency, count,
    segment, region, department, registry_version, details)
SELECT lower(hex(sipHash128(number))) AS event_id, concat('source-', toString(h % 4)) AS source,
    transform(h % 20, range(20), ['visit', 'visit', 'visit', 'visit', 'visit', 'visit', 'contact', 'contact', 'contact',
        'contact', 'contact', 'nps', 'nps', 'csat', 'csat', 'ces', 'conversion', 'conversion', 'repeat_purchase',
        'referral'], 'visit') AS kind,
    {touchpoints}[intDiv(h, 20) % {count} + 1] AS touchpoint,
    toDateTime64({since} + j % {seconds} + (number % {steps}) * (60 + j % 20000) / 5, 3, 'UTC') AS occurred_at,
    lower(hex(sipHash128(j % {customers}))) AS customer, lower(hex(sipHash128(j, 1))) AS journey,
    multiIf(kind = 'nps', intDiv(h, 1000) % 11, kind = 'csat', 1 + intDiv(h, 1000) % 5,
        kind = 'ces', 1 + intDiv(h, 1000) % 7, NULL) AS score,
    if(kind IN ('conversion', 'repeat_purchase'), toDecimal64(20 + h % 100, 4), NULL) AS amount,
    if(isNull(amount), '', 'EUR') AS currency, 1 AS count,
    ['', 'smb', 'enterprise'][intDiv(h, 7) % 3 + 1] AS segment, ['it', 'es'][intDiv(h, 11) % 2 + 1] AS region,
    '' AS department, 'bench' AS registry_version, '' AS details
FROM (SELECT number, cityHash64(number) AS h, cityHash64(intDiv(number, {steps}), 7) AS j FROM numbers({first}, {rows}))
"""
_FACTS = """
INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, amount, currency, count, details)
SELECT lower(hex(sipHash128(number, 'g'))), 'poll',
    ['ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed'][number % 5 + 1] AS kind,
    {touchpoints}[intDiv(h, 20) % {count} + 1],
    toDateTime64({since} + (intDiv(number, 5) * 7919 + number % 5 * 3600) % {seconds}, 3, 'UTC'),
    if(kind = 'spend', toDecimal64(h % 1000, 4), NULL), if(kind = 'spend', 'EUR', ''), 1,
    multiIf(kind = 'ownership_answer', concat('{{"answer":"', ['marketing', 'sales', 'it', 'nobody'][h % 4 + 1],
            '","role":"', ['manager', 'agent'][intDiv(h, 4) % 2 + 1], '"}}'),
        kind = 'success_answer', concat('{{"metric":"nps","value":', toString(30 + h % 40), '}}'),
        kind = 'spend', concat('{{"category":"', ['surveys', 'rework', 'other'][h % 3 + 1], '"}}'),
        concat('{{"case_id":"', toString(intDiv(number, 5)), '"', if(kind = 'case_closed', ',"resolved":true}}', '}}')))
FROM (SELECT number, cityHash64(number, 3) AS h FROM numbers({rows}))
"""


def fill(store: Store, compiled: CompiledRegistry, since: datetime, total: int) -> None:
    """Puts events of all kinds directly into the store, over the days from `since` on, and their cells."""
    land(store, compiled, since, total)
    for done, due in minutes.refresh(store, timedelta(days=1)):
        say(f"cells of {done:,} of {due:,} minutes")
    for _ in days.fold(store, compiled.registry.horizons):
        pass
    wait_for_merges(store)


def land(store: Store, compiled: CompiledRegistry, since: datetime, total: int) -> None:
    """Puts events of all kinds directly into the store, over the days from `since` on."""
    touchpoints = [touchpoint.id for touchpoint in compiled.registry.touchpoints]
    places: dict[str, Any] = {
        "touchpoints": touchpoints, "count": len(touchpoints), "since": int(since.timestamp()), "steps": STEPS,
        "seconds": DAYS * DAY_S - 30_000, "customers": max(1, total // 20),
    }  # fmt: skip
    for first in range(0, total, AT_ONCE):
        store.command(_EVENTS.format(**places, first=first, rows=min(AT_ONCE, total - first)))
        say(f"{min(first + AT_ONCE, total):,} of {total:,} events")
    store.command(_FACTS.format(**places, rows=total // 100))


def wait_for_merges(store: Store) -> None:
    """Returns when the store no longer merges parts, or after QUIET_S."""
    ends = time.monotonic() + QUIET_S
    while store.query("SELECT count() AS n FROM system.merges")[0]["n"] and time.monotonic() < ends:
        time.sleep(1)


def measured(pid: int, act: Callable[[], object]) -> dict[str, float]:
    """Seconds of wall, CPU seconds of the store and of this process, and the peak memory of each, MB."""
    for process in (pid, "self"):
        forget_peak(process)
    began, store_s, own_s = time.perf_counter(), cpu_s(pid), time.process_time()
    act()
    return {
        "seconds": time.perf_counter() - began,
        "store CPU s": cpu_s(pid) - store_s,
        "own CPU s": time.process_time() - own_s,
        "store's peak MB": peak_mb(pid),
        "own peak MB": peak_mb(),
    }


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr)


def main() -> None:
    """Fills a store, takes the times, prints a table."""
    parser = argparse.ArgumentParser(prog="bench.governance")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    at = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    question, compiled = Question(at - timedelta(days=DAYS), at), load(sample())
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as (settings, pid):
        client.install()  # as in a worker: or the driver loads pandas, and the memory measured is not ours
        store = Store(settings)
        list(migrate(store))
        fill(store, compiled, question.since, options.events)
        acts: dict[str, Callable[[], object]] = {
            "the assessment": lambda: counting.compute(store, compiled, question),
            "the report": lambda: report.write(store, compiled, question),
        }
        sizes = f"{options.events:,} events, {options.events // STEPS:,} journeys"
        for name, act in acts.items():
            for _ in range(options.rounds):
                figures = measured(pid, act)
                print(f"{name} of {sizes}: " + ", ".join(f"{what} {value:.1f}" for what, value in figures.items()))
        store.close()


if __name__ == "__main__":
    main()

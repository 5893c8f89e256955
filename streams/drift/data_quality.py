"""Companions of drift in the service: computed from the last five weeks of cells, once a minute."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from metrics.catalogue import KINDS, SCORE_RANGES
from metrics.drift.data_quality import (
    COMPANIONS,
    Companion,
    collapsed,
    index,
    is_myopic,
    is_silent,
    mix_shifted,
    share_rose,
)
from metrics.drift.rhythm import expected_between, rhythm_of
from metrics.drift.subjects import Observation
from metrics.durations import HOUR_S
from metrics.figures.balances import Balance
from metrics.registry import COMPANY, UNOWNED
from streams.drift import observations
from streams.drift.observations import Row
from streams.figures import snapshot
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

WEEK: Final = timedelta(days=7)
REFERENCE_PERIOD: Final = timedelta(days=28)
LONG_AGO: Final = timedelta(days=56)
"""What myopia compares with: the long-term index moves slowly."""

_HOURS: Final = """
SELECT touchpoint, intDiv(toUnixTimestamp(minute), 3600) * 3600 + 3600 AS end_s, sum(n) AS events
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY touchpoint, end_s ORDER BY touchpoint, end_s
"""

States = Mapping[tuple[Companion, str], bool]


def companions(store: Store, compiled: CompiledRegistry, at: datetime) -> States:
    """Whether each companion speaks at an instant, by companion and department; company-wide ones under `company`."""
    end_s, week_s, begin_s = (int(moment.timestamp()) for moment in (at, at - WEEK, at - WEEK - REFERENCE_PERIOD))
    before = observations.rows(store, compiled.attribution, KINDS, begin_s, week_s)
    after = observations.rows(store, compiled.attribution, KINDS, week_s, end_s)
    departments = [department.id for department in compiled.registry.departments]
    speaks: defaultdict[tuple[Companion, str], bool] = defaultdict(bool)
    owned_before, owned_after = _by_owner(before), _by_owner(after)
    counts = (sum(owned_before.values()), owned_before[UNOWNED], sum(owned_after.values()), owned_after[UNOWNED])
    speaks["unowned_share", COMPANY] = share_rose(*counts)
    speaks["owner_mix", COMPANY] = mix_shifted(owned_before, owned_after)
    answers_before, answers_after = (_by_owner(rows, answers=True) for rows in (before, after))
    for department in departments:
        speaks["sample", department] = collapsed(answers_before[department], answers_after[department])
    for touchpoint in _silent(store, begin_s, end_s):
        for owner in {row.owner for row in before if row.combination.touchpoint == touchpoint}:
            speaks["silent_touchpoint", owner] = True
    for department in _myopic(store, compiled, at, departments):
        speaks["myopia", department] = True
    company_wide = ("unowned_share", "owner_mix")
    return {
        (companion, name): speaks[companion, name]
        for companion in COMPANIONS
        for name in ([COMPANY] if companion in company_wide else departments)
    }


def _by_owner(rows: Sequence[Row], *, answers: bool = False) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        if not answers or row.combination.kind in SCORE_RANGES:
            found[row.owner] += row.tally.n
    return found


def _silent(store: Store, begin_s: int, end_s: int) -> list[str]:
    """Touchpoints that have sent nothing for longer than their own rhythm makes likely."""
    steps: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in store.query(_HOURS, {"since": begin_s, "until": end_s}):
        steps[row["touchpoint"]].append(Observation(row["end_s"], 0, float(row["events"])))
    found = []
    for touchpoint, hours in steps.items():
        last_s = hours[-1].end_s
        # The rhythm of four weeks up to its last hour: the silence itself is no part of it.
        rhythm = rhythm_of(
            hours, max(begin_s, last_s - int(REFERENCE_PERIOD.total_seconds())) // HOUR_S * HOUR_S, last_s
        )
        if last_s - begin_s >= WEEK.total_seconds() and is_silent(expected_between(rhythm, last_s, end_s)):
            found.append(touchpoint)
    return found


def _myopic(store: Store, compiled: CompiledRegistry, at: datetime, departments: Sequence[str]) -> list[str]:
    figures = [
        snapshot.compute(store, compiled, instant, ["as_was"]).balances["as_was"] for instant in (at - LONG_AGO, at)
    ]
    return [department for department in departments if _is_myopic(compiled, department, figures)]


def _is_myopic(compiled: CompiledRegistry, department: str, figures: Sequence[Sequence[Balance]]) -> bool:
    targets = compiled.registry.targets
    short_before, short_now = (index(rows, department, targets, "short") for rows in figures)
    long_before, long_now = (index(rows, department, targets, "long") for rows in figures)
    if short_before is None or short_now is None or long_before is None or long_now is None:
        return False
    return is_myopic((short_before, short_now), (long_before, long_now))

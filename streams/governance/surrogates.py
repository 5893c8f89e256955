"""How much short-term metrics foretell long-term ones, from the weeks in the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from metrics.drift.subjects import EMPTY_TALLY, Tally
from metrics.durations import WEEK_S
from metrics.governance.weeks import (
    EVERY_WEEKS,
    FIRST_MONDAY_S,
    Part,
    SurrogatesBy,
    busiest,
    is_logarithmic,
    rise,
    weekly_figures,
    whole_weeks,
)
from metrics.registry import COMPANY, UNOWNED
from streams.drift.observations import TallyRow
from streams.figures.names import Numbered, numbering
from streams.registry.file import CompiledRegistry
from streams.runtime.lazy import lazy
from streams.store.client import Store
from streams.store.statements import query
from streams.timestamps import rfc3339

if TYPE_CHECKING:
    from metrics.governance.surrogates import Range, SurrogatePair, Surrogates, read_surrogates
else:
    # Loads numpy.
    read_surrogates = lazy("metrics.governance.surrogates:read_surrogates")


class WeekSums(TallyRow):
    """Sums of a week, by its number, of events of one kind that have one owner."""

    week: int
    place: int
    segment_number: int
    region_number: int


_WEEKS: Final = query(__package__, "weeks", WeekSums)


@dataclass(frozen=True, slots=True)
class SurrogatesOfWeeks:
    """Surrogates, and the weeks that they are of.

    Attributes:
        since: Start of the first week, a Monday.
        until: End of the last one.
        by: Whether short-term metrics are those of departments or of their touchpoints.
        found: What short-term metrics say about long-term ones.
    """

    since: datetime
    until: datetime
    by: SurrogatesBy
    found: "Surrogates"


def compute(
    store: Store, compiled: CompiledRegistry, at: datetime, by: SurrogatesBy = "department"
) -> SurrogatesOfWeeks:
    """What is known at an instant, from the whole weeks before it.

    A department is what it owns at the instant, in all weeks: a change of owner is no movement of a metric. By
    touchpoint, the busiest ones are looked at.
    """
    at_s = int(at.timestamp())
    first, end = whole_weeks(max(0, at_s - EVERY_WEEKS * WEEK_S), at_s)
    since_s, until_s = (max(0, FIRST_MONDAY_S + number * WEEK_S) for number in (first, end))
    # By touchpoint what the registry declares counts apart, else only what its rules do.
    apart = numbering(compiled.names if by == "touchpoint" else compiled.attribution.names)
    tallies = _tallies(store, compiled, apart, (first, end), at_s)
    shown = {"", *(busiest(tallies) if by == "touchpoint" else ())}
    figures = weekly_figures({part: weeks for part, weeks in tallies.items() if part.touchpoint in shown})
    found = read_surrogates(figures, by == "touchpoint")
    return SurrogatesOfWeeks(datetime.fromtimestamp(since_s, UTC), datetime.fromtimestamp(until_s, UTC), by, found)


def _tallies(
    store: Store, compiled: CompiledRegistry, apart: Numbered, reach: tuple[int, int], at_s: int
) -> dict[Part, list[dict[str, Tally]]]:
    """By department, and for the company, the tallies of each week by kind, also of each touchpoint by itself.

    They begin with the first week that has any.
    """
    first, end = reach
    span = {name: FIRST_MONDAY_S + number * WEEK_S for name, number in (("since", first), ("until", end))}
    parameters = {name: max(0, at) for name, at in span.items()} | {"monday": FIRST_MONDAY_S, "width": WEEK_S}
    rows = store.fetch(_WEEKS, parameters, **apart.fragments)
    begin = min((row.week for row in rows), default=end)
    tallies: dict[Part, list[dict[str, Tally]]] = {}
    for row in rows:
        called = apart.called(row.place, row.segment_number, row.region_number)
        owner = compiled.attribution.owner(*called, row.event_kind, at_s)
        for name, touchpoint in product((COMPANY, owner), ("", called[0])):
            if name != UNOWNED:
                kinds = tallies.setdefault(Part(name, touchpoint), [{} for _ in range(end - begin)])[row.week - begin]
                kinds[row.event_kind] = kinds.get(row.event_kind, EMPTY_TALLY).plus(row.tally)
    return tallies


def as_json(surrogates_: SurrogatesOfWeeks, department: str | None = None) -> dict[str, Any]:
    """Surrogates as JSON has them, of all departments or of one; figures that are not known are null."""
    found = surrogates_.found
    return {
        "from": rfc3339(surrogates_.since),
        "to": rfc3339(surrogates_.until),
        "by": surrogates_.by,
        "weeks": found.weeks,
        "tested": found.tested,
        "pairs": [_pair(pair) for pair in found.pairs if department in (None, pair.department)],
        "indices": [
            {
                "department": index.department,
                "long": index.long,
                "shorts": list(index.shorts),
                "touchpoints": list(index.touchpoints),
                "skill": index.skill,
            }
            for index in found.indices
            if department in (None, index.department)
        ],
    }


def _pair(pair: "SurrogatePair") -> Mapping[str, Any]:
    lag, first, last = pair.lag or (None, None, None)
    return {
        "department": pair.department,
        "touchpoint": pair.touchpoint,
        "short": pair.short,
        "long": pair.long,
        "reading": pair.reading,
        "reason": pair.reason,
        "weeks": pair.weeks,
        "forecasts": pair.forecasts,
        "skill": pair.skill,
        "p": pair.p,
        "lag_weeks": lag,
        "lag_weeks_low": first,
        "lag_weeks_high": last,
        "rise": rise(pair.short),
        "rise_unit": _unit(pair.short),
        "effect_unit": _unit(pair.long),
        **_range("effect", pair.effect),
        "recent": pair.recent,
        **_range("expected", pair.expected),
    }


def _unit(metric: str) -> str:
    return "percent" if is_logarithmic(metric) else "points"


def _range(name: str, figure: "Range | None") -> dict[str, float | None]:
    value, low, high = figure or (None, None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}

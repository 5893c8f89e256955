"""Groups: the decayed sums of all cells up to an instant, by day where that is exact and by minute where not."""

from collections.abc import Sequence
from typing import Final

from metrics.durations import DAY_S
from metrics.figures.balances import Group
from metrics.figures.days import HALF_LIVES_COUNTED, between, spans
from metrics.figures.sums import NEGLIGIBLE_WEIGHT, Sums
from metrics.registry import Horizons
from metrics.registry.names import Names
from streams.figures.days import half_lives, usable_at
from streams.figures.names import numbering
from streams.store.client import Store
from streams.store.statements import Row, query, ranges


class GroupSums(Row):
    """Sums of the cells of one combination within one ownership period; `minute_s` is the first minute with a cell.

    `place`, `segment_number` and `region_number` are as in streams.figures.names.Numbered.

    The fields after it are those of metrics.figures.sums.Sums, for each horizon.
    """

    ownership_period: int
    place: int
    segment_number: int
    region_number: int
    kind: str
    minute_s: int
    short_n: int
    long_n: int
    short_w: float
    short_w2: float
    short_promoters: float
    short_detractors: float
    short_satisfied: float
    short_score: float
    short_score_sq: float
    long_w: float
    long_w2: float
    long_promoters: float
    long_detractors: float
    long_satisfied: float
    long_score: float
    long_score_sq: float


_BY_MINUTE: Final = query(__package__, "groups_by_minute", GroupSums)
_BY_DAY: Final = query(__package__, "groups_by_day", GroupSums)


def groups(store: Store, at_s: float, boundaries: Sequence[int], horizons: Horizons, names: Names) -> list[Group]:
    """Sums of all cells up to an instant, in the ownership periods that a registry makes.

    Args:
        store: The store.
        at_s: The instant, epoch seconds.
        boundaries: Instants at which an owner may change, epoch seconds, ascending.
        horizons: Half-lives, seconds. With others than the service's own no day is folded, and all is read by minute.
        names: What counts by itself, and so how many groups there can be, whatever events name.

    Returns:
        A combination may occur more than once in an ownership period, by day and by minute: the parts add up.
    """
    parameters = half_lives(horizons) | {
        "at": at_s,
        "boundaries": list(boundaries),
        "negligible": NEGLIGIBLE_WEIGHT,
        "counted": float(HALF_LIVES_COUNTED),
    }
    apart = numbering(names)
    folded = spans(usable_at(store, at_s, boundaries, horizons))
    by_minute = ranges("minute_at_s", (_seconds(first, last) for first, last in between(folded)))
    rows = store.fetch(_BY_MINUTE, parameters, spans=by_minute, **apart.fragments)
    if folded:
        by_day = ranges("day_number", ((first, last + 1) for first, last in folded))
        rows += store.fetch(_BY_DAY, parameters, spans=by_day, **apart.fragments)
    return [_group(row, *apart.called(row.place, row.segment_number, row.region_number)) for row in rows]


def _seconds(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """Where days begin and end, epoch seconds; `last` is one of them."""
    return None if first is None else first * DAY_S, None if last is None else (last + 1) * DAY_S


def _group(row: GroupSums, touchpoint: str, segment: str, region: str) -> Group:
    short = Sums(
        row.short_n, row.short_w, row.short_w2, row.short_promoters, row.short_detractors, row.short_satisfied,
        row.short_score, row.short_score_sq, row.minute_s,
    )  # fmt: skip
    long = Sums(
        row.long_n, row.long_w, row.long_w2, row.long_promoters, row.long_detractors, row.long_satisfied,
        row.long_score, row.long_score_sq, row.minute_s,
    )  # fmt: skip
    return Group(touchpoint, segment, region, row.kind, row.minute_s, {"short": short, "long": long})

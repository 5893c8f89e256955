"""Groups: the decayed sums of all cells up to an instant, by day where that is exact and by minute where not."""

from collections.abc import Sequence
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.durations import DAY_S
from metrics.figures.balances import Group
from metrics.figures.days import HALF_LIVES_COUNTED, between, spans
from metrics.figures.sums import NEGLIGIBLE_WEIGHT, Sums
from metrics.registry import Horizons
from streams.figures.days import COUNT, WEIGHTED, usable_at
from streams.store.client import Store

_MINUTES: Final = """
SELECT arrayCount(b -> b <= toUnixTimestamp(minute), {{boundaries:Array(Int64)}}) as ownership_period,
    touchpoint, segment, region, kind, toUnixTimestamp(min(minute)) AS minute_s,
    sumIf(c, w_short > {{negligible:Float64}}) AS short_n, sumIf(c, w_long > {{negligible:Float64}}) AS long_n,
    {sums}
FROM
(
    SELECT *, {count} AS c,
        exp2(-({{at:Float64}} - toUnixTimestamp(minute)) / {{short_s:Float64}}) AS w_short,
        exp2(-({{at:Float64}} - toUnixTimestamp(minute)) / {{long_s:Float64}}) AS w_long
    FROM cells FINAL
    WHERE n > 0 AND toUnixTimestamp(minute) <= {{at:Float64}} AND ({{span}})
)
GROUP BY ownership_period, touchpoint, segment, region, kind
"""
_DAYS: Final = """
SELECT arrayCount(b -> b <= starts, {{boundaries:Array(Int64)}}) as ownership_period,
    touchpoint, segment, region, kind, toUnixTimestamp(min(first_minute)) AS minute_s,
    sumIf(n, age < {{counted:Float64}} * {{short_s:Float64}}) AS short_n,
    sumIf(n, age < {{counted:Float64}} * {{long_s:Float64}}) AS long_n,
    {sums}
FROM
(
    SELECT *, toUInt32(toUInt16(day)) * 86400 AS starts, {{at:Float64}} - starts AS age,
        exp2(-(age - 86400) / {{short_s:Float64}}) AS w_short, exp2(-(age - 86400) / {{long_s:Float64}}) AS w_long
    FROM day_cells FINAL
    WHERE short_s = {{short_s:Float64}} AND long_s = {{long_s:Float64}} AND n > 0 AND ({{span}})
) AS days
GROUP BY ownership_period, touchpoint, segment, region, kind
"""


_FIELDS: Final = [(horizon, name) for horizon in HORIZONS for name in WEIGHTED]
_MINUTES_SQL: Final = _MINUTES.format(
    count=COUNT,
    sums=", ".join(f"sum({WEIGHTED[name].format(h=horizon)}) AS {horizon}_{name}" for horizon, name in _FIELDS),
)
# One factor carries a day's sum from the day's end to the instant; squared weights take its square.
_DAYS_SQL: Final = _DAYS.format(
    sums=", ".join(
        f"sum(w_{horizon} * {f'w_{horizon} * ' if name == 'w2' else ''}days.{horizon}_{name}) AS {horizon}_{name}"
        for horizon, name in _FIELDS
    ),
)


def groups(store: Store, at_s: float, boundaries: Sequence[int], horizons: Horizons) -> list[Group]:
    """Sums of all cells up to an instant, in the ownership periods that a registry makes.

    Args:
        store: The store.
        at_s: The instant, epoch seconds.
        boundaries: Instants at which an owner may change, epoch seconds, ascending.
        horizons: Half-lives, seconds. With others than the service's own no day is folded, and all is read by minute.

    Returns:
        A combination may occur more than once in an ownership period, by day and by minute: the parts add up.
    """
    parameters = {
        "at": at_s,
        "boundaries": list(boundaries),
        "negligible": NEGLIGIBLE_WEIGHT,
        "counted": float(HALF_LIVES_COUNTED),
        "short_s": horizons.short_s,
        "long_s": horizons.long_s,
    }
    folded = spans(usable_at(store, at_s, boundaries, horizons))
    by_day = " OR ".join(f"toUInt16(day) BETWEEN {first} AND {last}" for first, last in folded)
    by_minute = " OR ".join(_minutes(first, last) for first, last in between(folded))
    rows = store.query(_MINUTES_SQL.replace("{span}", by_minute), parameters)
    if folded:
        rows += store.query(_DAYS_SQL.replace("{span}", by_day), parameters)
    return [_group(row) for row in rows]


def _minutes(first: int | None, last: int | None) -> str:
    since = f"minute >= toDateTime({first * DAY_S}, 'UTC')" if first is not None else "true"
    until = f"minute < toDateTime({(last + 1) * DAY_S}, 'UTC')" if last is not None else "true"
    return f"({since} AND {until})"


def _group(row: dict[str, Any]) -> Group:
    def sums(horizon: Horizon) -> Sums:
        weighted = {name: row[f"{horizon}_{name}"] for name in WEIGHTED}
        return Sums(n=row[f"{horizon}_n"], first=row["minute_s"], **weighted)

    return Group(
        touchpoint=row["touchpoint"],
        segment=row["segment"],
        region=row["region"],
        kind=row["kind"],
        minute_s=row["minute_s"],
        sums={horizon: sums(horizon) for horizon in HORIZONS},
    )

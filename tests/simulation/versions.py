"""What the statements do that read the clock and versions, on tables in memory."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from tests.simulation.statements import Fragments, Parameters, Rows, Tables, at, minute_of, number, us
from tests.simulation.tables import Row

LEAST_US: Final = 1


def _greatest(rows: Iterable[Row], version: str, least_us: int = 0) -> int:
    return max((row[version] for row in rows if row[version] >= least_us), default=0)


def latest_versions(tables: Tables, parameters: Parameters, _: Fragments, now_us: int) -> Rows:
    known = us(parameters["known"])
    refreshed = _greatest(tables["refreshes"].rows, "upto", known)
    landed = _greatest(tables["events"].rows, "ingested_at", max(known, refreshed))
    return [(at(now_us), at(refreshed), at(landed))]


def rejected_versions(tables: Tables, parameters: Parameters, _: Fragments, now_us: int) -> Rows:
    between = [
        row
        for row in tables["rejected"].rows
        if row["topic"] in parameters["topics"] and parameters["first"] <= row["offset"] <= parameters["last"]
    ]
    return [(at(now_us), at(_greatest(between, "rejected_at")))]


def begin_folds(tables: Tables, parameters: Parameters, _: Fragments, now_us: int) -> Rows:
    dates = {number(day) for day in parameters["dates"]}
    marked, folded = (
        _greatest((row for row in tables[table].rows if row["day"] in dates), version)
        for table, version in (("day_folds", "marked_at"), ("day_cells", "folded_at"))
    )
    return [(at(max(now_us, marked + LEAST_US, folded + LEAST_US)),)]


def landed_minutes(tables: Tables, parameters: Parameters, *_: Any) -> Rows:
    latest: dict[int, int] = {}
    for fact in tables["events"].rows:
        if fact["ingested_at"] >= us(parameters["since"]):
            latest[minute_of(fact)] = max(fact["ingested_at"], latest.get(minute_of(fact), 0))
    ordered = sorted(latest, key=lambda minute: latest[minute], reverse=True)
    return [(minute, int(latest[minute] > us(parameters["settled"]))) for minute in ordered]


def minutes_to_rebuild(tables: Tables, parameters: Parameters, *_: Any) -> Rows:
    first, last = (us(parameters[name]) // 1_000_000 for name in ("first", "last"))
    minutes = {minute_of(row) for row in tables["events"].rows} | {row["minute"] for row in tables["cells"].rows}
    return [(minute,) for minute in sorted(minutes) if first <= minute < last]


def unknown_names(*_: Any) -> Rows:
    return [(0, 0, 0)]  # a series, on which nothing else depends


CLOCKED: Final[Mapping[str, Callable[[Tables, Parameters, Fragments, int], Rows]]] = {
    read.__name__: read
    for read in (
        latest_versions, rejected_versions, begin_folds, landed_minutes, minutes_to_rebuild, unknown_names,
    )
}  # fmt: skip

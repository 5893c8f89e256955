"""What each statement of the service does, on tables in memory. test_conformance.py holds this to the real engine.

Instants are microseconds since 1970, minutes are seconds, days are days, `occurred_at` is milliseconds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from metrics.durations import DAY_S
from streams.timestamps import EPOCH
from tests.simulation.answers import copy_repeats, mark_copied, mismatched_answers, recompute_answers
from tests.simulation.tables import Row, Table
from tests.simulation.values import Fragments, Parameters, Rows, Tables, at, later, listed, minute_of, number, us

CELL: Final = ("minute", "touchpoint", "segment", "region", "kind")
DAY_CELL: Final = ("short_s", "long_s", "day", "touchpoint", "segment", "region", "kind")
COUNTED: Final = ("awareness", "visit")


def cells_of(facts: Iterable[Row]) -> dict[tuple[Any, ...], list[int]]:
    """What a recount of facts gives: n, sum of scores, sum of counts, by cell."""
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for fact in facts:
        found = sums[(minute_of(fact), fact["touchpoint"], fact["segment"], fact["region"], fact["kind"])]
        found[0] += 1
        found[1] += fact["score"] or 0
        found[2] += fact["count"]
    return sums


def day_cells_of(cells: Iterable[Row], short_s: float) -> dict[tuple[Any, ...], list[float]]:
    """What folding cells gives: n and the sum of short weights, by day cell without its half-lives."""
    sums: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0, 0.0])
    for cell in cells:
        day = cell["minute"] // DAY_S
        counted = cell["sum_count"] if cell["kind"] in COUNTED else cell["n"]
        found = sums[(day, cell["touchpoint"], cell["segment"], cell["region"], cell["kind"])]
        found[0] += counted
        found[1] += counted * 2 ** (-((day + 1) * DAY_S - cell["minute"]) / short_s)
    return sums


def _half_lives(parameters: Parameters) -> tuple[float, float]:
    return parameters["short_s"], parameters["long_s"]


def _of_horizons(table: Table, parameters: Parameters) -> list[Row]:
    wanted = _half_lives(parameters)
    return [row for row in table.final.values() if (row["short_s"], row["long_s"]) == wanted]


def changed_minutes(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    new, since = us(parameters["new"]), us(parameters["since"])
    latest: dict[int, int] = {}
    for fact in tables["events"].rows:
        if fact["ingested_at"] >= since:
            minute = minute_of(fact)
            latest[minute] = max(fact["ingested_at"], latest.get(minute, 0))
    recent = sorted(minute for minute, ingested in latest.items() if ingested >= new)
    return [(recent, sorted(latest.keys() - set(recent)))]


def refreshed_upto(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    rows = sorted(tables["refreshes"].rows, key=lambda row: row["upto"], reverse=True)[: parameters["notes"]]
    if not rows:
        return [(EPOCH, EPOCH, EPOCH, 0)]
    return [(at(rows[0]["upto"]), at(rows[0]["finished_at"]), at(rows[-1]["upto"]), len(rows))]


def landed_minutes(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    since, settled = us(parameters["since"]), us(parameters["settled"])
    facts = sorted(tables["events"].rows, key=lambda row: row["ingested_at"])
    latest = {minute_of(fact): fact["ingested_at"] for fact in facts if fact["ingested_at"] >= since}
    return [(minute, int(ingested > settled)) for minute, ingested in latest.items()]


def combinations_by_day(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    days = {number(day) for day in parameters["dates"]}
    found: dict[int, set[Any]] = defaultdict(set)
    for cell in tables["cells"].rows:
        if cell["minute"] // DAY_S in days:
            found[cell["minute"] // DAY_S].add(tuple(cell[name] for name in CELL[1:]))
    return [(day, len(combinations)) for day, combinations in found.items()]


def clean_days(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    folded = [row for row in _of_horizons(tables["day_folds"], parameters) if row["clean"]]
    return [([row["day"] for row in folded], [row["marked_at"] for row in folded])]


def first_cell_day(tables: Tables, *_: Any) -> Rows:
    minutes = [row["minute"] for row in tables["cells"].rows]
    return [(min(minutes, default=0) // DAY_S, int(bool(minutes)))]


def hidden_copies(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    first, facts = us(parameters["first"]) // 1000, tables["events"]
    shown = sum(row["occurred_at"] >= first for row in facts.final.values())
    return [(sum(row["occurred_at"] >= first for row in facts.rows) - shown,)]


def minutes_to_rebuild(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    first, last = (us(parameters[name]) // 1_000_000 for name in ("first", "last"))
    minutes = {minute_of(row) for row in tables["events"].rows} | {row["minute"] for row in tables["cells"].rows}
    return [(minute,) for minute in sorted(minutes) if first <= minute < last]


def mismatched_minutes(tables: Tables, _: Parameters, fragments: Fragments) -> Rows:
    minutes = listed(fragments, "minutes")
    facts = [row for row in tables["events"].final.values() if minute_of(row) in minutes]
    counted = {key: tuple(sums) for key, sums in cells_of(facts).items()}
    cells = {
        tuple(row[name] for name in CELL): (row["n"], row["sum_score"], row["sum_count"])
        for row in tables["cells"].final.values()
        if row["minute"] in minutes and row["n"]
    }
    differing = {key for key in counted.keys() | cells.keys() if counted.get(key) != cells.get(key)}
    return [(sorted({key[0] for key in differing}),)]


def edition(tables: Tables, *_: Any) -> Rows:
    return [(max((row["edition"] for row in tables["editions"].rows), default=0), int(bool(tables["cells"].rows)))]


def unknown_names(*_: Any) -> Rows:
    return [(0, 0, 0)]  # a series, of which nothing else depends


def damaged_parts(*_: Any) -> Rows:
    return []  # its disk is whole, and it has no figures


def _about(tables: Tables, table: str, parameters: Parameters) -> list[Row]:
    return [row for row in tables[table].final.values() if row["customer"] in parameters["hashes"]]


def count_facts(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    return [(len(_about(tables, "events", parameters)),)]


def count_erased(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    notes = [row["erased_at"] // 1000 for row in _about(tables, "erased", parameters)]
    return [(len(notes), max(notes, default=0))]


def minutes_counted_too_high(tables: Tables, *_: Any) -> Rows:
    facts: dict[int, int] = defaultdict(int)
    for fact in tables["events"].final.values():
        facts[minute_of(fact)] += 1
    for cell in tables["cells"].final.values():
        facts[cell["minute"]] -= cell["n"]
    return [(minute,) for minute, more in sorted(facts.items()) if more < 0]


def latest_of_person(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    ends = [row["occurred_at"] for row in tables["events"].rows if row["customer"] in parameters["hashes"]]
    return [(len(ends), max(ends, default=0))]


def count_rejected(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    return [(len(_about(tables, "rejected", parameters)),)]


def minutes_of_person(tables: Tables, parameters: Parameters, _: Fragments) -> Rows:
    facts = [row for row in tables["events"].rows if row["customer"] in parameters["hashes"]]
    return [(minute,) for minute in sorted({minute_of(fact) for fact in facts})]


def _greatest(rows: Iterable[Row], column: str) -> int:
    return max((row[column] for row in rows), default=0)


def latest_versions(tables: Tables, parameters: Parameters, now_us: int) -> Rows:
    known = us(parameters["known"])
    refreshed = _greatest((row for row in tables["refreshes"].rows if row["upto"] >= known), "upto")
    facts = (row for row in tables["events"].rows if row["ingested_at"] >= max(known, refreshed))
    return [(at(now_us), at(refreshed), at(_greatest(facts, "ingested_at")))]


def rejected_versions(tables: Tables, parameters: Parameters, now_us: int) -> Rows:
    first, last, topics = parameters["first"], parameters["last"], parameters["topics"]
    rows = (row for row in tables["rejected"].rows if row["topic"] in topics and first <= row["offset"] <= last)
    return [(at(now_us), at(_greatest(rows, "rejected_at")))]


def begin_folds(tables: Tables, parameters: Parameters, now_us: int) -> Rows:
    days = {number(day) for day in parameters["dates"]}
    marks = (row for row in tables["day_folds"].rows if row["day"] in days)
    cells = [row for row in _of_horizons(tables["day_cells"], parameters) if row["day"] in days]
    return [(at(later(now_us, _greatest(marks, "marked_at") + 1, _greatest(cells, "folded_at") + 1)),)]


def store_time(_: Tables, __: Parameters, now_us: int) -> Rows:
    return [(at(now_us),)]


def recompute_cells(tables: Tables, parameters: Parameters, fragments: Fragments, now_us: int) -> list[Row]:
    minutes = listed(fragments, "minutes")
    sums = cells_of(row for row in tables["events"].final.values() if minute_of(row) in minutes)
    versions: dict[tuple[Any, ...], int] = defaultdict(int)
    for cell in tables["cells"].final.values():
        if cell["minute"] in minutes:
            key = tuple(cell[name] for name in CELL)
            versions[key] = cell["refreshed_at"] + parameters["step"]
            if cell["n"]:
                sums[key]  # a zero where no fact is left
    seen_us = us(parameters["seen"]) + 1
    return [
        dict(zip((*CELL, "n", "sum_score", "sum_count"), (*key, *values), strict=True))
        | {"refreshed_at": later(now_us, seen_us, versions[key])}
        for key, values in sums.items()
    ]


def fold_days(tables: Tables, parameters: Parameters, _: Fragments, __: int) -> list[Row]:
    days = {number(day) for day in parameters["dates"]}
    short_s, long_s = _half_lives(parameters)
    cells = [row for row in tables["cells"].final.values() if row["n"] and row["minute"] // DAY_S in days]
    sums = day_cells_of(cells, short_s)
    for row in _of_horizons(tables["day_cells"], parameters):
        if row["day"] in days and row["n"]:
            sums[tuple(row[name] for name in DAY_CELL[2:])]  # a zero where no cell is left
    folded_at = us(parameters["began"])
    return [
        dict(zip((*DAY_CELL, "n", "short_w"), (short_s, long_s, *key, *values), strict=True)) | {"folded_at": folded_at}
        for key, values in sums.items()
    ]


def mark_days(tables: Tables, _: Parameters, fragments: Fragments, now_us: int) -> list[Row]:
    days = listed(fragments, "days")
    return [
        {**row, "clean": 0, "marked_at": later(now_us, row["marked_at"] + 2)}
        for row in tables["day_folds"].final.values()
        if row["day"] in days
    ]


def note_folds(tables: Tables, parameters: Parameters, _: Fragments, __: int) -> list[Row]:
    days, began = {number(day) for day in parameters["dates"]}, us(parameters["began"])
    return [
        {**row, "clean": 1, "marked_at": began + 1}
        for row in _of_horizons(tables["day_folds"], parameters)
        if row["day"] in days and not row["clean"] and row["marked_at"] == began
    ]


CLOCKED: Final[Mapping[str, Callable[[Tables, Parameters, int], Rows]]] = {
    read.__name__: read for read in (store_time, latest_versions, rejected_versions, begin_folds)
}
READS: Final[Mapping[str, Callable[[Tables, Parameters, Fragments], Rows]]] = {
    read.__name__: read
    for read in (
        changed_minutes, refreshed_upto, clean_days, first_cell_day, hidden_copies, mismatched_minutes,
        count_erased, count_facts, count_rejected, latest_of_person, minutes_counted_too_high, minutes_of_person,
        minutes_to_rebuild, mismatched_answers, edition, unknown_names, damaged_parts, landed_minutes,
        combinations_by_day,
    )
} | dict.fromkeys(("saved_snapshots", "day_states", "balances_at", "scorecards_at"), damaged_parts) | {
    "erased": lambda tables, *_: [
        (row["customer"], row["erased_at"] // 1000) for row in tables["erased"].final.values()
    ]
}  # fmt: skip
WRITES: Final[Mapping[str, tuple[str, Callable[[Tables, Parameters, Fragments, int], list[Row]]]]] = {
    "recompute_cells": ("cells", recompute_cells),
    "recompute_answers": ("answers", recompute_answers),
    "copy_repeats": ("repeat_answers", copy_repeats),
    "mark_copied": ("repeat_answers", mark_copied),
    "fold_days": ("day_cells", fold_days),
    "mark_days": ("day_folds", mark_days),
    "note_folds": ("day_folds", note_folds),
}
DELETES: Final[Mapping[str, str]] = {
    "erase_facts": "events", "erase_rejected": "rejected", "erase_answers": "answers",
    "erase_repeat_answers": "repeat_answers",
}  # fmt: skip

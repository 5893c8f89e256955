"""Answers by customer, as tests.simulation.statements has cells: on tables in memory."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from tests.simulation.tables import Row, Table
from tests.simulation.values import Fragments, Parameters, Rows, Tables, later, listed, minute_of, us

ANSWER: Final = ("customer", "metric", "kind", "minute", "touchpoint", "segment", "region")
METRIC_OF: Final = {
    "nps": "nps", "csat": "csat", "ces": "ces", "conversion": "repeat_rate", "repeat_purchase": "repeat_rate",
    "renewal": "retention", "churn": "retention",
}  # fmt: skip


def answers_of(facts: Iterable[Row]) -> dict[tuple[Any, ...], int]:
    """How many answers and purchases facts are, by customer and cell."""
    counts: dict[tuple[Any, ...], int] = defaultdict(int)
    for fact in facts:
        if fact["kind"] in METRIC_OF and fact["customer"]:
            where = fact["touchpoint"], fact["segment"], fact["region"]
            counts[(fact["customer"], METRIC_OF[fact["kind"]], fact["kind"], minute_of(fact), *where)] += 1
    return counts


def shown_answers(table: Table) -> dict[tuple[Any, ...], int]:
    """What a table of answers shows."""
    return {tuple(row[name] for name in ANSWER): row["n"] for row in table.final.values() if row["n"]}


def mismatched_answers(tables: Tables, _: Parameters, fragments: Fragments) -> Rows:
    minutes = listed(fragments, "minutes")
    counted = answers_of(row for row in tables["events"].final.values() if minute_of(row) in minutes)
    shown = {key: n for key, n in shown_answers(tables["answers"]).items() if key[3] in minutes}
    return [(sorted({key[3] for key in counted.keys() | shown.keys() if counted.get(key) != shown.get(key)}),)]


def recompute_answers(tables: Tables, parameters: Parameters, fragments: Fragments, now_us: int) -> list[Row]:
    minutes = listed(fragments, "minutes")
    counts = answers_of(row for row in tables["events"].final.values() if minute_of(row) in minutes)
    versions: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in tables["answers"].final.values():
        if row["minute"] in minutes:
            key = tuple(row[name] for name in ANSWER)
            versions[key] = row["refreshed_at"] + parameters["step"]
            if row["n"]:
                counts.setdefault(key, 0)  # a zero where no fact is left
    seen_us = us(parameters["seen"]) + 1
    return [
        dict(zip((*ANSWER, "n"), (*key, n), strict=True)) | {"refreshed_at": later(now_us, seen_us, versions[key])}
        for key, n in counts.items()
    ]


def copy_repeats(tables: Tables, _: Parameters, fragments: Fragments, __: int) -> list[Row]:
    minutes, answers = listed(fragments, "minutes"), list(tables["answers"].final.values())
    touched = {_of(row) for row in answers if row["minute"] in minutes}
    copied = {_of(row) for row in tables["repeat_answers"].rows if _is_mark(row)}
    counts: dict[Any, list[int]] = defaultdict(list)
    for row in answers:
        counts[_of(row)].append(row["n"])
    once_had = {_of(row) for row in tables["repeat_answers"].rows}
    several = {key for key, ns in counts.items() if len(ns) > 1 or sum(ns) > 1} | once_had
    return [
        row for row in answers if _of(row) in touched & several and (row["minute"] in minutes or _of(row) not in copied)
    ]


def mark_copied(tables: Tables, _: Parameters, fragments: Fragments, now_us: int) -> list[Row]:
    minutes, answers = listed(fragments, "minutes"), list(tables["answers"].final.values())
    rows = list(tables["repeat_answers"].final.values())
    candidates = {_of(row) for row in answers if row["minute"] in minutes} & {_of(row) for row in rows}
    candidates -= {_of(row) for row in rows if _is_mark(row)}
    missing = {_of(row) for row in answers if row not in rows} | {
        _of(row) for row in rows if row not in answers and not _is_mark(row)
    }
    nothing = {"kind": "conversion", "minute": 0, "touchpoint": "", "segment": "", "region": "", "n": 0}
    return [
        {"customer": customer, "metric": metric, **nothing, "refreshed_at": now_us}
        for customer, metric in candidates - missing
    ]


def _of(row: Row) -> tuple[Any, Any]:
    return row["customer"], row["metric"]


def _is_mark(row: Row) -> bool:
    return bool(row["minute"] == 0 and not row["touchpoint"])

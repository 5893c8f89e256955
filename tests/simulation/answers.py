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
    touched = {row["customer"] for row in answers if row["minute"] in minutes}
    counts: dict[Any, list[int]] = defaultdict(list)
    for row in answers:
        counts[row["customer"], row["metric"]].append(row["n"])
    once_had = {(row["customer"], row["metric"]) for row in tables["repeat_answers"].rows}
    several = {key for key, ns in counts.items() if len(ns) > 1 or sum(ns) > 1} | once_had
    return [row for row in answers if row["customer"] in touched and (row["customer"], row["metric"]) in several]

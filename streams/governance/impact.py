"""What another registry would change in effect: events that would change hands, and figures that would move."""

from collections import Counter
from typing import Any

from metrics.figures.balances import Balance
from streams.figures.snapshot import compute
from streams.governance import statements as sql
from streams.governance.counting import Question, asked, owner_of
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

Row = dict[str, Any]


def moved_events(store: Store, before: CompiledRegistry, after: CompiledRegistry, question: Question) -> list[Row]:
    """A row for each touchpoint and pair of owners: how many events of the period would change hands, most first."""
    moved: Counter[tuple[str, str, str]] = Counter()
    for row in store.query(sql.COMBINATIONS, asked([before, after], question)):
        old, new = (owner_of(row, compiled, question) for compiled in (before, after))
        if old != new and row["n"]:
            moved[row["touchpoint_"], old, new] += row["n"]
    return [
        {"what": "events", "which": touchpoint, "before": old, "after": new, "n": n}
        for (touchpoint, old, new), n in sorted(moved.items(), key=lambda item: (-item[1], item[0]))
    ]


def moved_balances(store: Store, before: CompiledRegistry, after: CompiledRegistry, question: Question) -> list[Row]:
    """A row for each figure at the end of the period that would be another one; None where there would be none."""
    old, new = (_figures(store, compiled, question) for compiled in (before, after))
    rows = []
    for which in dict.fromkeys((*old, *new)):
        one, other = old.get(which), new.get(which)
        values = [None if found is None else found.value for found in (one, other)]
        if values[0] != values[1]:
            n = max(found.n for found in (one, other) if found is not None)
            rows.append({"what": "balance", "which": " ".join(which), "before": values[0], "after": values[1], "n": n})
    return rows


def _figures(store: Store, compiled: CompiledRegistry, question: Question) -> dict[tuple[str, str, str], Balance]:
    rows = compute(store, compiled, question.at, (question.view,)).balances[question.view]
    return {(row.department, row.metric, row.horizon): row for row in rows}

"""What another registry would change in effect: events that would change hands, and figures that would move."""

from collections import Counter
from math import isclose
from typing import Final, NamedTuple, TypedDict

from metrics.figures.balances import Balance, View
from streams.figures.ownership import fact_owners
from streams.figures.snapshot import Snapshot, compute
from streams.governance.counting import Question, combination_parameters, distinguished, versions_in_view
from streams.governance.rows import COMBINATIONS
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

LAST_DIGITS: Final = 1e-9


class Move(TypedDict):
    """What would change: so many events from an owner to another, or a figure from a value to another.

    Attributes:
        what: events or balance.
        which: The touchpoint; or the department, the metric and the horizon.
        before: The owner or the value under the first registry.
        after: The same under the second.
        n: How many events; or how many observations the figure rests on.
    """

    what: str
    which: str
    before: str | float | None
    after: str | float | None
    n: int


class Impact(NamedTuple):
    """What another registry would change, with the figures that it would change from and to."""

    events: list[Move]
    balances: list[Move]
    before: Snapshot
    after: Snapshot


def impact(store: Store, before: CompiledRegistry, after: CompiledRegistry, question: Question) -> Impact:
    """Events and figures that another registry would move, and the figures under both."""
    old, new = (compute(store, compiled, question.at, (question.view,)) for compiled in (before, after))
    moves = _moves(old, new, question.view)
    return Impact(moved_events(store, before, after, question), moves, old, new)


def moved_events(store: Store, before: CompiledRegistry, after: CompiledRegistry, question: Question) -> list[Move]:
    """A row for each touchpoint and pair of owners: how many events of the period would change hands, most first."""
    moved: Counter[tuple[str, str, str]] = Counter()
    versions = (before, after)
    apart = distinguished(versions, store, question)
    owners = versions_in_view(versions, question)
    fragments = {"place": apart.place, "fact_owners": fact_owners(owners)}
    for row in store.fetch(COMBINATIONS, combination_parameters(versions, question), **fragments):
        old, new = (version.called(number) for version, number in zip(owners, row.owners, strict=True))
        if old != new and row.n:
            moved[apart.names.places[row.place], old, new] += row.n
    return [
        {"what": "events", "which": touchpoint, "before": old, "after": new, "n": n}
        for (touchpoint, old, new), n in sorted(moved.items(), key=lambda item: (-item[1], item[0]))
    ]


def moved_balances(store: Store, before: CompiledRegistry, after: CompiledRegistry, question: Question) -> list[Move]:
    """A row for each figure at the end of the period that would be another one; None where there would be none."""
    old, new = (compute(store, compiled, question.at, (question.view,)) for compiled in (before, after))
    return _moves(old, new, question.view)


def _moves(before: Snapshot, after: Snapshot, view: View) -> list[Move]:
    old, new = (_figures(snapshot, view) for snapshot in (before, after))
    moves: list[Move] = []
    for which in dict.fromkeys((*old, *new)):
        balances = old.get(which), new.get(which)
        values = [None if balance is None else balance.value for balance in balances]
        if not is_same_figure(*values):
            n = max(balance.n for balance in balances if balance is not None)
            moves.append({"what": "balance", "which": " ".join(which), "before": values[0], "after": values[1], "n": n})
    return moves


def is_same_figure(before: float | None, after: float | None) -> bool:
    """Whether two values are one figure: the store adds in an order of its own, so that last digits may differ."""
    if before is None or after is None:
        return before is after
    return isclose(before, after, rel_tol=LAST_DIGITS, abs_tol=LAST_DIGITS)


def _figures(snapshot: Snapshot, view: View) -> dict[tuple[str, str, str], Balance]:
    return {(row.department, row.metric, row.horizon): row for row in snapshot.balances[view]}

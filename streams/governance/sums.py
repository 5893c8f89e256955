"""The rows of governance's statements, added up to what metrics count by: names in place of numbers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from metrics.governance.cases import Case
from metrics.governance.counted import Scores
from metrics.governance.estimates import Moments
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from streams.governance.rows import CombinationRow, FactRow, PromoterRow, ScoreDay


def owned_and_sliced(
    combinations: Sequence[CombinationRow], owners: Sequence[str], called: Sequence[str]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str, str], int]]:
    """Events by touchpoint and owner, and by what rules tell apart; `called` are the touchpoints by their number."""
    owned: Counter[tuple[str, str]] = Counter()
    slices: Counter[tuple[str, str, str, str]] = Counter()
    for row, owner in zip(combinations, owners, strict=True):
        if row.n:
            owned[called[row.place], owner] += row.n
            slices[called[row.place], row.known_segment, row.known_region, row.known_kind] += row.n
    return dict(owned), dict(slices)


def promoters_by_subject(
    promoters: Sequence[PromoterRow], names: Sequence[str], called: Sequence[str]
) -> dict[str, Promoters]:
    """Promoters by touchpoint, and by department; `names` are the departments by their number."""
    return {
        f"department {names[row.owner]}" if row.is_department else called[row.place]: Promoters(
            (row.early_promoters, row.early), (row.late_promoters, row.late), row.customers
        )
        for row in promoters
    }


def case_of(row: FactRow, names: Sequence[str], called: Sequence[str]) -> Case:
    """A case; one that was closed before it was opened is open."""
    opener = names[row.opener]
    if row.closed_s < row.opened_s:
        return Case(opener, row.opened_s, touchpoint=called[row.opened_at])
    return Case(opener, row.opened_s, row.closed_s, row.is_resolved, row.is_confirmed, called[row.opened_at])


def answers_counted(facts: Iterable[FactRow], called: Sequence[str]) -> tuple[Answers, ...]:
    """Answers about ownership, counted."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for row in facts:
        counts[called[row.place], row.facet, row.role, row.answer] += row.n
    return tuple(Answers(*answer, n) for answer, n in counts.items())


def success_counted(facts: Iterable[FactRow]) -> dict[str, dict[float, int]]:
    """Answers about success: by metric, how many by value."""
    counts: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for row in facts:
        if row.value is not None:  # an answer about success has one
            counts[row.metric][row.value] += row.n
    return {metric: dict(values) for metric, values in counts.items()}


def scores_by_place(days: Iterable[ScoreDay], called: Sequence[str]) -> dict[str, Scores]:
    """Scores by touchpoint."""
    scores: dict[str, Scores] = {}
    for row in days:
        scored, bad = scores.get(called[row.place], Scores(0, 0))
        scores[called[row.place]] = Scores(scored + row.n, bad + row.bad)
    return scores


def days_by_place(days: Iterable[ScoreDay], called: Sequence[str]) -> dict[str, dict[int, Moments]]:
    """Satisfaction by touchpoint and day."""
    moments: dict[str, dict[int, Moments]] = {}
    for row in days:
        moments.setdefault(called[row.place], {})[row.day] = Moments(row.n, row.total, row.squares)
    return moments


def spends_of(facts: Iterable[FactRow], names: Sequence[str], called: Sequence[str]) -> tuple[Spend, ...]:
    """Spend by department, touchpoint, category and currency."""
    return tuple(
        Spend(names[row.owner], called[row.place], row.category, row.currency, row.total_amount, row.n) for row in facts
    )

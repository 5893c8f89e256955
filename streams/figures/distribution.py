"""How people answered over a period: NPS from cells, CSAT and CES from facts, since cells hold no single scores.

Ownership is applied as to figures: as_was an answer counts for its owner at its minute, as_is for its owner at the end
of the period.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from metrics.figures.distribution import (
    ANSWER_METRICS,
    ANSWERS_OF,
    AnswerMetric,
    AnswersOfStretch,
    DistributionQuestion,
    ObservedAnswers,
    stretches,
)
from metrics.registry import COMPANY
from streams.figures import edition
from streams.figures.ownership import OwnersInView, owners_in_view
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, numbers, query
from streams.timestamps import rfc3339


class AnswersOfGroup(Row):
    """How often an answer was given in a stretch, by the number of the owner that it counts for."""

    kind: str
    stretch: int
    answer: int
    owner: int
    observations: int


_METRICS: Final[Mapping[str, AnswerMetric]] = {metric: metric for metric in ANSWER_METRICS}
_OF_CELLS: Final = query(__package__, "distribution_promoters", AnswersOfGroup)
_OF_FACTS: Final = query(__package__, "distribution_scores", AnswersOfGroup)


def answer_counts(store: Store, compiled: CompiledRegistry, question: DistributionQuestion) -> list[AnswersOfStretch]:
    """How people answered, by stretch: ordered by metric and time; a metric without any answer has none.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    return stretches(question, _observed(store, compiled, question))


def _observed(store: Store, compiled: CompiledRegistry, question: DistributionQuestion) -> Iterator[ObservedAnswers]:
    owners = owners_in_view(compiled.attribution, question.view, question.bounds[-1])
    for row in _rows(store, owners, question):
        if question.department in (owners.called(row.owner), COMPANY):
            yield _METRICS[row.kind], row.stretch, row.answer, row.observations


def _rows(store: Store, owners: OwnersInView, question: DistributionQuestion) -> Iterator[AnswersOfGroup]:
    fragments = {**owners.fragments, "stretches": numbers(question.bounds[:-1])}
    kinds = [metric for metric in question.metrics if metric != "nps"]
    parameters = {"first": _instant(question.bounds[0]), "last": _instant(question.bounds[-1]), "kinds": kinds}
    if "nps" in question.metrics:
        yield from store.fetch(_OF_CELLS, parameters, **fragments)
    if kinds:
        yield from store.fetch(_OF_FACTS, parameters, **fragments)


def as_json(question: DistributionQuestion, found: Sequence[AnswersOfStretch]) -> list[dict[str, Any]]:
    """Stretches as JSON-ready objects."""
    return [
        {
            "from": rfc3339(_instant(item.start_s)),
            "to": rfc3339(_instant(item.end_s)),
            "view": question.view,
            "department": question.department,
            "metric": item.metric,
            "n": item.n,
            "suppressed": item.suppressed,
            "answers": [
                {"answer": answer, "n": None if item.counts is None else item.counts[position]}
                for position, answer in enumerate(ANSWERS_OF[item.metric])
            ],
        }
        for item in found
    ]


def _instant(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)

"""How people answered: the answers of stretches of a period, counted by what they were."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Literal, get_args

from metrics.catalogue import SCORE_RANGES
from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.balances import View
from metrics.figures.sample_sizes import TOO_FEW, is_too_few

AnswerMetric = Literal["nps", "csat", "ces"]
ANSWERS_OF: Final[Mapping[AnswerMetric, tuple[str, ...]]] = {
    "nps": ("detractors", "passives", "promoters"),
    "csat": tuple(map(str, range(SCORE_RANGES["csat"][0], SCORE_RANGES["csat"][1] + 1))),
    "ces": tuple(map(str, range(SCORE_RANGES["ces"][0], SCORE_RANGES["ces"][1] + 1))),
}
"""What answers are told apart as, the worst first."""
ANSWER_METRICS: Final[tuple[AnswerMetric, ...]] = get_args(AnswerMetric)
MOST_STRETCHES: Final = 60
"""Stretches of one distribution at most: a year of weeks."""
_DAYS_BY_DAY: Final = 35
"""A longer period is told apart by week."""


ObservedAnswers = tuple[AnswerMetric, int, int, int]
"""Metric, number of the stretch (from 1), position of the answer among ANSWERS_OF, and how many gave it."""


@dataclass(frozen=True, slots=True)
class DistributionQuestion:
    """What is asked of a distribution.

    Attributes:
        department: Whose answers; `company` for all.
        metrics: Which of those that are made of answers.
        view: Who an answer counts for; as_is by the owner at the end of the period.
        bounds: Where stretches begin, and where the last ends: whole minutes, epoch seconds, ascending, at least two.
    """

    department: str
    metrics: Sequence[AnswerMetric]
    view: View
    bounds: Sequence[int]


@dataclass(frozen=True, slots=True)
class AnswersOfStretch:
    """The answers of one stretch.

    Attributes:
        metric: Of which metric.
        start_s: Start of the stretch, inclusive, epoch seconds.
        end_s: Its end, exclusive.
        n: How many answers there are.
        suppressed: Why they are not told apart; "" if they are.
        counts: How many of each of ANSWERS_OF; None where they are not told apart.
    """

    metric: AnswerMetric
    start_s: int
    end_s: int
    n: int
    suppressed: str
    counts: tuple[int, ...] | None


def stretch_bounds(start_s: float, end_s: float, points: int | None) -> list[int]:
    """Where the stretches of a period begin, and where the last ends: whole minutes, ascending.

    Args:
        start_s: Start of the period, epoch seconds.
        end_s: Its end, later.
        points: How many stretches of equal length. None for days of up to 35 days, and else for weeks; both counted
            back from the end, so that the first may be shorter; longer ones where there would be more than 60.

    >>> stretch_bounds(0, 3 * 86_400 + 3_600, None)
    [0, 3600, 90000, 176400, 262800]
    >>> stretch_bounds(0, 7_200, 2)
    [0, 3600, 7200]
    >>> len(stretch_bounds(0, 364 * 86_400, None)), len(stretch_bounds(0, 3640 * 86_400, None))
    (53, 59)
    """
    start, end = _minute(start_s), max(_minute(end_s), _minute(start_s) + MINUTE_S)
    length = end - start
    if points is not None:
        return sorted({_minute(end - length * back / points) for back in range(points + 1)})
    step = DAY_S if length <= _DAYS_BY_DAY * DAY_S else 7 * DAY_S
    step *= ceil(length / step / MOST_STRETCHES)
    return sorted({start, *range(end, start, -step)})


def stretches(
    question: DistributionQuestion, observed: Iterable[tuple[AnswerMetric, int, int, int]]
) -> list[AnswersOfStretch]:
    """The answers of each stretch, in order of metric and time; of a metric without any answer there is none.

    Args:
        question: What is asked.
        observed: The department's answers, in any order; several of the same are added.
    """
    counts: dict[tuple[AnswerMetric, int], list[int]] = {}
    for kind, stretch, answer, observations in observed:
        counts.setdefault((kind, stretch), [0] * len(ANSWERS_OF[kind]))[answer] += observations
    return [
        _stretch(metric, question.bounds[number - 1 : number + 1], counts.get((metric, number), ()))
        for metric in question.metrics
        if any(kind == metric for kind, _ in counts)
        for number in range(1, len(question.bounds))
    ]


def _stretch(metric: AnswerMetric, bounds: Sequence[int], counts: Sequence[int]) -> AnswersOfStretch:
    n = sum(counts)
    # Each answer weighs the same: n is the effective number, by the rule of every figure.
    if is_too_few(n):
        return AnswersOfStretch(metric, bounds[0], bounds[1], n, TOO_FEW, None)
    return AnswersOfStretch(metric, bounds[0], bounds[1], n, "", tuple(counts))


def _minute(at_s: float) -> int:
    return int(at_s // MINUTE_S) * MINUTE_S

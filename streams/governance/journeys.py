"""Journeys as the store counts them, read back: hand-offs, paths, shapes and credit by time.

The statement packs what it counts into numbers, laid out in sql/journeys.sql; here they are taken apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from metrics.catalogue import SCORE_RANGES
from metrics.governance.estimates import NO_MOMENTS, Moments
from metrics.governance.journeys import Path
from metrics.governance.transitions import CustomerAnswers, Transition
from streams.governance.rows import JourneyRow

TICKS: Final = 1 << 35
"""Ticks of time that a step has room for."""
TOUCHPOINTS: Final = 1 << 12
OWNERS: Final = 1 << 11
"""Numbers of departments that a step has room for."""
CUSTOMERS: Final = 1 << 23
"""Numbers of customers that a step has room for."""
MOST_APART: Final = 500_000
"""Up to so many answers of a period each customer is one observation, bar equal numbers; each is a row."""
GROUPS: Final = 128
"""Above it customers are put into so many groups by their hash, and each group is one: fewer rows, the same width."""
LEVELS: Final[tuple[tuple[int, float], ...]] = (
    (0, 0.0),
    *(
        (question, (score - low) / (high - low))
        for question, (low, high) in enumerate(SCORE_RANGES.values(), start=1)
        for score in range(low, high + 1)
    ),
)
"""By the answer's code: the number of the question, 0 for none, and the satisfaction, 0..1."""
PAIR, SHAPE, DECAY, PATH = range(4)
"""What a row is about."""


@dataclass(frozen=True, slots=True)
class Journeys:
    """All journeys of a period.

    Attributes:
        transitions: Steps from department to department, by the question after them.
        paths: Of departments, up to the conversion; the most frequent ones.
        decayed: Credit of conversions by department, by the time before them.
        departments: How many departments a journey met.
        changes: How many hand-offs it had.
    """

    transitions: tuple[Transition, ...]
    paths: tuple[Path, ...]
    decayed: Mapping[str, float]
    departments: Moments
    changes: Moments


def customers_apart(answers: int) -> int:
    """How many numbers there are for the customers of a period with so many answers.

    >>> customers_apart(1_000), customers_apart(10_000_000)
    (8388608, 128)
    """
    return CUSTOMERS if answers <= MOST_APART else GROUPS


def journeys(rows: Iterable[JourneyRow], names: Sequence[str]) -> Journeys:
    """Reads the rows of the statement; `names` are the departments by their number."""
    by_what: defaultdict[int, list[JourneyRow]] = defaultdict(list)
    for row in rows:
        by_what[row.what].append(row)
    shapes = [(row.about, row.n) for row in by_what[SHAPE]]
    return Journeys(
        _transitions(by_what[PAIR], names),
        tuple(_path(row, names) for row in by_what[PATH]),
        {names[row.about]: row.weight for row in by_what[DECAY]},
        _moments((key & 0xFFFF, n) for key, n in shapes),
        _moments((key >> 16, n) for key, n in shapes),
    )


def _transitions(rows: Iterable[JourneyRow], names: Sequence[str]) -> tuple[Transition, ...]:
    counts: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    squares: defaultdict[tuple[int, int, int], float] = defaultdict(float)
    answers: defaultdict[tuple[int, int, int], dict[int, CustomerAnswers]] = defaultdict(dict)
    for row in rows:
        key, n = row.about, row.n
        code, taker, touchpoint, giver = key & 31, key >> 5 & OWNERS - 1, key >> 16 & TOUCHPOINTS - 1, key >> 28
        customer, giver = giver >> 11, giver & OWNERS - 1
        question, level = LEVELS[code]
        # Answers compare where question and touchpoint are the same; 0 stands for no question.
        pair = (giver, taker, (touchpoint << 2) + question if question else 0)
        counts[pair] += n
        if question:
            squares[pair] += n * level * level
            of_pair = answers[pair]
            _, before, total = of_pair.get(customer, (customer, 0, 0.0))
            of_pair[customer] = CustomerAnswers(customer, before + n, total + n * level)
    return tuple(
        _transition(names, pair, n, squares[pair], sorted(answers[pair].values())) for pair, n in sorted(counts.items())
    )


def _transition(
    names: Sequence[str], pair: tuple[int, int, int], n: int, squares: float, answers: Sequence[CustomerAnswers]
) -> Transition:
    after = Moments(sum(item.n for item in answers), fsum(item.total for item in answers), squares)
    return Transition(names[pair[0]], names[pair[1]], n, after, pair[2], tuple(answers))


def _path(row: JourneyRow, names: Sequence[str]) -> Path:
    converted = round(row.weight)
    return Path(tuple(names[owner] for owner in row.path), converted, row.n - converted)


def _moments(counts: Iterable[tuple[int, int]]) -> Moments:
    total = NO_MOMENTS
    for value, n in counts:
        total += Moments(n, n * value, n * value * value)
    return total

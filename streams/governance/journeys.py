"""Journeys as the store counts them, read back: hand-offs, paths, shapes and credit by time.

The statement packs what it counts into numbers, laid out in sql/journeys.sql; here they are taken apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
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
        tuple(_transitions(by_what[PAIR], names)),
        tuple(_path(row, names) for row in by_what[PATH]),
        {names[row.about]: row.weight for row in by_what[DECAY]},
        _moments((key & 0xFFFF, n) for key, n in shapes),
        _moments((key >> 16, n) for key, n in shapes),
    )


def _transitions(rows: Iterable[JourneyRow], names: Sequence[str]) -> Iterator[Transition]:
    """By giver, taker and question: sorted first, so that beside the rows no more than one is in the making."""
    for place, same in groupby(sorted(rows, key=_place), key=_place):
        n, squares, answers = 0, 0.0, dict[int, CustomerAnswers]()
        for row in same:
            n += row.n
            question, level = LEVELS[row.about & 31]
            if question:
                squares += row.n * level * level
                customer = row.about >> 39
                _, before, total = answers.get(customer, (customer, 0, 0.0))
                answers[customer] = CustomerAnswers(customer, before + row.n, total + row.n * level)
        known = tuple(sorted(answers.values()))
        # Most have no answer: they share one object.
        after = NO_MOMENTS
        if known:
            after = Moments(sum(item.n for item in known), fsum(item.total for item in known), squares)
        giver, taker = place >> 25, place >> 14 & OWNERS - 1
        yield Transition(names[giver], names[taker], n, after, place & 0x3FFF, known)


def _place(row: JourneyRow) -> int:
    """Giver, taker and what was asked, one below the other; answers compare where question and touchpoint are alike."""
    key = row.about
    question, _ = LEVELS[key & 31]
    compared = ((key >> 16 & TOUCHPOINTS - 1) << 2) + question if question else 0
    return ((key >> 28 & OWNERS - 1) << 25) + ((key >> 5 & OWNERS - 1) << 14) + compared


def _path(row: JourneyRow, names: Sequence[str]) -> Path:
    converted = round(row.weight)
    return Path(tuple(names[owner] for owner in row.path), converted, row.n - converted)


def _moments(counts: Iterable[tuple[int, int]]) -> Moments:
    total = NO_MOMENTS
    for value, n in counts:
        total += Moments(n, n * value, n * value * value)
    return total

"""Journeys as the store counts them, read back: hand-offs, paths, shapes and credit by time.

The statement packs what it counts into numbers, laid out in `streams.governance.statements`; here they are taken apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.governance.estimates import NO_MOMENTS, Moments
from metrics.governance.handoffs import Transition
from metrics.governance.journeys import Path
from streams.governance.statements import DECAY, LEVELS, OWNERS, PAIR, PATH, SHAPE, TOUCHPOINTS


@dataclass(frozen=True, slots=True)
class Journeys:
    """All journeys of a period.

    Attributes:
        transitions: Steps from department to department, by what was asked after them.
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


def journeys(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Journeys:
    """Reads the rows of the statement; `names` are the departments by their number."""
    by_what: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_what[row["what"]].append(row)
    shapes = [(row["about"], row["n"]) for row in by_what[SHAPE]]
    return Journeys(
        _transitions(by_what[PAIR], names),
        tuple(_path(row, names) for row in by_what[PATH]),
        {names[row["about"]]: row["weight"] for row in by_what[DECAY]},
        _moments((key & 0xFFFF, n) for key, n in shapes),
        _moments((key >> 16, n) for key, n in shapes),
    )


def _transitions(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> tuple[Transition, ...]:
    counts: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    scores: defaultdict[tuple[int, int, int], Moments] = defaultdict(Moments)
    for row in rows:
        key, n = row["about"], row["n"]
        code, taker, touchpoint, giver = key & 31, key >> 5 & OWNERS - 1, key >> 16 & TOUCHPOINTS - 1, key >> 28
        question, level = LEVELS[code]
        # Asked alike is the same question at the same touchpoint; 0 stands for nothing asked.
        pair = (giver, taker, (touchpoint << 2) + question if question else 0)
        counts[pair] += n
        if question:
            scores[pair] += Moments(n, n * level, n * level * level)
    return tuple(
        Transition(names[pair[0]], names[pair[1]], n, scores[pair], pair[2]) for pair, n in sorted(counts.items())
    )


def _path(row: Mapping[str, Any], names: Sequence[str]) -> Path:
    converted = round(row["weight"])
    return Path(tuple(names[owner] for owner in row["path"]), converted, row["n"] - converted)


def _moments(counts: Iterable[tuple[int, int]]) -> Moments:
    total = NO_MOMENTS
    for value, n in counts:
        total += Moments(n, n * value, n * value * value)
    return total

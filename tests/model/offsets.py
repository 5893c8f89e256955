"""Sets of offsets as spans, so that a set of a million costs what its gaps cost.

>>> add(add((), 0, 3), 3, 5), covers(((0, 5),), 1, 4), covers(((0, 5),), 4, 6)
(((0, 5),), True, False)
"""

Spans = tuple[tuple[int, int], ...]
"""Disjoint, ascending, not touching: each from its first offset to the one after its last."""


def add(spans: Spans, first: int, after: int) -> Spans:
    """With the offsets from `first` to before `after`."""
    if first >= after:
        return spans
    left = [span for span in spans if span[1] < first]
    right = [span for span in spans if span[0] > after]
    touched = spans[len(left) : len(spans) - len(right)]
    first = min([first, *(span[0] for span in touched)])
    after = max([after, *(span[1] for span in touched)])
    return (*left, (first, after), *right)


def covers(spans: Spans, first: int, after: int) -> bool:
    """Whether all offsets from `first` to before `after` are there."""
    return first >= after or any(begin <= first and after <= end for begin, end in spans)


def union(one: Spans, other: Spans) -> Spans:
    """Both."""
    for first, after in one:
        other = add(other, first, after)
    return other


def size(spans: Spans) -> int:
    """How many offsets there are."""
    return sum(after - first for first, after in spans)

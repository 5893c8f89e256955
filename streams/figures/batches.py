"""Minutes for statements: the more at once, the fewer facts they hold, so that a statement is worth its fixed cost.

A history that is being filled has half a million minutes of a few facts each. What a statement needs of memory is
bound by the facts it reads, and its text by the number of minutes.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from metrics.durations import HOUR_S, MINUTE_S
from streams.store.client import Store
from streams.store.statements import Fragment, Row, fragment, numbers, query
from streams.timestamps import from_epoch, sql_second

MINUTES_AT_ONCE: Final = 2_000
"""How many minutes one statement is about, whatever they hold."""

SPARSE_MINUTES_AT_ONCE: Final = 20_000
"""How many it is about at most, where they hold few facts: it bounds the statement's text."""

FACTS_AT_ONCE: Final = 50_000
"""How many facts more than MINUTES_AT_ONCE may hold together: it bounds the engine's memory."""


class FactsByMinute(Row):
    """How many facts minutes (epoch seconds) hold; two lists of one length. A minute without any is in neither."""

    minutes: list[int]
    facts: list[int]


_FACTS: Final = query(__package__, "facts_by_minute", FactsByMinute)
_PACKED: Final = fragment(__package__, "packed_minutes")


def span(minutes: Sequence[int]) -> dict[str, str]:
    """The first and the last instant, exclusive, of minutes (epoch seconds, ascending), as parameters of statements."""
    return {"first": sql_second(from_epoch(minutes[0])), "last": sql_second(from_epoch(minutes[-1] + MINUTE_S))}


def list_of_minutes(minutes: Sequence[int]) -> Fragment:
    """Minutes (epoch seconds, ascending) for `IN`: by hour, where that is shorter.

    The engine needs 5 us for each number, at each place in a statement: more than for the facts of a sparse history.
    """
    masks: dict[int, int] = {}
    for minute in minutes:
        hour = minute - minute % HOUR_S
        masks[hour] = masks.get(hour, 0) | 1 << minute % HOUR_S // MINUTE_S
    if 2 * len(masks) >= len(minutes) or len(minutes) <= MINUTES_AT_ONCE:
        return numbers(minutes)
    return _PACKED.filled(hours=numbers(masks), masks=numbers(masks.values()))


def newest_first(store: Store, minutes: Collection[int]) -> Iterator[list[int]]:
    """Minutes (epoch seconds) for one statement each, the newest first; those of a statement ascend.

    How many facts a minute holds is asked once, of many at a time, and not at all where one statement is enough.
    """
    left, known = sorted(minutes), list[int]()
    while left:
        taken = MINUTES_AT_ONCE
        if len(left) > MINUTES_AT_ONCE:
            taken = _few_facts(known)
            if taken == len(known) < min(len(left), SPARSE_MINUTES_AT_ONCE):
                known += _facts(store, left[: len(left) - len(known)][-SPARSE_MINUTES_AT_ONCE:])
                taken = _few_facts(known)
        yield left[-taken:]
        del left[-taken:], known[:taken]


def _facts(store: Store, minutes: Sequence[int]) -> list[int]:
    """How many facts each of some minutes (ascending) holds, the newest first."""
    row = store.fetch_one(_FACTS, span(minutes), minutes=list_of_minutes(minutes))
    held = dict(zip(row.minutes, row.facts, strict=True))
    return [held.get(minute, 0) for minute in reversed(minutes)]


def _few_facts(facts: Sequence[int]) -> int:
    """How many minutes, each of which holds so many facts, one statement takes; the first ones."""
    total = 0
    for count, held in enumerate(facts[:SPARSE_MINUTES_AT_ONCE]):
        total += held
        if count >= MINUTES_AT_ONCE and total > FACTS_AT_ONCE:
            return count
    return min(len(facts), SPARSE_MINUTES_AT_ONCE)

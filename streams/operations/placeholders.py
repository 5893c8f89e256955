"""Stored facts whose customer is the hash of a placeholder: they landed before such texts counted as no customer.

Which facts these are follows from the placeholders and the keys. As published, a placeholder may have been written in
any case; the spellings that programs write are looked for.
"""

from collections.abc import Collection, Sequence
from typing import Final

from metrics.events.pseudonyms import pseudonyms
from streams.figures import minutes as cells
from streams.figures.batches import newest_first
from streams.operations.erase import MinuteOfPerson
from streams.store.client import Store
from streams.store.statements import Row, query, statement


class FactsOfSource(Row):
    """How many facts a source sent with a placeholder as customer."""

    source: str
    facts: int


_FACTS: Final = query(__package__, "placeholder_facts", FactsOfSource)
_MINUTES: Final = query(__package__, "minutes_of_person", MinuteOfPerson)
_CLEAR_FACTS: Final = statement(__package__, "clear_facts")
_CLEAR_REJECTED: Final = statement(__package__, "clear_rejected")


def hashes_of_nobody(placeholders: Collection[str], keys: Sequence[bytes]) -> list[str]:
    """Every hash under which a placeholder may be stored: as null, NULL, Null, and with a space before or after it.

    Args:
        placeholders: Folded, as the setting gives them.
        keys: Those that have been in use.
    """
    spelt = {form for text in placeholders for form in (text, text.upper(), text.capitalize(), text.title())}
    published = {f"{before}{text}{after}" for text in spelt for before in ("", " ") for after in ("", " ")}
    return sorted(found for text in published if text for found in pseudonyms(text, keys))


def facts_of_nobody(store: Store, hashes: Sequence[str]) -> list[FactsOfSource]:
    """How many stored facts have one of these hashes, by source, most first."""
    return store.fetch(_FACTS, {"hashes": list(hashes)})


def clear(store: Store, hashes: Sequence[str]) -> int:
    """Makes facts and rejected events with these hashes nobody's, and computes their minutes again.

    It may run again, and while workers run; facts that a worker of an earlier version lands afterwards need it again.

    Returns:
        In how many minutes there were such facts.
    """
    nobody = {"hashes": list(hashes)}
    minutes = [row.minute_s for row in store.fetch(_MINUTES, nobody)]
    store.run(_CLEAR_FACTS, nobody)
    store.run(_CLEAR_REJECTED, nobody)
    for batch in newest_first(store, minutes):
        cells.recompute(store, batch, wins=True)
    return len(minutes)

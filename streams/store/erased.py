"""Who has been erased, and until when: what they did until then does not come back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query


class ErasedCustomer(Row):
    """A person's hash, and until when it was erased, epoch milliseconds."""

    customer: str
    erased_ms: int


_ERASED: Final = query(__package__, "erased", ErasedCustomer)


def erased(store: Store) -> Mapping[str, int]:
    """Every erased hash, with until when, epoch milliseconds."""
    return {row.customer: row.erased_ms for row in store.fetch(_ERASED)}


def remember(store: Store, hashes: Sequence[str], until: datetime) -> None:
    """Notes that somebody is erased until an instant; of several the latest counts."""
    store.insert("erased", ("customer", "erased_at"), (list(hashes), [until] * len(hashes)))

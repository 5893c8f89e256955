"""The keys that stored customers were hashed with, by their ids: a row of another key is of a person nobody finds."""

from collections.abc import Collection, Mapping
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query


class RowsOfKey(Row):
    """How many stored rows, copies included, have a customer that was hashed with a key."""

    key_id: str
    stored: int


_ROWS: Final = query(__package__, "rows_by_key", RowsOfKey)


def rows_of_other_keys(store: Store, known: Collection[str]) -> dict[str, int]:
    """Rows of facts and rejected events whose customer was hashed with a key that is not known here.

    Args:
        store: The store.
        known: The ids of the keys that are known, and of those that were destroyed on purpose.

    Returns:
        How many rows, by the id of the key; copies that FINAL hides are among them.
    """
    return {row.key_id: row.stored for row in store.fetch(_ROWS) if row.key_id not in known}


def described(rows: Mapping[str, int]) -> str:
    """Rows of other keys in words, with what to do."""
    counts = ", ".join(f"{count:,} rows of key {key_id}" for key_id, count in rows.items())
    return (
        f"{counts}: their customers were hashed with a key that is not given here, and cxb erase finds nobody in them; "
        "add the key after the one in use (CXB_CUSTOMER_KEY_FILE), or its id if it was destroyed on purpose"
    )

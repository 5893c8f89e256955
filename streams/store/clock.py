"""The store's clock: it dates what lands, so freshness is measured by it."""

from datetime import datetime
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query


class StoreTime(Row):
    """What the clock shows."""

    now: datetime


_NOW: Final = query(__package__, "store_time", StoreTime)


def store_time(store: Store) -> datetime:
    """What the store's clock shows, to the microsecond."""
    row = store.fetch_one(_NOW)
    return row.now

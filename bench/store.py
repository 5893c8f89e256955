"""A store that contestants share, one after the other."""

from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from tests.streams.databases import empty


def emptied(settings: ClickHouseSettings) -> Store:
    """A store without rows of earlier contestants: their cells and baselines would be work for the next."""
    store = Store(settings)
    empty(store)
    return store

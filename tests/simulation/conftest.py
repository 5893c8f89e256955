"""The real engine, to which the store in memory is held."""

from tests.streams.conftest import databases, engine, open_store, store

__all__ = ["databases", "engine", "open_store", "store"]

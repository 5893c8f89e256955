"""What commands open, they close."""

from pathlib import Path

import pytest

from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess

READS = [
    ("balances",), ("scorecards",), ("governance",), ("surrogates",), ("report",), ("rejected",),
    ("drift",), ("drift", "plan"), ("drift", "budget"), ("drift", "replay"),
    ("baseline", "list"), ("migrate",), ("rebuild",), ("redrive", "--dry-run"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", READS, ids=" ".join)
def test_a_command_closes_each_store_that_it_opens(
    arguments: tuple[str, ...],
    engine: EngineProcess,
    store: Store,
    registry_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, closed = list[Store](), list[Store]()
    start, close = Store.__init__, Store.close

    def opening(self: Store, settings: ClickHouseSettings) -> None:
        opened.append(self)
        start(self, settings)

    def closing(self: Store) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Store, "__init__", opening)
    monkeypatch.setattr(Store, "close", closing)
    assert cxb(*arguments, **environment_of(engine, store, registry_path)).exit_code == 0
    assert closed == opened != []

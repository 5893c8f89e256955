from collections.abc import Sequence

import pytest

from metrics.events import facts
from streams.registry.file import CompiledRegistry
from streams.store.client import Store, StoreUnavailable
from tests.faults.proxy import Proxy
from tests.streams.false_answers import FOREIGN, ROWS, to_inserts
from tests.streams.given import event, facts_of
from tests.streams.native.twins import driver_block
from tests.streams.store.test_proof import UNPROVEN


class Block:
    """Facts as a block, of columns that Python made."""

    def __init__(self, columns: facts.Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns[0])

    def names(self) -> Sequence[str]:
        return facts.column_names(self._columns)

    def block(self, ingested_ms: int) -> bytes:
        return driver_block((*self.names(), "ingested_at"), [*self._columns, [ingested_ms] * len(self)])


@pytest.mark.parametrize("kind", [*FOREIGN, *UNPROVEN])
def test_a_block_has_landed_only_when_the_engine_proves_it(
    kind: str, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    (store, proxy), (made, text) = between, (FOREIGN | UNPROVEN)[kind]
    block = Block(facts_of([event(number) for number in range(ROWS)], compiled))
    proxy.behaviour.answer = to_inserts(made)
    with pytest.raises(StoreUnavailable, match=text):
        store.insert_facts(block)
    proxy.heal()
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]
    store.insert_facts(block)
    assert store.query("SELECT count() AS n FROM events") == [{"n": ROWS}]


def test_a_block_and_columns_of_the_same_facts_are_the_same_rows(store: Store, compiled: CompiledRegistry) -> None:
    columns = facts_of([event(1, "visit", count=3), event(2, customer="ann"), event(3, score=0)], compiled)
    statement = "SELECT * EXCEPT ingested_at FROM events FINAL ORDER BY event_id"
    store.insert_facts(Block(columns))
    landed = store.query(statement)
    store.command("TRUNCATE TABLE events")
    store.insert_facts(columns)
    assert landed == store.query(statement) != []


def test_a_block_without_facts_is_not_sent(store: Store) -> None:
    store.insert_facts(Block([[] for _ in facts.COLUMNS]))
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]

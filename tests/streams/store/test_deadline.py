import pytest

from streams.store.client import Store, StoreUnavailable
from streams.store.deadline import Deadline

LONG = "SELECT count() FROM numbers(100) WHERE sleepEachRow(0.1) = 0 SETTINGS max_block_size = 1"


def test_the_engine_stops_a_statement_when_the_time_of_its_question_is_over(store: Store) -> None:
    with pytest.raises(TimeoutError, match=r"did not answer within 0\.5 s"):
        store.until(Deadline(0.5)).query(LONG)


def test_what_has_expired_asks_nothing_more(store: Store) -> None:
    deadline = Deadline(60)
    limited = store.until(deadline)
    assert limited.query("SELECT 1 AS one") == [{"one": 1}]
    deadline.expire()
    with pytest.raises(TimeoutError, match="did not answer within 60 s"):
        limited.query("SELECT 1 AS one")
    assert store.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_limit_of_the_engines_own_is_no_deadline_of_a_question(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="TIMEOUT_EXCEEDED"):
        store.query(f"{LONG}, max_execution_time = 0.5")

import logging

import pytest

from metrics.events.pseudonyms import key_id, pseudonym
from streams.ingest.customer_keys import CustomerKeyWatch
from streams.ingest.telemetry import Telemetry
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import KEY, event, facts_of

ROW = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "payload": "", "fingerprint": 1}


def test_rows_of_another_key_are_shown_and_logged_once(
    store: Store, compiled: CompiledRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry, lost = Telemetry(), b"l" * 32
    watch = CustomerKeyWatch(store, {key_id(KEY)}, telemetry, lambda: True)
    store.insert_facts(facts_of([event(1, customer="ann")], compiled))
    watch.look()
    assert b"cx_other_key_rows 0.0" in telemetry.exposition()
    assert caplog.messages == []
    for offset in range(2):
        store.insert_rejected([{**ROW, "offset": offset, "customer": pseudonym("ann", lost)}])
        watch.look()
    assert b"cx_other_key_rows 2.0" in telemetry.exposition()
    [entry] = caplog.records
    assert entry.levelno == logging.ERROR
    assert entry.message.startswith(f"customer keys: 1 rows of key {key_id(lost)}: ")

import json
from pathlib import Path

from metrics.events.masking import masked
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import encoded, event


def test_in_a_pipe_and_as_json_all_that_may_be_shown_is_there(
    store: Store, engine: EngineProcess, registry_path: Path
) -> None:
    payload = masked(encoded(event("1", custmer="ann", score=99)), ())
    assert len(payload) > 100
    row = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "offset": 1, "fingerprint": 1}
    store.insert_rejected([{**row, "customer": "", "payload": payload}])
    environment = environment_of(engine, store, registry_path)
    piped = cxb("rejected", **environment).stdout.splitlines()[1]
    assert piped.split("\t")[-1] == payload
    assert json.loads(cxb("rejected", "--json", **environment).stdout)[0]["payload"] == payload
    assert "like customer" in payload

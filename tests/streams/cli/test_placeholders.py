import json

import pytest
from typer.testing import CliRunner

from streams.cli.placeholders import app
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY
from tests.streams.operations.test_placeholders import landed_before

pytestmark = pytest.mark.store


def test_facts_of_nobody_are_counted_and_cleared_on_request(
    store: Store, engine: EngineProcess, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = engine.settings(store.database)
    monkeypatch.setenv("CXB_CLICKHOUSE_URL", address.url)
    monkeypatch.setenv("CXB_CLICKHOUSE_USER", address.user)
    monkeypatch.setenv("CXB_CLICKHOUSE_PASSWORD", address.password.get_secret_value())
    monkeypatch.setenv("CXB_CLICKHOUSE_DATABASE", store.database)
    monkeypatch.setenv("CXB_CUSTOMER_KEY", KEY.hex())
    landed_before(store, compiled, ("shop", "null", KEY), ("crm", "ann", KEY))
    counted = CliRunner().invoke(app, ["--json"])
    assert (counted.exit_code, json.loads(counted.stdout)) == (0, [{"source": "shop", "facts": 1}])
    assert "cxb placeholders --clear" in counted.stderr
    cleared = CliRunner().invoke(app, ["--clear"])
    assert (cleared.exit_code, "shop\t1" in cleared.stdout) == (0, True)
    assert "cells computed again: 1 minute\n" in cleared.stderr
    none = CliRunner().invoke(app, ["--json"])
    assert (json.loads(none.stdout), none.stderr) == ([], "no stored fact names a customer who is nobody\n")

"""The main job on real events: figures equal those that an independent program computed."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import cxb, end, lines_of, publish_at_once, rows, shuffled, up, write
from tests.faults.proxy import Proxy
from tests.faults.store_process import StoreProcess
from tests.faults.world import World, until
from tests.kafka.broker import KafkaBroker

pytestmark = pytest.mark.olist
EXPECTED = [(view, day) for view in ("as_was", "as_is") for day in ("2017-11-30", "2018-01-01")]
KEYS = {"balances": ("department", "metric", "horizon"), "scorecards": ("department",)}


def differences(olist: Path, variables: Mapping[str, str]) -> list[str]:
    """Where what `cxb` says differs from what is expected, over all four dates and views."""
    problems: list[str] = []
    for view, day in EXPECTED:
        expected = json.loads((olist / "second" / f"expected.{view}.{day}.json").read_text())
        for command, key in KEYS.items():
            got = rows(command, "--at", day, "--view", view, variables=variables)
            problems += [f"{view} {day} {line}" for line in _differences(got, expected[command], key)]
    return problems


def _differences(got: list[dict[str, Any]], wanted: list[dict[str, Any]], key: tuple[str, ...]) -> list[str]:
    left = {tuple(row[name] for name in key): row for row in got}
    right = {tuple(row[name] for name in key): row for row in wanted}
    problems = [f"only on one side: {name}" for name in set(left) ^ set(right)]
    if len(left) != len(got):
        problems.append("a row occurs twice")
    for name in set(left) & set(right):
        for column, value in right[name].items():
            other = left[name][column]
            same = other == value
            if isinstance(value, float) and other is not None:
                same = math.isclose(other, value, rel_tol=1e-6, abs_tol=1e-6)
            if not same:
                problems.append(f"{name} {column}: {other}, expected {value}")
    return problems


@pytest.mark.long
@pytest.mark.embedded
def test_embedded_figures_equal_the_expected_ones_whatever_happens_to_the_events(olist: Path, tmp_path: Path) -> None:
    data, registry = tmp_path / "data", str(olist / "registry.toml")
    variables = {"CXB_DATA": str(data)}
    lines = lines_of(olist / "events.ndjson.gz")
    half = write(lines[: len(lines) // 2], tmp_path / "half.ndjson")
    with up(data, "--registry", registry):
        cxb("publish", "--backfill", "--wait", str(half), variables=variables)
    # Stopped and started in the middle; then the whole file, with the half that is there already.
    with up(data, "--registry", registry):
        said = cxb("publish", "--backfill", "--wait", str(olist / "events.ndjson.gz"), variables=variables).stderr
        assert "landed 12,011, rejected 0" in said
        assert differences(olist, variables) == []
        # Again, in two other orders, from two publishers at once.
        files = [write(shuffled(lines, seed), tmp_path / f"{seed}.ndjson") for seed in (1, 2)]
        publish_at_once(files, variables)
        assert differences(olist, variables) == []


@pytest.mark.long
@pytest.mark.kafka
async def test_two_workers_on_kafka_give_the_expected_figures_and_one_may_be_killed(
    olist: Path, kafka: KafkaBroker, tmp_path: Path
) -> None:
    store = StoreProcess(tmp_path)
    store.start()
    world = World(tmp_path, kafka.bootstrap, store, "olist", "olist-group", "olist", Proxy(store.port))
    world.settings = {"CXB_REGISTRY": str(olist / "registry.toml"), "CXB_MIGRATE_AT_START": "false"}
    variables = {name: value for name, value in world.environment({}).items() if name.startswith("CXB_")}
    lines = lines_of(olist / "events.ndjson.gz")
    try:
        assert "run cxb migrate" in cxb("balances", variables=variables, expect=3).stderr
        cxb("migrate", variables=variables)
        doomed, survivor = world.start_worker(), world.start_worker()
        await until(lambda: all("joining" in worker.log.read_text() for worker in (doomed, survivor)), "both join")
        publish_at_once([write(shuffled(lines, 3), tmp_path / "3"), write(lines[:9000], tmp_path / "a")], variables)
        doomed.kill()
        publish_at_once([write(lines[3000:], tmp_path / "b")], variables)
        assert differences(olist, variables) == []
        assert survivor.stop() == 0
    finally:
        end(world)

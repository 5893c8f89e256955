"""Recorded figures after late facts: `cxb rebuild --snapshots` makes each what `--at` shows of its instant."""

import random
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.cli.rebuild import RECORDED
from streams.figures import snapshot
from streams.figures.refresh import Refresher
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of, rules_of

DAYS = 4
MINUTE = timedelta(minutes=1)
KINDS = ("nps", "csat", "ces", "visit", "conversion", "repeat_purchase", "renewal", "churn", "referral", "awareness")
Rows = dict[tuple[Any, ...], dict[str, Any]]


@pytest.fixture
def change(today: datetime) -> datetime:
    """When, in the middle of a day, the web passes from one department to another."""
    return today - timedelta(days=DAYS - 1, hours=-12, minutes=-44)


@pytest.fixture
def registry(change: datetime, tmp_path: Path) -> Path:
    path = tmp_path / "registry.toml"
    path.write_text(REGISTRY.replace("= 2026-04-01", f"= {change:%FT%TZ}"))
    return path


@pytest.fixture
def rules(registry: Path) -> CompiledRegistry:
    return rules_of(registry.read_text())


@pytest.fixture
def refresher(store: Store, registry: Path) -> Refresher:
    return Refresher(store, RegistryWatcher(registry), RefreshSettings(snapshot_s=10**9), lambda: True)


def facts(store: Store, rules: CompiledRegistry, seed: int, at: Iterable[datetime]) -> None:
    """One fact at each of these instants: of few customers, so that most come again, and of some without a name."""
    rng = random.Random(seed)
    events = []
    for number, instant in enumerate(at):
        kind = rng.choice(KINDS)
        score = {"nps": rng.randrange(11), "csat": rng.randint(1, 5), "ces": rng.randint(1, 7)}.get(kind)
        events.append(
            event(
                f"{seed}-{number}", kind, instant, score=score, touchpoint=rng.choice(("web.cart", "delivery.van")),
                customer=rng.choice((None, *(f"c{n}" for n in range(9)))),
                count=rng.randint(1, 30) if kind in ("visit", "awareness") else None,
            )
        )  # fmt: skip
    store.insert_facts(facts_of(events, rules))


def odd_instants(seed: int, count: int, first: datetime, until: datetime) -> list[datetime]:
    rng, span_s = random.Random(seed), (until - first).total_seconds()
    return sorted(first + timedelta(milliseconds=round(rng.random() * span_s * 1000)) for _ in range(count))


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["at"], row["view"], row["department"], row.get("metric"), row.get("horizon")


def differing(store: Store, rules: CompiledRegistry) -> tuple[int, list[datetime]]:
    """How many instants have recorded figures, and those at which one differs from a fresh computation by 1e-9."""
    recorded: Rows = {}
    for table in ("balances", "scorecards"):
        recorded |= {key_of(row): row for row in store.query(f"SELECT * FROM {table}_latest")}
    instants, differ = sorted({key[0] for key in recorded}), []
    for at in instants:
        taken = snapshot.compute(store, rules, at)
        rows = [row for by_view in (taken.balances, taken.scorecards) for part in by_view.values() for row in part]
        fresh = {key_of(row): row for row in map(asdict, rows)}
        if fresh.keys() != {key for key in recorded if key[0] == at} or not all(
            recorded[key][name] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value)
            for key, row in fresh.items()
            for name, value in row.items()
            if name not in snapshot.NOT_STORED
        ):
            differ.append(at)
    return len(instants), differ


@pytest.mark.long
def test_after_late_facts_a_rebuild_of_snapshots_makes_every_recorded_figure_that_of_its_instant(
    store: Store, rules: CompiledRegistry, registry: Path, refresher: Refresher, engine: EngineProcess,
    today: datetime, change: datetime,
) -> None:  # fmt: skip
    first, last = change - timedelta(days=1, hours=7, minutes=31), today - timedelta(hours=3)
    # Between days' ends: their figures are recorded as they pass.
    odd = sorted([*(first + timedelta(hours=17 * n, minutes=41 * n + 1) for n in range(1, 6)), change - MINUTE])
    facts(store, rules, 1, odd_instants(1, 300, first, last))
    refresher.refresh(0.0)
    for at in odd:
        snapshot.record(store, rules, at)
    environment = environment_of(engine, store, registry)
    assert cxb("rebuild", "--snapshots", **environment).stderr == RECORDED.format(snapshots=DAYS, outdated=0) + "\n"
    recorded, differ = differing(store, rules)
    assert (recorded >= DAYS + len(odd), differ) == (True, [])
    # Late ones, into folded days: that of the change of owner on both sides of it, and a minute that an instant ends.
    around = [change + timedelta(seconds=s) for s in (-61, -1, 0, 1, 59)]
    late = [*odd_instants(2, 12, change, last), *around, max(odd) - timedelta(milliseconds=1)]
    facts(store, rules, 2, late)
    refresher.refresh(1.0)
    _, differ = differing(store, rules)
    assert {at for at in odd if at > change + MINUTE} < set(differ)
    said = cxb("rebuild", "--snapshots", **environment)
    assert said.exit_code == 0
    assert differing(store, rules) == (recorded, [])
    # What was recorded again reflects them: nothing is left to do.
    assert cxb("rebuild", "--snapshots", **environment).stderr == RECORDED.format(snapshots=0, outdated=0) + "\n"

"""The registry changes, breaks and is fixed under load; the refresher dies, moves, and is there three times over."""

import asyncio
import time
from collections.abc import Mapping

import pytest

from streams.figures.refresh import Refresher
from streams.registry.file import RegistryWatcher
from streams.settings.settings import ClickHouseSettings, RefreshSettings
from streams.store.client import Store
from tests.faults.conftest import Outcome, Verify, at_work, publish, scale, under_load
from tests.faults.ledger import Ledger
from tests.faults.store_process import USER
from tests.faults.watching import is_ready, series
from tests.faults.world import OWNERS, REGISTRY, WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
FIGURES = "cx_metric_value"  # shown by the worker that refreshes
# Live figures are those of a series; recorded ones come at whole minutes, so that they say nothing of how soon.
NEWEST = "SELECT toFloat64(max(finished_at)) AS cells FROM refreshes"
RECOVERED_S = 30.0


def write_registry(world: World, version: str, owners: Mapping[str, str]) -> None:
    """Replaces the registry file as an editor does, at once."""
    head = REGISTRY.partition("[[ownership]]")[0].replace("faults-1", version)
    rules = "".join(f'[[ownership]]\ntouchpoint = "{start}*"\nowner = "{owner}"\n' for start, owner in owners.items())
    new = world.directory / "registry.new"
    new.write_text(head + rules)
    new.replace(world.directory / "registry.toml")


async def all_say(world: World, text: str) -> None:
    await until(
        lambda: all(text in worker.log.read_text() for worker in world.workers if worker.alive),
        f"all workers say {text!r}\n{world.tails()}",
    )


def valid(worker: WorkerProcess) -> float | None:
    return series(worker, "cx_registry_valid").get("")


def facts_of(world: World, seed: int) -> set[tuple[str, str]]:
    """Versions and departments that the facts of one seed carry, of touchpoints below web."""
    rows = world.address.query(
        "SELECT DISTINCT registry_version AS version, department FROM events FINAL "
        f"WHERE startsWith(event_id, 's{seed}-') AND startsWith(touchpoint, 'web.')"
    )
    return {(row["version"], row["department"]) for row in rows}


async def test_the_registry_changes_breaks_and_is_fixed(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger, current, seed = Ledger(), ("faults-1", "sales"), 100
    for _ in range(2):
        await at_work(world, ledger)
    await until(lambda: all(is_ready(worker) for worker in world.workers), f"both have begun\n{world.tails()}")
    async with under_load(world, ledger, seed=2):
        for round_ in range(scale(2, 20)):
            (world.directory / "registry.toml").write_text(f"version = {round_}")
            await all_say(world, f"is not valid, version {current[0]} stays")
            await until(lambda: {valid(worker) for worker in world.workers} == {0.0}, "it is shown that it is broken")
            await publish(world, ledger, seed=seed, count=300)
            await world.all_committed(dict(ledger.acknowledged))
            assert facts_of(world, seed) == {current}

            current = (f"changed-{round_}", ("logistics", "sales")[round_ % 2])
            world.owners = OWNERS | {"web.": current[1]}
            write_registry(world, current[0], world.owners)
            await all_say(world, f"version {current[0]} is in force")
            await until(lambda: {valid(worker) for worker in world.workers} == {1.0}, "it is shown that it is fixed")
            await publish(world, ledger, seed=seed + 1, count=300)
            await world.all_committed(dict(ledger.acknowledged))
            assert facts_of(world, seed + 1) == {current}
            seed += 2
            outcome.notes.append(f"{current[0]} in force")
    odd = {version for version, owner in facts_of(world, 2) if (version, owner) not in _declared(round_ + 1)}
    assert not odd, f"facts of versions {odd} have an owner that these do not name"
    await verify(world, ledger)


def _declared(rounds: int) -> set[tuple[str, str]]:
    changed = {(f"changed-{number}", ("logistics", "sales")[number % 2]) for number in range(rounds)}
    return {("faults-1", "sales")} | changed


def refreshing(world: World) -> list[WorkerProcess]:
    """The workers that show figures now."""
    return [worker for worker in world.workers if worker.alive and series(worker, FIGURES)]


async def the_refresher(world: World, deadline_s: float = 60.0) -> WorkerProcess:
    """The one worker that shows figures, once there is one; the next look may find another."""
    found: list[WorkerProcess] = []

    def one() -> bool:
        found[:] = refreshing(world)
        return len(found) == 1

    await until(one, f"one refreshes\n{world.tails()}", deadline_s)
    return found[0]


async def test_the_refresher_dies_and_another_takes_over(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    for _ in range(2):
        await at_work(world, ledger)
    async with under_load(world, ledger, seed=2):
        for _ in range(scale(1, 10)):
            await until(lambda: all(is_ready(worker) for worker in world.workers if worker.alive), world.tails())
            (await the_refresher(world)).kill()
            outcome.kills += 1
            died = time.time()
            await the_refresher(world, RECOVERED_S)
            await until(
                lambda died=died: world.address.query(NEWEST)[0]["cells"] > died,  # type: ignore[misc]
                f"cells go on\n{world.tails()}",
                RECOVERED_S,
            )
            outcome.notes.append(f"{time.time() - died:.1f} s until another refreshed")
            world.start_worker()
    await verify(world, ledger)


async def test_three_refreshers_at_once(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    await at_work(world, ledger)
    registry = RegistryWatcher(world.directory / "registry.toml")
    settings = ClickHouseSettings(
        url=f"http://127.0.0.1:{world.store.port}", user=USER, password=world.store.password, database=world.database
    )
    stores = [Store(settings) for _ in range(2)]
    others = [
        Refresher(store, registry, RefreshSettings(interval_s=pause_s, snapshot_s=1), lambda: True)
        for store, pause_s in zip(stores, (0.05, 0.3), strict=True)
    ]
    running = [asyncio.create_task(other.run()) for other in others]
    async with under_load(world, ledger, seed=2, rate_per_s=500):
        await asyncio.sleep(scale(6, 60))
    await verify(world, ledger)
    assert not any(task.done() for task in running)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    refreshes = world.address.query("SELECT count() AS n FROM refreshes")[0]["n"]
    outcome.notes.append(f"{refreshes} refreshes")
    for store in stores:
        store.close()

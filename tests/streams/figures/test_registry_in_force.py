from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streams.figures.registry_in_force import OwnershipChange, RegistryRecorder, note_registry, ownership_changes
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.store.client import Store
from tests.streams.given import NOON, REGISTRY, rules_of

CHANGED = datetime(2026, 4, 1, tzinfo=UTC)
SLICED = (
    REGISTRY
    + """
[[ownership]]
touchpoint = "web.checkout"
kind = "nps"
owner = "logistics"
from = 2026-05-01
"""
)


def latest(store: Store) -> dict[str, Any]:
    [row] = store.query("SELECT * FROM registry_latest")
    return row


def test_each_change_of_owner_is_one_whatever_slices_rules_tell_apart() -> None:
    first = OwnershipChange(CHANGED, "web.checkout", "", "marketing", "sales")
    assert ownership_changes(rules_of(REGISTRY)) == [first]
    later = OwnershipChange(datetime(2026, 5, 1, tzinfo=UTC), "web.checkout", "nps", "sales", "logistics")
    assert ownership_changes(rules_of(SLICED)) == [first, later]


def test_the_store_knows_names_changes_and_targets_of_the_registry_noted_last(store: Store) -> None:
    note_registry(store, rules_of(SLICED.replace('"v1"', '"v2"')), NOON + timedelta(hours=1))
    note_registry(store, rules_of(REGISTRY), NOON)  # another worker was slower: the later note counts
    row = latest(store)
    assert row["version"] == "v2"
    assert row["departments"] == {
        "company": "Whole company", "unowned": "Nobody", "marketing": "Marketing", "sales": "Sales",
        "logistics": "Logistics",
    }  # fmt: skip
    assert row["touchpoints"]["web.checkout"] == "Checkout"
    changes = store.query("SELECT arrayJoin(changes) AS c, c.at AS at, c.slice AS slice FROM registry_latest")
    assert [(item["at"], item["slice"]) for item in changes] == [
        (CHANGED, ""), (datetime(2026, 5, 1, tzinfo=UTC), "nps"),
    ]  # fmt: skip


def test_a_target_that_begins_is_noted_though_the_registry_stays(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(REGISTRY.partition("[[target]]")[0] + """
[[target]]
metric = "ces"
floor = 1
internal = 5
from = 2026-06-01
""")  # fmt: skip
    recorder = RegistryRecorder(store, RegistryWatcher(path), lambda: True)
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    assert [recorder.look(begin + timedelta(seconds=second)) for second in (-2, -1, 0, 1)] == [True, False, True, False]
    target = {"department": "sales", "metric": "ces", "level": "internal", "value": 5.0}
    assert target in latest(store)["targets"]


def test_before_the_first_note_there_are_no_names(store: Store) -> None:
    row = latest(store)
    assert (row["version"], row["departments"], row["changes"]) == ("", {}, [])


def test_a_registry_is_noted_when_it_comes_into_force_and_once_a_day(
    store: Store, registry_path: Path, compiled: CompiledRegistry
) -> None:
    watcher = RegistryWatcher(registry_path)
    recorder = RegistryRecorder(store, watcher, lambda: True)
    assert recorder.look(NOON)
    assert not recorder.look(NOON + timedelta(hours=23))
    registry_path.write_text(REGISTRY.replace('"v1"', '"v2"'))
    watcher.check()
    assert recorder.look(NOON + timedelta(hours=23, minutes=1))
    assert not recorder.look(NOON + timedelta(hours=47))
    assert recorder.look(NOON + timedelta(days=2))
    versions = store.query("SELECT version FROM registry_in_force ORDER BY noted_at")
    assert [row["version"] for row in versions] == [compiled.version, "v2", "v2"]

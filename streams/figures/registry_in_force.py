"""The registry as the store knows it: names, changes of owner and targets, for whoever reads the store alone.

Dashboards ask the store, which has ids. The elected worker notes what the registry says when it comes into force, when
a target begins or ends, and once a day, so that the last note is never older than what the table keeps.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, NoReturn

from metrics.figures.scorecards import targets_by_level
from metrics.registry import COMPANY, UNOWNED, Ownership, Registry, Target
from metrics.registry.claims import rules_by_pattern, rules_of
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.runtime.periodic import run_while_elected
from streams.store.client import Store
from streams.timestamps import from_epoch

logger = logging.getLogger(__name__)

LOOK_S: Final = 2.0
AGAIN: Final = timedelta(days=1)


class OwnershipChange(NamedTuple):
    """A touchpoint that changes hands.

    Attributes:
        at: When, on a whole minute, UTC.
        touchpoint: Its id.
        slice: The segment, region and kind of event that it is limited to, separated by commas; empty for all events.
        previous: The department before; `unowned` if none.
        owner: The department from then on; `unowned` if none.
    """

    at: datetime
    touchpoint: str
    slice: str
    previous: str
    owner: str


def ownership_changes(compiled: CompiledRegistry) -> list[OwnershipChange]:
    """Every change of owner that a registry declares for its touchpoints, past and future, by instant.

    A change of all events of a touchpoint is one change, whatever slices its rules tell apart.
    """
    changes: list[OwnershipChange] = []
    by_pattern = rules_by_pattern(rule for rule in compiled.registry.ownerships if rule.facet is None)
    for touchpoint in compiled.registry.touchpoints:
        whole = dict.fromkeys(_of_slice(compiled, touchpoint.id, ("", "", "")))
        changes += whole
        for part in _slices(rules_of(touchpoint.id, by_pattern)):
            changes += [
                item for item in _of_slice(compiled, touchpoint.id, part) if item._replace(slice="") not in whole
            ]
    return sorted(changes)


def _slices(rules: Iterable[Ownership]) -> list[tuple[str, str, str]]:
    return sorted({(rule.segment or "", rule.region or "", rule.kind or "") for rule in rules} - {("", "", "")})


def _of_slice(compiled: CompiledRegistry, touchpoint: str, part: tuple[str, str, str]) -> Iterator[OwnershipChange]:
    boundaries, owners = compiled.attribution.spans(touchpoint, *part)
    name = ", ".join(filter(None, part))
    for at_s, previous, owner in zip(boundaries, owners, owners[1:], strict=False):
        if previous != owner:
            yield OwnershipChange(from_epoch(at_s), touchpoint, name, previous, owner)


def note_registry(store: Store, compiled: CompiledRegistry, at: datetime) -> None:
    """Writes what a registry says to the table `registry_in_force`, as of an instant (aware UTC)."""
    registry = compiled.registry
    departments = (*(item.id for item in registry.departments), COMPANY)
    row: dict[str, Any] = {
        "noted_at": at,
        "version": registry.version,
        "departments": department_names(registry),
        "touchpoints": {item.id: item.name.get("en") or item.id for item in registry.touchpoints},
        "changes": [tuple(change) for change in ownership_changes(compiled)],
        "targets": list(targets_by_level(departments, registry.targets_at(at.timestamp()))),
    }
    store.insert("registry_in_force", list(row), [[value] for value in row.values()])


def department_names(registry: Registry) -> dict[str, str]:
    """What departments are called, by id; with the company as a whole, and what nobody owns."""
    return {COMPANY: "Whole company", UNOWNED: "Nobody"} | {item.id: item.name for item in registry.departments}


class RegistryRecorder:
    """Notes the registry while `elected` says so: of other rules, when a target begins or ends, and once a day."""

    def __init__(self, store: Store, registry_watcher: RegistryWatcher, elected: Callable[[], bool]) -> None:
        self._store = store
        self._registry_watcher = registry_watcher
        self._elected = elected
        self._noted: tuple[CompiledRegistry, tuple[Target, ...], datetime] | None = None

    async def run(self) -> NoReturn:
        """Notes until cancelled. An error is survived: it must not keep anything from landing."""
        await run_while_elected(
            "registry in force",
            lambda: self.look(datetime.now(UTC)),
            elected=self._elected,
            withdraw=self._withdraw,
            pause_s=lambda _: LOOK_S,
            survives_errors=True,
        )

    def look(self, now: datetime) -> bool:
        """Notes the registry in force if that is due at an instant (aware UTC); returns whether it was."""
        compiled = self._registry_watcher.current
        targets = compiled.registry.targets_at(now.timestamp())
        if self._noted is not None:
            noted, of_then, at = self._noted
            if noted is compiled and of_then == targets and now - at < AGAIN:
                return False
        note_registry(self._store, compiled, now)
        self._noted = compiled, targets, now
        return True

    def _withdraw(self) -> None:
        self._noted = None

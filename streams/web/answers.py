"""What the answers of the API have in common: the site that they are about, and how the store is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from streams.figures import departments, snapshot
from streams.figures.day_states import registry_hash
from streams.figures.moments import KeptMoments, MomentOf
from streams.figures.snapshot import Snapshot
from streams.ingest.telemetry import Telemetry
from streams.parameters import InstantParameters
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.store.client import Store
from streams.store.statements import Row
from streams.timestamps import rfc3339
from streams.web.kept import KeptAnswers
from streams.web.readers import Readers

QUERY_DEADLINE_S: Final = 10.0
PASS_DEADLINE_S: Final = 60.0
"""Of what passes over a whole period, such as governance: ten million facts of one take some twenty seconds."""

T = TypeVar("T")
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Site:
    """What is served.

    Attributes:
        store: Where figures of other instants than now come from.
        registry_watcher: Who owns what.
        telemetry: The series.
        latest: The refresher's last snapshot; None on workers that do not refresh.
        ready: Why the worker is not ready, "" when it is.
        drift_budget: False alarms of drift a month that are allowed.
    """

    store: Store
    registry_watcher: RegistryWatcher
    telemetry: Telemetry
    latest: Callable[[], Snapshot | None]
    ready: Callable[[], str]
    drift_budget: float = 1.0


class SiteAnswers:
    """Answers of a site."""

    def __init__(self, site: Site, readers: Readers) -> None:
        self._site, self._readers = site, readers
        self._kept_answers, self._kept_moments = KeptAnswers(), KeptMoments()

    async def require_known(self, department: str | None) -> None:
        """Raises BadParameter for a department that neither the registry nor the figures know."""
        registry = self._site.registry_watcher.current.registry
        # What the registry declares is answered also while the store is away.
        if department is not None and department not in departments.declared_names(registry):
            await self.ask(lambda store: departments.require_known(store, registry, department))

    async def figures(self, parameters: InstantParameters) -> Snapshot:
        """The figures of the instant that is asked for."""
        now, latest, compiled = datetime.now(UTC), self._site.latest(), self._site.registry_watcher.current
        at = parameters.past(now)
        if at is None and latest is not None:
            return latest
        return await self.ask(lambda store: snapshot.compute(store, compiled, at or now, live=at is None))

    async def kept(
        self,
        parameters: InstantParameters,
        name: tuple[Any, ...],
        ask: Callable[[Store, CompiledRegistry, datetime, MomentOf], T],
    ) -> T:
        """An answer that costs the store much: about now it is kept for a while, about another instant it is made.

        What is about now is about the last whole minute, so that several answers have moments in common.
        """
        now, compiled = datetime.now(UTC), self._site.registry_watcher.current
        at = parameters.past(now)
        if at is not None:
            return await self.ask(lambda store: ask(store, compiled, at, snapshot.moment), PASS_DEADLINE_S)
        version, minute = registry_hash(compiled), now.replace(second=0, microsecond=0)
        made: T = await self._kept_answers.answer(
            (*name, version),
            lambda: self.ask(lambda store: ask(store, compiled, minute, self._kept_moments.moment), PASS_DEADLINE_S),
        )
        return made

    async def ask(self, question: Callable[[Store], T], limit_s: float | None = None) -> T:
        """Asks the store, by a reader of its own; raises TimeoutError after `limit_s`, by default QUERY_DEADLINE_S."""
        return await self._readers.ask(question, limit_s or QUERY_DEADLINE_S)


def instant_of(parameters: InstantParameters) -> datetime:
    """The instant that is asked for; now, by the clock, where none is.

    Raises:
        BadParameter: It is in the future.
    """
    now = datetime.now(UTC)
    return parameters.past(now) or now


def plain(value: object) -> object:
    """A value of the store as JSON has it, instants as RFC 3339."""
    if isinstance(value, Row):
        return plain(value.as_dict())
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return rfc3339(value) if isinstance(value, datetime) else value

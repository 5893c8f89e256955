"""The JSON API: how each question is answered."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from aiohttp import web
from msgspec import to_builtins

from metrics.catalogue import METRICS
from metrics.figures.scorecards import Scorecard
from metrics.governance.cases import chosen_cases
from metrics.zones import Zone
from streams.drift import annotations, explanation, repository
from streams.drift.annotations import AnnotationParameters
from streams.drift.budget import alarm_budget
from streams.figures import departments, distribution, index_history, snapshot, trends
from streams.figures.day_snapshots import registry_hash
from streams.figures.distribution_parameters import DistributionParameters
from streams.figures.response_rates import ResponseParameters, responses
from streams.figures.snapshot import Snapshot
from streams.figures.trend_parameters import TrendParameters
from streams.governance import open_cases, overview, report, surrogates
from streams.governance.counting import Question, as_rows, compute
from streams.ingest.telemetry import Telemetry
from streams.parameters import (
    BalanceParameters,
    CaseParameters,
    GovernanceParameters,
    HistoryParameters,
    InstantParameters,
    NoParameters,
    OverviewParameters,
    PeriodParameters,
    RejectedParameters,
    ReportParameters,
    ScorecardParameters,
    SurrogateParameters,
)
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.registry.lint_apart import WALL_S
from streams.store import rejected
from streams.store.client import Store
from streams.store.statements import Row
from streams.timestamps import rfc3339
from streams.web import data_alarms, registry_json, touchpoints, what_if
from streams.web.kept import KeptAnswers
from streams.web.readers import Readers

QUERY_DEADLINE_S: Final = 10.0
LINT_DEADLINE_S: Final = WALL_S + 5
PASS_DEADLINE_S: Final = 60.0
"""Of what passes over a whole period, such as governance: ten million facts of one take some twenty seconds."""
# A page of its own with its style inside of it: it may load nothing, not even from here.
REPORT_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "md": {"content_type": "text/markdown"},
    "html": {"content_type": "text/html", "headers": {"Content-Security-Policy": report.POLICY}},
}

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


class Api:
    """The answers of a site: each method takes a question, and returns JSON-ready values or a whole response."""

    def __init__(self, site: Site, document: Callable[[], dict[str, Any]], readers: Readers) -> None:
        self._site, self._document, self._readers = site, document, readers
        self._kept_answers = KeptAnswers()
        self._scrapes = ThreadPoolExecutor(1, thread_name_prefix="scrape")

    async def metrics(self, parameters: NoParameters) -> web.Response:
        """What Prometheus scrapes."""
        exposition = self._site.telemetry.exposition
        body = await asyncio.get_running_loop().run_in_executor(self._scrapes, exposition)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def health(self, parameters: NoParameters) -> dict[str, Any]:
        """Whether the process is alive."""
        return {"status": "alive"}

    async def ready(self, parameters: NoParameters) -> web.Response:
        """Whether the worker is assigned and landing, and why not."""
        reason = self._site.ready()
        return web.json_response({"ready": not reason, "reason": reason}, status=503 if reason else 200)

    async def openapi(self, parameters: NoParameters) -> dict[str, Any]:
        """This document."""
        return self._document()

    async def balances(self, parameters: BalanceParameters) -> Rows:
        """Figures of an instant."""
        await self._require_known(parameters.department)
        filters = {name: getattr(parameters, name) for name in ("department", "metric", "horizon")}
        figures = await self._figures(parameters)
        return snapshot.figures_as_json(
            [
                row
                for row in figures.balances[parameters.view]
                if all(value in (None, getattr(row, name)) for name, value in filters.items())
            ],
            self._site.registry_watcher.current.registry,
        )

    async def trends(self, parameters: TrendParameters) -> Rows:
        """Figures of a department at many instants of a period, oldest first."""
        compiled = self._site.registry_watcher.current
        question = parameters.question(datetime.now(UTC), compiled.registry.zone)
        await self._require_known(parameters.department)
        points = await self._ask(lambda store: trends.trend(store, compiled, question), PASS_DEADLINE_S)
        return trends.as_json(points, parameters.by, compiled.registry)

    async def distribution(self, parameters: DistributionParameters) -> Rows:
        """How people answered NPS, CSAT and CES in stretches of a period, by metric, oldest first."""
        compiled = self._site.registry_watcher.current
        question = parameters.question(datetime.now(UTC), compiled.registry.zone)
        await self._require_known(parameters.department)
        found = await self._ask(lambda store: distribution.distribution(store, compiled, question), PASS_DEADLINE_S)
        return distribution.as_json(question, found)

    async def annotations(self, parameters: AnnotationParameters) -> Rows:
        """What happened in a period: changes of owner and of the registry, drifts, baselines and notes."""
        compiled = self._site.registry_watcher.current
        period = parameters.bounds(datetime.now(UTC), compiled.registry.zone)
        await self._require_known(parameters.department)
        found = await self._ask(
            lambda store: annotations.annotations_of(store, compiled, *period, parameters.department)
        )
        return annotations.as_json(found)

    async def responses(self, parameters: ResponseParameters) -> Rows:
        """How many of the invitations to surveys were answered."""
        compiled = self._site.registry_watcher.current
        period = parameters.bounds(datetime.now(UTC), compiled.registry.zone)
        await self._require_known(parameters.department)
        return await self._ask(lambda store: responses(store, compiled, parameters, period), PASS_DEADLINE_S)

    async def scorecards(self, parameters: ScorecardParameters) -> Rows:
        """Indices of an instant."""
        await self._require_known(parameters.department)
        cards = (await self._figures(parameters)).scorecards[parameters.view]
        return snapshot.as_json([card for card in cards if parameters.department in (None, card.department)])

    async def scorecards_history(self, parameters: HistoryParameters) -> Rows:
        """Indices at the last midnight of UTC up to an instant and at those of the weeks before, oldest first."""
        await self._require_known(parameters.department)
        view, department = parameters.view, parameters.department

        def ask(store: Store, compiled: CompiledRegistry, at: datetime) -> list[Scorecard]:
            return index_history.history(store, compiled, index_history.weekly_instants(at, parameters.weeks), view)

        cards = await self._kept(parameters, ("history", view, parameters.weeks), ask)
        return snapshot.as_json([card for card in cards if department in (None, card.department)])

    async def overview(self, parameters: OverviewParameters) -> dict[str, Any]:
        """What is changing, whose it is, and which departments get better or worse."""
        compiled, view, budget = self._site.registry_watcher.current, parameters.view, self._site.drift_budget

        def ask(store: Store, compiled: CompiledRegistry, at: datetime) -> overview.Overview:
            return overview.compute(store, compiled, at, view, budget)

        return overview.as_json(await self._kept(parameters, ("overview", view), ask), compiled, parameters.lang)

    async def data_alarms(self, parameters: InstantParameters) -> dict[str, Any]:
        """What is wrong with the data: silent touchpoints, collapsed samples, and rejected events of seven days."""
        return await self._kept(parameters, ("data alarms",), data_alarms.data_alarms)

    async def drift(self, parameters: NoParameters) -> Any:
        """Every change of state that is not withdrawn."""
        return _plain(await self._ask(repository.alarms))

    async def drift_now(self, parameters: InstantParameters) -> Any:
        """What is in alarm at an instant, with its story."""
        now, site = datetime.now(UTC), self._site
        at = parameters.past(now) or now

        def ask(store: Store) -> list[explanation.Drift]:
            return explanation.drifting(store, site.registry_watcher.current, repository.baselines(store), at)

        return _plain(await self._ask(ask))

    async def drift_budget(self, parameters: InstantParameters) -> Any:
        """False alarms to expect in a month, and the alarms of 30 days."""
        now, allowed = datetime.now(UTC), self._site.drift_budget
        at = parameters.past(now) or now
        spent = await self._ask(lambda store: alarm_budget(store, repository.baselines(store), allowed, at))
        return _plain(to_builtins(spent, builtin_types=(datetime,)))

    async def governance(self, parameters: GovernanceParameters) -> Rows:
        """Figures of governance of a period."""
        compiled = self._site.registry_watcher.current
        question = _question(parameters, compiled.registry.zone)
        figures = await self._ask(lambda store: compute(store, compiled, question), PASS_DEADLINE_S)
        return [row for row in as_rows(figures) if parameters.measure in (None, row["measure"])]

    async def cases(self, parameters: CaseParameters) -> Rows:
        """The cases that are open at an instant, the oldest first."""
        await self._require_known(parameters.department)
        now, compiled = datetime.now(UTC), self._site.registry_watcher.current
        at = parameters.past(now) or now
        every = await self._ask(lambda store: open_cases.open_cases(store, compiled, at, parameters.view))
        kept = chosen_cases(every, parameters.department, parameters.touchpoint)
        return open_cases.as_rows(kept[: parameters.limit], at)

    async def surrogates(self, parameters: SurrogateParameters) -> dict[str, Any]:
        """How much short-term metrics foretell long-term ones."""
        await self._require_known(parameters.department)
        now, compiled = datetime.now(UTC), self._site.registry_watcher.current
        at = parameters.past(now) or now
        found = await self._ask(lambda store: surrogates.compute(store, compiled, at, parameters.by), PASS_DEADLINE_S)
        return surrogates.as_json(found, parameters.department)

    async def report(self, parameters: ReportParameters) -> dict[str, Any] | web.Response:
        """What there is to say of a period: JSON, Markdown or HTML."""
        compiled, lang = self._site.registry_watcher.current, parameters.lang
        question = _question(parameters, compiled.registry.zone)
        budget = self._site.drift_budget
        written = await self._ask(
            lambda store: report.write(
                store, compiled, question, lang, budget=budget, is_complete=parameters.is_complete
            ),
            PASS_DEADLINE_S,
        )
        if parameters.format == "json":
            return report.as_json(written)
        return web.Response(text=written.text(parameters.format), **REPORT_TYPES[parameters.format])

    async def registry(self, parameters: InstantParameters) -> dict[str, Any]:
        """The registry in force with the targets of an instant, and the error of a file that was rejected."""
        now = datetime.now(UTC)
        return registry_json.in_force(self._site.registry_watcher, parameters.past(now) or now)

    async def registry_text(self, parameters: NoParameters) -> dict[str, Any]:
        """The text of the registry in force."""
        current = self._site.registry_watcher.current
        return {"version": current.version, "text": current.text}

    async def what_if(self, parameters: what_if.WhatIfParameters, text: str) -> dict[str, Any]:
        """What another registry would change; nothing is written."""
        now, current = datetime.now(UTC), self._site.registry_watcher.current
        at = parameters.past(now) or now
        limit_s = PASS_DEADLINE_S if parameters.effects else LINT_DEADLINE_S
        return await self._ask(lambda store: what_if.answer(store, current, text, parameters, at), limit_s)

    async def touchpoints(self, parameters: InstantParameters) -> Rows:
        """Who owns each touchpoint at an instant, and who owned its events when they occurred."""
        now, site = datetime.now(UTC), self._site
        at = parameters.past(now) or now
        return await self._ask(lambda store: touchpoints.rows(store, site.registry_watcher.current, at))

    async def rejected(self, parameters: RejectedParameters) -> Any:
        """The latest rejected events."""
        chosen = parameters.reason, parameters.limit, parameters.contains
        return _plain(await self._ask(lambda store: rejected.latest(store, *chosen)))

    async def rejected_summary(self, parameters: NoParameters) -> Any:
        """How many events are rejected, by reason and partition."""
        return _plain(await self._ask(rejected.summary))

    async def catalogue(self, parameters: NoParameters) -> Rows:
        """The metrics."""
        names = ("name", "term", "unit", "kinds", "meaning", "interval")
        return [{name: getattr(metric, name) for name in names} for metric in METRICS.values()]

    async def _require_known(self, department: str | None) -> None:
        registry = self._site.registry_watcher.current.registry
        # What the registry declares is answered also while the store is away.
        if department is not None and department not in departments.declared_names(registry):
            await self._ask(lambda store: departments.require_known(store, registry, department))

    async def _figures(self, parameters: InstantParameters) -> Snapshot:
        now, latest, compiled = datetime.now(UTC), self._site.latest(), self._site.registry_watcher.current
        at = parameters.past(now)
        if at is None and latest is not None:
            return latest
        return await self._ask(lambda store: snapshot.compute(store, compiled, at or now, live=at is None))

    async def _kept(
        self,
        parameters: InstantParameters,
        name: tuple[Any, ...],
        ask: Callable[[Store, CompiledRegistry, datetime], T],
    ) -> T:
        """An answer that costs the store much: about now it is kept for a while, about another instant it is made."""
        now, compiled = datetime.now(UTC), self._site.registry_watcher.current
        at = parameters.past(now)
        if at is not None:
            return await self._ask(lambda store: ask(store, compiled, at), PASS_DEADLINE_S)
        version = registry_hash(compiled)
        made: T = await self._kept_answers.answer(
            (*name, version), lambda: self._ask(lambda store: ask(store, compiled, now), PASS_DEADLINE_S)
        )
        return made

    async def _ask(self, question: Callable[[Store], T], limit_s: float | None = None) -> T:
        return await self._readers.ask(question, limit_s or QUERY_DEADLINE_S)


def _question(parameters: PeriodParameters, zone: Zone) -> Question:
    return Question(*parameters.bounds(datetime.now(UTC), zone), parameters.view)


def _plain(value: object) -> object:
    """A value of the store as JSON has it, instants as RFC 3339."""
    if isinstance(value, Row):
        return _plain(value.as_dict())
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return rfc3339(value) if isinstance(value, datetime) else value

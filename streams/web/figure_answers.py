"""The answers of the API about figures: of an instant, over a period, and what happened in it."""

from datetime import UTC, datetime
from typing import Any, Final

from metrics.figures.scorecards import Scorecard
from streams.drift import annotations
from streams.drift.annotations import AnnotationParameters
from streams.figures import distribution, index_history, snapshot, trends
from streams.figures.distribution_parameters import DistributionParameters
from streams.figures.moments import MomentOf
from streams.figures.response_rates import ResponseParameters, response_rows
from streams.figures.seen import Period, SeenParameters, seen_rows
from streams.figures.trend_parameters import TrendParameters
from streams.governance import overview
from streams.parameters import (
    BalanceParameters,
    HistoryParameters,
    InstantParameters,
    OverviewParameters,
    ScorecardParameters,
)
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.web import data_alarms
from streams.web.answers import PASS_DEADLINE_S, Rows, SiteAnswers, instant_of

ROWS_AT_ONCE: Final = 1000
"""More are put into form on a thread of a reader: a thousand departments have 14,000, and ingest would stand still."""


class FigureAnswers(SiteAnswers):
    """Each method takes a question, and returns JSON-ready values."""

    async def balances(self, parameters: BalanceParameters) -> Rows:
        """Figures of an instant."""
        await self.require_known(parameters.department)
        filters = {name: getattr(parameters, name) for name in ("department", "metric", "horizon")}
        figures, registry = await self.figures(parameters), self._site.registry_watcher.current.registry
        rows = [
            row
            for row in figures.balances[parameters.view]
            if all(value in (None, getattr(row, name)) for name, value in filters.items())
        ]
        if len(rows) <= ROWS_AT_ONCE:
            return snapshot.figures_as_json(rows, registry)
        return await self.ask(lambda _: snapshot.figures_as_json(rows, registry), PASS_DEADLINE_S)

    async def trends(self, parameters: TrendParameters) -> Rows:
        """Figures of a department at many instants of a period, oldest first; those of now are those of `balances`."""
        compiled, latest = self._site.registry_watcher.current, self._site.latest()
        question = parameters.question(datetime.now(UTC), compiled.registry.zone)
        await self.require_known(parameters.department)
        now = latest if parameters.to is None else None
        points = await self.ask(lambda store: trends.trend(store, compiled, question, now), PASS_DEADLINE_S)
        return trends.as_json(points, parameters.by, compiled.registry)

    async def distribution(self, parameters: DistributionParameters) -> Rows:
        """How people answered NPS, CSAT and CES in stretches of a period, by metric, oldest first."""
        compiled = self._site.registry_watcher.current
        question = parameters.question(datetime.now(UTC), compiled.registry.zone)
        await self.require_known(parameters.department)
        found = await self.ask(lambda store: distribution.answer_counts(store, compiled, question), PASS_DEADLINE_S)
        return distribution.as_json(question, found)

    async def annotations(self, parameters: AnnotationParameters) -> Rows:
        """What happened in a period: changes of owner and of the registry, drifts, baselines and notes."""
        compiled = self._site.registry_watcher.current
        period = parameters.bounds(datetime.now(UTC), compiled.registry.zone)
        await self.require_known(parameters.department)
        found = await self.ask(
            lambda store: annotations.annotations_of(store, compiled, *period, parameters.department)
        )
        return annotations.as_json(found)

    async def responses(self, parameters: ResponseParameters) -> Rows:
        """How many of the invitations to surveys were answered."""
        compiled = self._site.registry_watcher.current
        period = parameters.bounds(datetime.now(UTC), compiled.registry.zone)
        await self.require_known(parameters.department)
        return await self.ask(lambda store: response_rows(store, compiled, parameters, period), PASS_DEADLINE_S)

    async def sources_seen(self, parameters: SeenParameters) -> Rows:
        """Unknown fields and touchpoints that sources sent, those of most events first."""
        compiled = self._site.registry_watcher.current
        period = Period(*parameters.bounds(datetime.now(UTC), compiled.registry.zone))
        return await self.ask(lambda store: seen_rows(store, compiled, period, parameters.limit), PASS_DEADLINE_S)

    async def scorecards(self, parameters: ScorecardParameters) -> Rows:
        """Indices of an instant."""
        await self.require_known(parameters.department)
        cards = (await self.figures(parameters)).scorecards[parameters.view]
        return snapshot.as_json([card for card in cards if parameters.department in (None, card.department)])

    async def scorecards_history(self, parameters: HistoryParameters) -> Rows:
        """Indices at the last midnight of UTC up to an instant and at those of the weeks before, oldest first."""
        await self.require_known(parameters.department)
        view, department = parameters.view, parameters.department

        def ask(store: Store, compiled: CompiledRegistry, at: datetime, _: MomentOf) -> list[Scorecard]:
            return index_history.history(store, compiled, index_history.weekly_instants(at, parameters.weeks), view)

        cards = await self.kept(parameters, ("history", view, parameters.weeks), ask)
        return snapshot.as_json([card for card in cards if department in (None, card.department)])

    async def overview(self, parameters: OverviewParameters) -> dict[str, Any]:
        """What is changing, whose it is, and which departments get better or worse."""
        compiled, view, budget = self._site.registry_watcher.current, parameters.view, self._site.drift_budget

        def ask(store: Store, compiled: CompiledRegistry, at: datetime, moment: MomentOf) -> overview.Overview:
            return overview.compute(store, compiled, at, view, budget, moment)

        return overview.as_json(await self.kept(parameters, ("overview", view), ask), compiled, parameters.lang)

    async def data_alarms(self, parameters: InstantParameters) -> dict[str, Any]:
        """What is wrong with the data: silent touchpoints, collapsed samples, and rejected events of seven days."""

        def ask(store: Store, compiled: CompiledRegistry, at: datetime, moment: MomentOf) -> dict[str, Any]:
            return data_alarms.data_alarms(store, compiled, at, moment, instant_of(parameters))

        return await self.kept(parameters, ("data alarms",), ask)

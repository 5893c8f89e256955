"""The JSON API: how each question is answered."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from aiohttp import web
from msgspec import to_builtins

from metrics.catalogue import METRICS
from metrics.zones import Zone
from streams.drift import explanation, repository
from streams.drift.budget import alarm_budget
from streams.governance import open_cases, report, surrogates
from streams.governance.case_parameters import CaseParameters
from streams.governance.counting import Question, as_rows, compute
from streams.parameters import (
    GovernanceParameters,
    InstantParameters,
    NoParameters,
    PeriodParameters,
    RejectedParameters,
    ReportParameters,
    SurrogateParameters,
)
from streams.registry.lint_apart import LONGEST_S, KeptLints
from streams.store import rejected
from streams.store.client import Store
from streams.web import registry_json, touchpoints, what_if
from streams.web.answers import PASS_DEADLINE_S, Rows, Site, instant_of, plain
from streams.web.figure_answers import FigureAnswers
from streams.web.readers import Readers
from streams.web.schemas import SchemaParameters, schema_document, schema_rows

LINT_DEADLINE_S: Final = LONGEST_S + 5
# A page of its own with its style inside of it: it may load nothing, not even from here.
REPORT_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "md": {"content_type": "text/markdown"},
    "html": {"content_type": "text/html", "headers": {"Content-Security-Policy": report.POLICY}},
}


class Api(FigureAnswers):
    """The answers of a site: each method takes a question, and returns JSON-ready values or a whole response."""

    def __init__(self, site: Site, document: Callable[[], dict[str, Any]], readers: Readers) -> None:
        super().__init__(site, readers)
        self._document, self._lints = document, KeptLints()
        self._scrapes = ThreadPoolExecutor(1, thread_name_prefix="scrape")

    async def metrics(self, parameters: NoParameters, headers: Mapping[str, str]) -> web.Response:
        """What Prometheus scrapes, in the format that it asks for."""
        accept, encoding = headers.get("Accept", ""), headers.get("Accept-Encoding", "")
        scrape = partial(self._site.telemetry.scrape, accept, encoding)
        body, described = await asyncio.get_running_loop().run_in_executor(self._scrapes, scrape)
        return web.Response(body=body, headers=described)

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

    async def drift(self, parameters: NoParameters) -> Any:
        """Every change of state that is not withdrawn."""
        return plain(await self.ask(repository.alarms))

    async def drift_now(self, parameters: InstantParameters) -> Any:
        """What is in alarm at an instant, with its story."""
        at, site = instant_of(parameters), self._site

        def ask(store: Store) -> list[explanation.Drift]:
            return explanation.drifting(store, site.registry_watcher.current, repository.baselines(store), at)

        return plain(await self.ask(ask))

    async def drift_budget(self, parameters: InstantParameters) -> Any:
        """False alarms to expect in a month, and the alarms of 30 days."""
        at, allowed = instant_of(parameters), self._site.drift_budget
        spent = await self.ask(lambda store: alarm_budget(store, repository.baselines(store), allowed, at))
        return plain(to_builtins(spent, builtin_types=(datetime,)))

    async def governance(self, parameters: GovernanceParameters) -> Rows:
        """Figures of governance of a period."""
        compiled = self._site.registry_watcher.current
        question = _question(parameters, compiled.registry.zone)
        figures = await self.ask(lambda store: compute(store, compiled, question), PASS_DEADLINE_S)
        return [row for row in as_rows(figures) if parameters.measure in (None, row["measure"])]

    async def cases(self, parameters: CaseParameters) -> Rows:
        """The cases that are open at an instant, the oldest first."""
        await self.require_known(parameters.department)
        at, compiled = instant_of(parameters), self._site.registry_watcher.current
        every = await self.ask(lambda store: open_cases.open_cases(store, compiled, at, parameters.view))
        kept = open_cases.asked_for(every, compiled.registry, parameters.department, parameters.touchpoint)
        return open_cases.case_rows(kept[: parameters.limit], at)

    async def surrogates(self, parameters: SurrogateParameters) -> dict[str, Any]:
        """How much short-term metrics foretell long-term ones."""
        await self.require_known(parameters.department)
        at, compiled = instant_of(parameters), self._site.registry_watcher.current
        found = await self.ask(lambda store: surrogates.compute(store, compiled, at, parameters.by), PASS_DEADLINE_S)
        return surrogates.as_json(found, parameters.department)

    async def report(self, parameters: ReportParameters) -> dict[str, Any] | web.Response:
        """What there is to say of a period: JSON, Markdown or HTML."""
        compiled, lang = self._site.registry_watcher.current, parameters.lang
        question = _question(parameters, compiled.registry.zone)
        budget = self._site.drift_budget
        written = await self.ask(
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
        return registry_json.in_force(self._site.registry_watcher, instant_of(parameters))

    async def registry_text(self, parameters: NoParameters) -> dict[str, Any]:
        """The text of the registry in force."""
        current = self._site.registry_watcher.current
        return {"version": current.version, "text": current.text}

    async def what_if(self, parameters: what_if.WhatIfParameters, text: str) -> dict[str, Any]:
        """What another registry would change; nothing is written."""
        at, current = instant_of(parameters), self._site.registry_watcher.current
        limit_s = LINT_DEADLINE_S + (PASS_DEADLINE_S if parameters.effects else 0)
        return await self.ask(lambda store: what_if.answer(store, self._lints, current, text, parameters, at), limit_s)

    async def touchpoints(self, parameters: InstantParameters) -> Rows:
        """Who owns each touchpoint at an instant, and who owned its events when they occurred."""
        return await self.kept(
            parameters, ("touchpoints",), lambda store, compiled, at, _: touchpoints.rows(store, compiled, at)
        )

    async def rejected(self, parameters: RejectedParameters) -> Any:
        """The latest rejected events."""
        chosen = parameters.reason, parameters.limit, parameters.contains
        return plain(await self.ask(lambda store: rejected.latest(store, *chosen)))

    async def rejected_summary(self, parameters: NoParameters) -> Any:
        """How many events are rejected, by reason and partition."""
        return plain(await self.ask(rejected.summary))

    async def catalogue(self, parameters: NoParameters) -> Rows:
        """The metrics."""
        names = ("name", "term", "unit", "kinds", "meaning", "interval")
        return [{name: getattr(metric, name) for name in names} for metric in METRICS.values()]

    async def schemas(self, parameters: NoParameters) -> Rows:
        """The schemas of events, and the AsyncAPI document of the topics."""
        return schema_rows()

    async def schema(self, parameters: SchemaParameters) -> dict[str, Any]:
        """One of them."""
        return schema_document(parameters.name)


def _question(parameters: PeriodParameters, zone: Zone) -> Question:
    return Question(*parameters.bounds(datetime.now(UTC), zone), parameters.view)

"""The routes of the API: what each takes, how it is answered, and with what."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.drift.annotations import AnnotationParameters
from streams.figures.distribution_parameters import DistributionParameters
from streams.figures.response_rates import ResponseParameters
from streams.figures.seen import SeenParameters
from streams.figures.trend_parameters import TrendParameters
from streams.governance.case_parameters import CaseParameters
from streams.parameters import (
    BalanceParameters,
    GovernanceParameters,
    HistoryParameters,
    InstantParameters,
    NoParameters,
    OverviewParameters,
    Parameters,
    RejectedParameters,
    ReportParameters,
    ScorecardParameters,
    SurrogateParameters,
)
from streams.web.annotations import AnnotationRow
from streams.web.api import Api
from streams.web.bodies import TOML, Proposal
from streams.web.case_responses import OpenCaseRow
from streams.web.data_alarms import DataAlarms
from streams.web.distribution import DistributionRow
from streams.web.drift_responses import DriftBudget, DriftRow, DriftStory
from streams.web.health import Health, Readiness
from streams.web.overview import OverviewAnswer
from streams.web.registry_responses import RegistryInForce, RegistryText
from streams.web.rejected_responses import RejectedSum
from streams.web.response_rates import ResponseRow
from streams.web.responses import (
    BalanceRow,
    GovernanceRow,
    MetricRow,
    RejectedRow,
    ReportOfPeriod,
    ScorecardRow,
    TrendRow,
)
from streams.web.schemas import SchemaParameters, SchemaRow
from streams.web.seen_responses import SeenRow
from streams.web.surrogates import SurrogatesAnswer
from streams.web.touchpoint_responses import TouchpointRow
from streams.web.what_if import WhatIf, WhatIfParameters

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One route: a GET, or a POST where it takes a body. None changes anything.

    Attributes:
        path: Where it is; a part in braces is a parameter.
        answer: The method that answers; the first line of its docstring is the route's summary.
        content: What an answer of status 200 holds, by media type.
        parameters: The question that its parameters make; None where they are ignored.
        uses_store: Whether it waits for the store, which can be away or slow.
        others: What answers of other statuses hold, where it is not a Problem.
        is_open: Whether it is answered without a token.
        body: What a body may be, by media type; None of a GET. The method that answers takes its text as well.
        negotiated: Whether the method that answers takes the request's headers as well, which say what is wanted.
    """

    path: str
    answer: Callable[..., Awaitable[Any]]
    content: Mapping[str, Any]
    parameters: type[Parameters] | None = NoParameters
    uses_store: bool = False
    others: Mapping[int, type] = field(default_factory=dict)
    is_open: bool = False
    body: Mapping[str, Any] | None = None
    negotiated: bool = False

    @property
    def method(self) -> str:
        """The only method that it is answered to."""
        return "GET" if self.body is None else "POST"


def _rows(path: str, answer: Callable[[Api, Any], Awaitable[Any]], row: type, parameters: type[Parameters]) -> Route:
    """A route whose answer is a list of rows from the store."""
    return Route(f"/api/v1/{path}", answer, {JSON: list[row]}, parameters, uses_store=True)  # type: ignore[valid-type]


REPORT: Final = {JSON: ReportOfPeriod, "text/markdown": str, "text/html": str}

REGISTRY: Final = {JSON: Proposal, TOML: str}

SERIES: Final = {"text/plain": str, "application/openmetrics-text": str}

ROUTES: Final = (
    Route("/metrics", Api.metrics, SERIES, None, negotiated=True),
    Route("/health", Api.health, {JSON: Health}, None, is_open=True),
    Route("/ready", Api.ready, {JSON: Readiness}, None, others={503: Readiness}, is_open=True),
    _rows("balances", Api.balances, BalanceRow, BalanceParameters),
    _rows("trends", Api.trends, TrendRow, TrendParameters),
    _rows("distribution", Api.distribution, DistributionRow, DistributionParameters),
    _rows("annotations", Api.annotations, AnnotationRow, AnnotationParameters),
    _rows("responses", Api.responses, ResponseRow, ResponseParameters),
    _rows("scorecards", Api.scorecards, ScorecardRow, ScorecardParameters),
    _rows("scorecards/history", Api.scorecards_history, ScorecardRow, HistoryParameters),
    Route("/api/v1/overview", Api.overview, {JSON: OverviewAnswer}, OverviewParameters, uses_store=True),
    Route("/api/v1/data-alarms", Api.data_alarms, {JSON: DataAlarms}, InstantParameters, uses_store=True),
    _rows("drift", Api.drift, DriftRow, NoParameters),
    _rows("drift/now", Api.drift_now, DriftStory, InstantParameters),
    Route("/api/v1/drift/budget", Api.drift_budget, {JSON: DriftBudget}, InstantParameters, uses_store=True),
    _rows("governance", Api.governance, GovernanceRow, GovernanceParameters),
    _rows("cases", Api.cases, OpenCaseRow, CaseParameters),
    Route("/api/v1/surrogates", Api.surrogates, {JSON: SurrogatesAnswer}, SurrogateParameters, uses_store=True),
    Route("/api/v1/report", Api.report, REPORT, ReportParameters, uses_store=True),
    _rows("touchpoints", Api.touchpoints, TouchpointRow, InstantParameters),
    _rows("sources/seen", Api.sources_seen, SeenRow, SeenParameters),
    _rows("rejected", Api.rejected, RejectedRow, RejectedParameters),
    _rows("rejected/summary", Api.rejected_summary, RejectedSum, NoParameters),
    Route("/api/v1/registry", Api.registry, {JSON: RegistryInForce}, InstantParameters),
    Route("/api/v1/registry/text", Api.registry_text, {JSON: RegistryText}),
    Route("/api/v1/what-if", Api.what_if, {JSON: WhatIf}, WhatIfParameters, uses_store=True, body=REGISTRY),
    Route("/api/v1/catalogue", Api.catalogue, {JSON: list[MetricRow]}),
    Route("/api/v1/schemas", Api.schemas, {JSON: list[SchemaRow]}),
    Route("/api/v1/schemas/{name}", Api.schema, {JSON: dict[str, Any]}, SchemaParameters),
    Route("/api/v1/openapi.json", Api.openapi, {JSON: dict[str, Any]}),
)

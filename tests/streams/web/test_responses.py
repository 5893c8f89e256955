"""Answers have the fields that their types say, and no others."""

import asyncio
from dataclasses import fields
from typing import Any, get_args

import msgspec
import pytest

from metrics.catalogue import Metric
from metrics.figures.balances import Balance
from metrics.figures.plan import ToPlan
from metrics.figures.scorecards import Scorecard
from metrics.figures.trends import TrendDimension
from metrics.registry import Target
from streams.web import responses
from streams.web.answers import Site
from streams.web.registry_responses import TargetRow
from streams.web.routes import JSON, ROUTES
from tests.streams.web.page_of import AT, fill
from tests.streams.web.served import Served

INSTANT = {"at": f"{AT}:00Z"}
PERIOD = {"from": "2026-03-01", "to": f"{AT}:00Z"}
QUERIES: dict[str, dict[str, Any]] = {
    "/api/v1/balances": INSTANT, "/api/v1/scorecards": INSTANT, "/api/v1/drift/now": INSTANT,
    "/api/v1/touchpoints": INSTANT, "/api/v1/surrogates": INSTANT,
    "/api/v1/trends": PERIOD | {"by": "touchpoint"}, "/api/v1/governance": PERIOD, "/api/v1/report": PERIOD,
    "/api/v1/annotations": PERIOD, "/api/v1/distribution": PERIOD,
    "/api/v1/responses": PERIOD,
}  # fmt: skip


def as_typed(answer: Any, kind: Any) -> Any:
    """An answer read as its type, strictly, and written again: what the type does not know is gone."""
    return msgspec.to_builtins(msgspec.convert(answer, kind))


async def test_every_answer_is_of_its_type_to_the_last_field(served: Served, site: Site) -> None:
    await asyncio.to_thread(fill, site.store, site)
    for route in ROUTES:
        if JSON in route.content and route.body is None:
            answer = await served.get(route.path.replace("{name}", "event"), **QUERIES.get(route.path, {}))
            assert answer.json, route.path
            assert as_typed(answer.json, route.content[JSON]) == as_fractions(answer.json), route.path


def as_fractions(answer: Any) -> Any:
    """An answer, its instants written as msgspec writes them: six digits of a second, or none."""
    if isinstance(answer, dict):
        return {name: as_fractions(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [as_fractions(value) for value in answer]
    if isinstance(answer, str) and len(answer) == len("2026-03-01T00:00:00.000Z") and answer.endswith("Z"):
        return f"{answer[:-1]}000Z"
    return answer


async def test_problems_are_of_their_type(served: Served) -> None:
    answer = await served.get("/api/v1/balances", view="as_if")
    assert as_typed(answer.json, responses.Problem) == answer.json


@pytest.mark.parametrize(
    ("row", "sources"),
    [
        (responses.BalanceRow, [Balance, ToPlan]),
        (responses.ScorecardRow, [Scorecard]),
        (TargetRow, [Target]),
    ],
)
def test_rows_have_the_fields_of_what_they_are_made_from(row: Any, sources: Any) -> None:
    own = {"valid_from": "from_", "valid_to": "to"}  # as the file has them
    names = {field.name for source in sources for field in fields(source)}
    assert set(row.__struct_fields__) == {own.get(name, name) for name in names}


def test_a_point_of_a_trend_is_a_row_of_balances_and_says_what_it_is_of() -> None:
    of = {*responses.TrendRow.__struct_fields__} - {*responses.BalanceRow.__struct_fields__}
    assert of == set(get_args(TrendDimension))


def test_a_metric_has_fields_of_the_catalogue() -> None:
    assert set(responses.MetricRow.__struct_fields__) < {field.name for field in fields(Metric)}

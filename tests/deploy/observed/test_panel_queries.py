"""Executes every query of every dashboard and rule on a real pipeline: the real engine, worker and Prometheus."""

import itertools
import json
import math
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.deploy.observed.conftest import Observed
from tests.e2e.running import rows as rows_of
from tests.kafka.libraries import PROJECT

pytestmark = pytest.mark.embedded

FOLDER = PROJECT / "deploy" / "grafana" / "dashboards"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
RULES = sorted((PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml"))
CHOSEN = {"department": "company", "metric": "nps", "horizon": "long", "touchpoint": "web.site"}
SPAN_S = {"prometheus": 300, "grafana-clickhouse-datasource": 90 * 86_400}
SELECTOR = re.compile(r"\b(?:cx|process)_[a-z_]+[a-z](?:\{[^}]*\})?")


def targets(kind: str) -> Iterator[Any]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == kind:
                    yield pytest.param(target, id=f"{name}-{panel['id']}{target['refId']}-{panel['title'][:40]}")


def choice(text: str) -> dict[str, str]:
    """What is chosen: the whole company, or where that has no such figures, the department with the planted drift."""
    if "drift_latest" in text:
        return CHOSEN | {"department": "service", "metric": "csat"}
    # Each department has short-term and long-term figures or not: sales has both, and is watched.
    return CHOSEN | ({"department": "sales", "metric": "nps"} if re.search("drift_|cx_companion", text) else {})


def expand(text: str, now_s: float, chosen: dict[str, str] | None = None) -> str:
    """What Grafana and its plugin make of a query for the time range that ends now."""
    chosen = chosen or choice(text)
    start, end = int(now_s - SPAN_S["grafana-clickhouse-datasource"]), int(now_s)
    filtered = rf"\1 >= toDateTime({start}) AND \1 <= toDateTime({end})"
    text = re.sub(r"\$__timeFilter\((\w+)\)", filtered, text).replace("$__toTime", f"toDateTime({end})")
    text = text.replace("$__fromTime", f"toDateTime({start})")
    text = re.sub(r"\$__timeInterval\((\w+)\)", r"toStartOfInterval(toDateTime(\1), INTERVAL 60 second)", text)
    text = text.replace("$__rate_interval", "1h")
    for name, value in chosen.items():
        text = text.replace(f"${{{name}:sqlstring}}", f"'{value}'").replace(f"${{{name}:regex}}", value)
        text = text.replace(f"${name}", value)
    assert "$" not in text.replace(")$'", ""), text
    return text


@pytest.mark.parametrize("target", list(targets("prometheus")))
def test_a_question_to_prometheus_has_an_answer(target: dict[str, Any], observed: Observed) -> None:
    now_s = time.time()
    found = observed.prometheus.query_range(expand(target["expr"], now_s), now_s - SPAN_S["prometheus"], now_s, 5)
    labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    assert found
    for metric, values in found:
        assert labels <= set(metric)
        assert math.isfinite(values[-1][1])
        assert all(before < after for (before, _), (after, _) in itertools.pairwise(values))
    legends = [tuple(metric.get(label) for label in sorted(labels)) for metric, _ in found]
    assert len(legends) == len(set(legends))


@pytest.mark.parametrize("target", list(targets("grafana-clickhouse-datasource")))
def test_a_question_to_the_store_has_an_answer(target: dict[str, Any], observed: Observed) -> None:
    found = observed.sql(expand(target["rawSql"], time.time()))
    assert found
    for value in (value for row in found for value in row.values()):
        assert not isinstance(value, float) or math.isfinite(value)
    if target["format"] == 0:
        assert next(iter(found[0])) == "time"
        assert all(before["time"] <= after["time"] for before, after in itertools.pairwise(found))
        assert any(isinstance(value, (int, float)) for row in found for value in row.values())
        texts = [tuple(value for value in row.values() if isinstance(value, str)) for row in found]
        assert len(texts) == len(set(texts))  # of a time and its labels there is one value


@pytest.mark.parametrize(
    ("board", "variable"),
    [
        pytest.param(name, variable, id=f"{name}-{variable['name']}")
        for name, board in BOARDS.items()
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    ],
)
def test_a_variable_offers_what_the_tests_choose(board: str, variable: dict[str, Any], observed: Observed) -> None:
    if variable["datasource"]["type"] == "prometheus":
        series, label = re.findall(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])[0]
        offered = observed.prometheus.label_values(series, label)
    else:
        offered = [next(iter(row.values())) for row in observed.sql(variable["query"])]
    assert CHOSEN[variable["name"]] in offered
    assert len(offered) == len(set(offered)) > 1


@pytest.mark.parametrize(
    "path", [*FOLDER.glob("*.json"), *RULES], ids=lambda path: str(path.relative_to(PROJECT / "deploy"))
)
def test_every_selector_finds_a_live_series(path: Any, observed: Observed) -> None:
    # What an annotation asks for is there only while its alert fires: test_alerting has it sent.
    text = TEMPLATE.sub("", path.read_text()) if path.suffix == ".yml" else " ".join(
        target.get("expr", "") for panel in BOARDS[path.stem]["panels"] for target in panel.get("targets", [])
    )  # fmt: skip
    selectors = set(SELECTOR.findall(expand_labels(text)))
    assert selectors
    missing = [selector for selector in sorted(selectors) if not observed.prometheus.query(f"count({selector})")]
    assert missing == []


TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def expand_labels(text: str) -> str:
    for name, value in choice(text).items():
        text = text.replace(f"${name}", value)
    return text


def test_the_worker_that_serves_the_figures_answers_every_rule_it_records(observed: Observed) -> None:
    recorded = re.findall(r"record: (\S+)", "".join(path.read_text() for path in RULES))
    assert [name for name in recorded if not observed.prometheus.query(name)] == []


def test_the_pulls_of_touchpoints_add_up_to_nothing(observed: Observed) -> None:
    [panel] = [p for p in BOARDS["department"]["panels"] if p["title"] == "Touchpoints that pull NPS"]
    rows = observed.sql(expand(panel["targets"][0]["rawSql"], time.time()))
    assert len(rows) > 3
    assert sum(row["pull"] for row in rows) == pytest.approx(0, abs=1e-9)
    assert max(abs(row["pull"]) for row in rows) > 0.1
    marketing = observed.sql(expand(panel["targets"][0]["rawSql"], time.time(), CHOSEN | {"department": "marketing"}))
    assert {row["touchpoint"] for row in marketing} < {row["touchpoint"] for row in rows}


def test_the_hand_offs_of_the_dashboard_are_those_that_governance_tells_of_the_same_time(observed: Observed) -> None:
    [panel] = [p for p in BOARDS["governance"]["panels"] if p["title"].startswith("Hand-offs")]
    now_s = int(time.time())
    shown = observed.sql(expand(panel["targets"][0]["rawSql"], now_s))
    at, since = (datetime.fromtimestamp(now_s - days * 86_400, UTC) for days in (0, 90))
    period = ("--from", f"{since:%FT%TZ}", "--to", f"{at:%FT%TZ}", "--measure", "transitions")
    rows = rows_of("governance", *period, variables={"CXB_DATA": str(observed.data)})
    assert len(rows) > 10
    assert {f"{row['department_id']} > {row['taker_id']}": row["percent"] / 100 for row in shown} == {
        row["subject"]: pytest.approx(row["value"]) for row in rows
    }


def test_a_table_follows_the_choice_of_departments(observed: Observed) -> None:
    [panel] = [p for p in BOARDS["company"]["panels"] if p["title"].startswith("Scorecards")]
    sql = panel["targets"][0]["rawSql"]
    ask: Callable[[str], list[Any]] = lambda chosen: [  # noqa: E731
        row["department_id"] for row in observed.sql(expand(sql, time.time(), CHOSEN | {"department": chosen}))
    ]
    assert ask("sales|service") == ["service", "sales"]  # by name: Customer service
    assert {"company", "sales", "service"} < set(ask(".*"))


def test_a_broken_query_would_be_noticed(observed: Observed) -> None:
    with pytest.raises(RuntimeError, match="nothing"):
        observed.sql("SELECT nothing FROM cx.balances_latest")
    with pytest.raises(AssertionError, match="parse error"):
        observed.prometheus.query("sum(rate(cx_events_total[5m])")


@pytest.mark.long
def test_the_time_of_the_answers_is_the_time_that_was_asked_for(observed: Observed) -> None:
    [row] = observed.sql(expand("SELECT $__toTime AS until", 0.0))
    assert datetime.fromisoformat(row["until"]).replace(tzinfo=UTC).year == 1970

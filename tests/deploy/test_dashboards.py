import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.series import PROMISED, SERIES
from tests.kafka.libraries import PROJECT

FOLDER = PROJECT / "deploy" / "grafana" / "dashboards"
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
PANELS = [(name, panel) for name, board in DASHBOARDS.items() for panel in board["panels"]]
FIGURES = [pytest.param(panel, id=f"{name}-{panel['id']}") for name, panel in PANELS if panel["type"] != "row"]
BY_KIND = {"prometheus": "${ds_prom}", "grafana-clickhouse-datasource": "${ds_clickhouse}"}
READABLE = {"balances_latest", "scorecards_latest"}

every_dashboard = pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS)
every_figure = pytest.mark.parametrize("panel", FIGURES)


def test_there_is_a_company_dashboard() -> None:
    assert DASHBOARDS["company"]["uid"] == "cx-company"


@every_dashboard
def test_a_dashboard_is_portable(board: dict[str, Any]) -> None:
    assert "id" not in board
    assert re.fullmatch(r"cx-[a-z-]+", board["uid"])
    assert board["timezone"] == "browser"
    assert {"__inputs", "__requires"}.isdisjoint(board)


@every_dashboard
def test_panel_ids_are_unique(board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@every_dashboard
def test_panels_stay_on_the_grid_and_do_not_overlap(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 and p["h"] > 0 for p in places)
    assert [pair for pair in combinations(places, 2) if overlap(*pair)] == []


def overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    across = a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
    return across and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


@every_dashboard
def test_datasources_are_variables_of_the_dashboard(board: dict[str, Any]) -> None:
    variables = {v["name"]: v["query"] for v in board["templating"]["list"] if v["type"] == "datasource"}
    assert variables == {"ds_prom": "prometheus", "ds_clickhouse": "grafana-clickhouse-datasource"}


@every_dashboard
def test_every_variable_used_is_defined(board: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(board)))
    assert used == {variable["name"] for variable in board["templating"]["list"]}


@every_figure
def test_a_panel_has_title_description_and_unit(panel: dict[str, Any]) -> None:
    assert panel["title"].strip()
    assert len(panel["description"]) > 20
    assert panel["fieldConfig"]["defaults"]["unit"]


@every_figure
def test_a_panel_and_its_targets_share_one_datasource_variable(panel: dict[str, Any]) -> None:
    source = panel["datasource"]
    assert source["uid"] == BY_KIND[source["type"]]
    assert {json.dumps(target["datasource"]) for target in panel["targets"]} == {json.dumps(source)}
    refs = [target["refId"] for target in panel["targets"]]
    assert len(refs) == len(set(refs)) > 0


@every_figure
def test_rates_follow_the_resolution_of_the_graph(panel: dict[str, Any]) -> None:
    windows = re.findall(r"\[([^\]]+)\]", " ".join(target.get("expr", "") for target in panel["targets"]))
    assert set(windows) <= {"$__rate_interval"}


@every_figure
def test_a_gauge_is_never_added_over_workers(panel: dict[str, Any]) -> None:
    expressions = " ".join(target.get("expr", "") for target in panel["targets"])
    added = re.findall(r"\b(?:sum|avg)\s*(?:by\s*\([^)]*\)\s*)?\((\w+)", expressions)
    assert set(added) <= {"rate"}


@every_figure
def test_sql_reads_views_without_duplicates_inside_the_time_range(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        if "rawSql" in target:
            assert set(re.findall(r"(?:FROM|JOIN) cx\.(\w+)", target["rawSql"])) <= READABLE
            assert "$__timeFilter(at)" in target["rawSql"]
            assert (target["editorType"], target["pluginVersion"]) == ("sql", "4.20.0")


def test_tables_come_from_clickhouse() -> None:
    tables = [panel for _, panel in PANELS if panel["type"] == "table"]
    assert len(tables) == 2
    assert {panel["datasource"]["uid"] for panel in tables} == {"${ds_clickhouse}"}


def series_in(path: Path) -> set[str]:
    return set(re.findall(r"\bcx_[a-z_]+\b", path.read_text()))


@pytest.mark.parametrize("path", [*FOLDER.glob("*.json"), *PROJECT.glob("deploy/prometheus/**/*.yml")], ids=str)
def test_every_series_asked_for_is_one_that_workers_expose(path: Path) -> None:
    assert series_in(path) <= SERIES | PROMISED


def test_the_company_dashboard_shows_every_figure() -> None:
    shown = series_in(FOLDER / "company.json")
    assert {name for name in SERIES - shown if name.startswith(("cx_metric", "cx_index", "cx_outcome"))} == set()

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest

from deploy.grafana.generate import files
from deploy.grafana.overrides import COMPANIONS, HEADINGS, companion_names, metric_label, metric_names
from deploy.grafana.shared import titled
from metrics.catalogue import METRICS
from metrics.drift.data_quality import Companion
from tests.deploy.series import SERIES
from tests.kafka.libraries import PROJECT

FOLDER = PROJECT / "deploy" / "grafana" / "dashboards"
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
PANELS = [(name, panel) for name, board in DASHBOARDS.items() for panel in board["panels"]]
FIGURES = [pytest.param(panel, id=f"{name}-{panel['id']}") for name, panel in PANELS if panel["type"] != "row"]
BY_KIND = {"prometheus": "${ds_prom}", "grafana-clickhouse-datasource": "${ds_clickhouse}"}
READABLE = {
    "balances_latest", "scorecards_latest", "events_latest", "cells_latest", "rejected_latest", "drift_latest",
    "baselines_latest", "registry_latest", "registry_in_force",  # each row of the last one is of its own
    "refreshes",  # each row is one of its own
}  # fmt: skip

every_dashboard = pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS)
every_figure = pytest.mark.parametrize("panel", FIGURES)


def test_the_six_dashboards_are_those_that_alerts_and_documents_name() -> None:
    assert {name: board["uid"] for name, board in DASHBOARDS.items()} == {
        name: f"cx-{name}" for name in ("company", "department", "touchpoint", "drift", "governance", "pipeline")
    }


def test_they_are_what_the_catalogue_makes() -> None:
    made = files()
    assert {path.name for path in made if path.suffix == ".json"} == {f"{name}.json" for name in DASHBOARDS}
    assert [path.name for path, text in made.items() if path.read_text() != text] == []


def test_the_dashboards_that_alerts_lead_to_exist_and_know_the_variables() -> None:
    rules = "".join(path.read_text() for path in (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml"))
    links = re.findall(r"\}\}/d/([a-z-]+)(\?[^\"]*)?", rules)
    assert len(links) > 10
    boards = {board["uid"]: {v["name"] for v in board["templating"]["list"]} for board in DASHBOARDS.values()}
    for uid, query in links:
        assert set(re.findall(r"var-(\w+)=", query)) <= boards[uid]


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
def test_all_lines_of_a_panel_have_its_unit(panel: dict[str, Any]) -> None:
    unit = panel["fieldConfig"]["defaults"]["unit"]
    for target in panel["targets"]:
        for name in re.findall(r"\b(?:cx|process)_[a-z_]+", target.get("expr", "")):
            assert (unit == "bytes") == name.endswith("_bytes")
            assert (unit == "s") == bool(re.search(r"_seconds(_bucket)?$", name))


@every_figure
def test_names_of_states_have_room(panel: dict[str, Any]) -> None:
    if panel["type"] == "state-timeline" and "department" in panel["targets"][0]["expr"]:
        # Grafana's title, axis and choice of pages take some 110 px, a name 12.
        assert (panel["gridPos"]["h"] * 38 - 8 - 110) / panel["options"]["perPage"] >= 12


@every_figure
def test_a_gauge_is_never_added_over_workers(panel: dict[str, Any]) -> None:
    expressions = " ".join(target.get("expr", "") for target in panel["targets"])
    added = re.findall(r"\b(?:sum|avg)\s*(?:by\s*\([^)]*\)\s*)?\((\w+)", expressions)
    assert {name for name in added if not name.endswith("_total")} <= {"rate"}


@every_figure
def test_sql_reads_views_without_duplicates_inside_the_time_range(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        if "rawSql" in target:
            assert set(re.findall(r"(?:FROM|JOIN) cx\.(\w+)", target["rawSql"])) <= READABLE
            assert re.search(r"\$__(timeFilter\(\w+\)|toTime)", target["rawSql"])
            assert not re.search(r"\$__(?!timeFilter\(|fromTime|toTime|timeInterval\()", target["rawSql"])
            assert (target["editorType"], target["pluginVersion"]) == ("sql", "4.20.0")


@every_figure
def test_a_value_that_a_user_chose_is_quoted_in_sql(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        used = re.findall(r"'\^\(\$\{\w+:regex\}\)\$'|\$\{\w+:sqlstring\}|(\$\{?[a-z]\w*)", target.get("rawSql", ""))
        assert [name for name in used if name] == []


def test_every_metric_of_the_catalogue_has_a_panel() -> None:
    titles = {panel["title"] for name, panel in PANELS if name == "department"}
    assert {titled(metric) for metric in METRICS.values()} <= titles


TITLES = sorted(
    {panel["title"] for _, panel in PANELS}
    | {text for board in DASHBOARDS.values() for text in (board["title"], *(link["title"] for link in board["links"]))}
    | {variable["label"] for board in DASHBOARDS.values() for variable in board["templating"]["list"]}
    | {item["name"] for board in DASHBOARDS.values() for item in board["annotations"]["list"]}
    | set(HEADINGS.values())
)
PLAIN_WORDS = {"awareness", "traffic", "conversions", "referrals", "retention"}  # ids that are what people say
IDENTIFIERS = re.compile(rf"\w_\w|\b_|[()]{{2}}|\b(?:{'|'.join(set(METRICS) - PLAIN_WORDS)})\b|\{{\{{")


def faults(title: str) -> list[str]:
    """What in a title no reader would say; a variable is shown by its text, which is a name."""
    found = [match.group() for match in IDENTIFIERS.finditer(title)]
    unknown = set(re.findall(r"\$\{?(\w+)", title)) - {"department", "metric", "horizon", "touchpoint"}
    return [*found, *unknown, *([] if re.match(r"[A-Z$]", title) else ["no capital"])]


def test_titles_are_plain_words() -> None:
    assert len(TITLES) > 150
    assert {title: found for title in TITLES if (found := faults(title))} == {}


@pytest.mark.parametrize(
    "title",
    [
        "$metric of its _owners(), as_was", "nps (points)", "Touchpoints that pull csat", "as_was next to as_is",
        "Repeats by repeat_rate", "Figures of {{department}}", "$ds_prom", "events by owner",
    ],
)  # fmt: skip
def test_a_title_with_an_identifier_would_be_noticed(title: str) -> None:
    assert faults(title)


@every_dashboard
def test_a_dashboard_shows_a_month_or_a_quarter_and_asks_the_store_again_after_a_minute_or_more(
    board: dict[str, Any],
) -> None:
    # Operators look at the pipeline for what happens now.
    assert board["time"]["from"] in ({"now-24h"} if board["uid"] == "cx-pipeline" else {"now-30d", "now-90d"})
    assert board["refresh"] in {"1m", "2m", "5m"}


def test_a_band_is_filled_between_its_bounds_and_only_its_line_is_in_the_legend() -> None:
    banded = [panel for _, panel in PANELS if "custom.fillBelowTo" in json.dumps(panel)]
    assert len(banded) == len(METRICS) + 2
    for panel in banded:
        overrides = {
            item["matcher"]["options"]: {part["id"]: part["value"] for part in item["properties"]}
            for item in panel["fieldConfig"]["overrides"]
        }
        for name, properties in overrides.items():
            if "custom.fillBelowTo" in properties:
                lower = overrides[properties["custom.fillBelowTo"]]
                assert name.removesuffix(", upper bound") + ", lower bound" == properties["custom.fillBelowTo"]
                assert properties["custom.hideFrom"]["legend"]
                assert lower["custom.hideFrom"]["legend"]
        questions = " ".join(item.get("rawSql", "") + item.get("legendFormat", "") for item in panel["targets"])
        assert all(part in questions for part in (", lower bound", ", upper bound"))


@every_figure
def test_a_graph_shows_last_values_and_leaves_gaps(panel: dict[str, Any]) -> None:
    if panel["type"] == "timeseries":
        assert panel["options"]["legend"]["calcs"] == ["lastNotNull"]
        assert panel["fieldConfig"]["defaults"]["custom"]["spanNulls"] is False


@every_figure
def test_names_stand_where_ids_would(panel: dict[str, Any]) -> None:
    renamed = {item["id"] for item in panel.get("transformations", [])} == {"renameByRegex"}
    for target in panel["targets"]:
        legend = target.get("legendFormat", "")
        assert "{{department}}" not in legend
        assert renamed or not {"{{metric}}", "{{companion}}"} & set(re.findall(r"\{\{\w+\}\}", legend))
        for kind, view in (("department", "departments"), ("touchpoint", "touchpoints")):
            if re.search(rf"\b{kind}_id\b", target.get("rawSql", "")):
                assert f"SELECT {view} FROM cx.registry_latest" in target["rawSql"]


def test_the_id_of_a_metric_becomes_its_name_in_a_legend() -> None:
    for metric in METRICS:
        shown = f"Customer service: {metric} threshold"
        for item in metric_names():
            pattern = item["options"]["renamePattern"].replace("$1", r"\1").replace("$2", r"\2")
            shown = re.sub(f"^{item['options']['regex']}$", pattern, shown)
        assert shown == f"Customer service: {metric_label(metric)} threshold"


def test_every_companion_of_drift_has_words() -> None:
    assert {*COMPANIONS, "myopia"} == {*get_args(Companion)}
    assert len(companion_names()) == len(COMPANIONS)


def test_the_page_has_one_address_in_every_link() -> None:
    made = files("https://cx.example.org")
    for path, text in made.items():
        if path.suffix == ".json":
            [page] = [item for item in json.loads(text)["templating"]["list"] if item["name"] == "page"]
            assert (page["type"], page["query"], page["hide"]) == ("constant", "https://cx.example.org", 2)
            assert "${page}/" in text
            assert "127.0.0.1" not in text


def test_tables_come_from_clickhouse() -> None:
    tables = [panel for _, panel in PANELS if panel["type"] == "table"]
    assert len(tables) > 5
    assert {panel["datasource"]["uid"] for panel in tables} == {"${ds_clickhouse}"}


def series_in(path: Path) -> set[str]:
    return set(re.findall(r"\bcx_[a-z_]+\b", path.read_text()))


@pytest.mark.parametrize("path", [*FOLDER.glob("*.json"), *PROJECT.glob("deploy/prometheus/**/*.yml")], ids=str)
def test_every_series_asked_for_is_one_that_workers_expose(path: Path) -> None:
    assert series_in(path) <= SERIES


def test_every_series_is_shown_somewhere() -> None:
    rules = {name for path in (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml") for name in series_in(path)}
    shown = {name for path in FOLDER.glob("*.json") for name in series_in(path)}
    parts = {name for name in SERIES if re.search(r"_(sum|count)$", name)}
    assert SERIES - shown - rules - parts == set()

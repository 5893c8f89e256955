import json
import re
from typing import Any

import pytest

from tests.deploy.perses.__main__ import BOARDS, CHOSEN, ONE, SEVERAL
from tests.deploy.perses.mapping import KINDS, UnmappedError, drawn
from tests.deploy.test_dashboards import DASHBOARDS

ALL = {"touchpoint": ("web.site", "Website"), **ONE}


def panel_of(cell: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = cell["panel"]["spec"]
    return spec


def cells_of(name: str, chosen: dict[str, tuple[str, str]] = ALL) -> dict[str, dict[str, Any]]:
    cells = [cell for cell in drawn(DASHBOARDS[name], chosen).cells if "panel" in cell]
    return {panel_of(cell)["display"]["name"]: cell for cell in cells}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_on_prometheus_is_drawn_and_every_other_one_is_named_with_the_reason(name: str) -> None:
    panels = [panel for panel in DASHBOARDS[name]["panels"] if panel["type"] != "row"]
    on_prometheus = [panel for panel in panels if panel["datasource"]["type"] == "prometheus"]
    mapped = drawn(DASHBOARDS[name], ALL)
    assert [panel_of(cell)["plugin"]["kind"] for cell in mapped.cells if "panel" in cell] == [
        KINDS[panel["type"]][0] for panel in on_prometheus
    ]
    assert len(mapped.left_out) == len(panels) - len(on_prometheus)
    assert set(mapped.left_out.values()) <= {"it reads grafana-clickhouse-datasource"}


@pytest.mark.parametrize("name", CHOSEN)
def test_every_dashboard_of_which_there_is_a_picture_has_its_variables_filled(name: str) -> None:
    mapped = drawn(json.loads((BOARDS / f"{name}.json").read_text()), CHOSEN[name])
    # Perses fills what begins with two underscores.
    assert set(re.findall(r"\$[a-z_]\w*", json.dumps([cell for cell in mapped.cells if "panel" in cell]))) <= {
        "$__rate_interval"
    }


def test_a_title_has_the_name_of_what_is_chosen_and_a_query_its_id() -> None:
    cell = cells_of("department")["NPS of the last seconds"]
    assert 'department="sales",metric="nps"' in cell["queries"][0]["spec"]["query"]


def test_every_heading_stands_before_a_panel() -> None:
    for name in DASHBOARDS:
        cells = drawn(DASHBOARDS[name], ALL).cells
        followed = [follower for cell, follower in zip(cells, [*cells[1:], {}], strict=True) if "heading" in cell]
        assert all("panel" in follower for follower in followed)


def test_lines_keep_their_style_their_unit_and_the_end_of_their_axis() -> None:
    cells = cells_of("drift", SEVERAL)
    spec = panel_of(cells["Statistic and threshold"])["plugin"]["spec"]
    assert spec["querySettings"] == [{"queryIndex": 1, "lineStyle": "dashed"}]
    assert spec["yAxis"] == {"format": {"unit": "decimal", "shortValues": True}, "min": 0}
    bounds = panel_of(cells_of("department")["NPS of the last seconds"])["plugin"]["spec"]["querySettings"]
    assert bounds == [{"queryIndex": number, "lineStyle": "dotted"} for number in (1, 2, 3)]


def test_a_number_keeps_its_thresholds_and_states_their_words() -> None:
    cells = cells_of("pipeline")
    assert panel_of(cells["Age of the figures"])["plugin"]["spec"]["thresholds"] == {
        "defaultColor": "#73bf69", "steps": [{"value": 60, "color": "#ff9830"}, {"value": 300, "color": "#f2495c"}],
    }  # fmt: skip
    states = panel_of(cells["Unreachable or invalid"])["plugin"]["spec"]["mappings"]
    assert [state["spec"]["result"]["value"] for state in states] == ["no", "yes"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "heatmap"}, "type heatmap"),
        ({"fieldConfig": {"defaults": {"unit": "dBm"}}}, "unit dBm"),
        ({"transformations": [{"id": "merge"}]}, "transformation merge"),
        ({"datasource": {"type": "loki"}}, "it reads loki"),
        ({"targets": [{"expr": "up{job=\"$job\"}", "legendFormat": "up"}]}, r"nothing is chosen for \$job"),
        ({"targets": [{"expr": "up{job=\"${job}\"}", "legendFormat": "up"}]}, "nothing is chosen for"),
    ],
)  # fmt: skip
def test_what_perses_would_draw_wrongly_is_left_out_and_named(change: dict[str, Any], said: str) -> None:
    [panel] = [item for item in DASHBOARDS["pipeline"]["panels"] if item["title"] == "Accepted events"]
    mapped = drawn({"panels": [panel | change]}, {})
    assert mapped.cells == []
    assert re.search(said, mapped.left_out["Accepted events"])


def test_a_reason_is_a_value_error() -> None:
    assert issubclass(UnmappedError, ValueError)

"""What Perses needs in order to draw a Grafana dashboard's panels on Prometheus: declared, by type of panel.

Perses draws neither the area between two lines nor panels on ClickHouse, and has one style for all lines of a query.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

Json = dict[str, Any]
UNITS: Final[Mapping[str, Json]] = {
    "none": {"unit": "decimal", "shortValues": True}, "cps": {"unit": "counts/sec"}, "s": {"unit": "seconds"},
    "percentunit": {"unit": "percent-decimal"}, "percent": {"unit": "percent"}, "bytes": {"unit": "bytes"},
}  # fmt: skip
"""Perses' format for each unit of Grafana that our panels have."""
COLORS: Final[Mapping[str, str]] = {
    "green": "#73bf69", "orange": "#ff9830", "red": "#f2495c", "blue": "#5794f2", "text": "#808080"
}  # fmt: skip
STYLES: Final[Mapping[str, str]] = {"dash": "dashed", "dot": "dotted"}
CALCULATIONS: Final[Mapping[str, str]] = {"lastNotNull": "last-number"}
ROW_PX, GAP_PX = 30, 8
"""Grafana's height of a row of the grid, and the gap between two."""


class UnmappedError(ValueError):
    """A panel that Perses cannot draw; the message says why."""


@dataclass(frozen=True)
class Drawn:
    """What of a dashboard is drawn, cell by cell, and which panels are not, each with the reason."""

    cells: Sequence[Json]
    left_out: Mapping[str, str]


def drawn(board: Json, chosen: Mapping[str, tuple[str, str]]) -> Drawn:
    """The panels of a dashboard in its order; `chosen` has value and text of each variable.

    A heading without any panel that is drawn is left out.
    """
    cells: list[Json] = []
    left_out: dict[str, str] = {}
    for panel in board["panels"]:
        title = _filled(panel["title"], {name: text for name, (_, text) in chosen.items()})
        if panel["type"] == "row":
            cells.append({"heading": title})
            continue
        try:
            cells.append(_cell(panel, title, {name: value for name, (value, _) in chosen.items()}))
        except UnmappedError as error:
            left_out[title] = str(error)
    shown = [cell for cell, follower in pairwise([*cells, {}]) if "panel" in cell or "panel" in follower]
    return Drawn(shown, left_out)


def _cell(panel: Json, title: str, values: Mapping[str, str]) -> Json:
    source = panel["datasource"]["type"]
    if source != "prometheus":
        raise UnmappedError(f"it reads {source}")
    if panel["type"] not in KINDS:
        raise UnmappedError(f"there is no mapping for the type {panel['type']}")
    kind, options = KINDS[panel["type"]]
    size = panel["gridPos"]
    display = {"name": title, "description": panel["description"]}
    return {
        "width": size["w"], "height": size["h"] * (ROW_PX + GAP_PX) - GAP_PX,
        "panel": {"kind": "Panel", "spec": {"display": display, "plugin": {"kind": kind, "spec": options(panel)}}},
        "queries": [_query(target, _renames(panel), values) for target in panel["targets"]],
    }  # fmt: skip


def _query(target: Json, renames: Sequence[tuple[str, str]], values: Mapping[str, str]) -> Json:
    spec = {"query": _filled(target["expr"], values), "seriesNameFormat": target["legendFormat"], "renames": renames}
    return {"kind": "PrometheusTimeSeriesQuery", "spec": spec}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with variables filled; Perses fills those that begin with two underscores."""
    filled = re.sub(r"\$([a-z]\w*)", lambda match: values.get(match[1], match[0]), text)
    if unknown := re.findall(r"\$[a-z]\w*|\$\{", filled):
        raise UnmappedError(f"nothing is chosen for {', '.join(unknown)}")
    return filled


def _renames(panel: Json) -> list[tuple[str, str]]:
    transformations = panel.get("transformations", [])
    if others := {item["id"] for item in transformations} - {"renameByRegex"}:
        raise UnmappedError(f"there is no mapping for the transformation {', '.join(sorted(others))}")
    return [(f"^{item['options']['regex']}$", item["options"]["renamePattern"]) for item in transformations]


def _format(panel: Json) -> Json:
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if unit not in UNITS:
        raise UnmappedError(f"there is no mapping for the unit {unit}")
    return UNITS[unit]


def _lines(panel: Json) -> Json:
    defaults, legend = panel["fieldConfig"]["defaults"], panel["options"]["legend"]
    axis = {"format": _format(panel)} | ({"min": defaults["min"]} if "min" in defaults else {})
    custom = defaults["custom"]
    return {
        "yAxis": axis,
        # Not Grafana's table with last values: of such a table Perses shows two lines.
        "legend": {"position": legend["placement"], "mode": "list", "size": "small"},
        "visual": {
            "display": custom["drawStyle"], "lineWidth": custom["lineWidth"], "connectNulls": custom["spanNulls"],
            "areaOpacity": custom["fillOpacity"] / 100,
        },
        "querySettings": list(_styles(panel)),
    }  # fmt: skip


def _styles(panel: Json) -> Iterator[Json]:
    """A style for each query whose lines have one; bounds, which Grafana fills between, are dotted."""
    for number, target in enumerate(panel["targets"]):
        for override in panel["fieldConfig"]["overrides"]:
            properties = {item["id"]: item["value"] for item in override["properties"]}
            if _is_about(override["matcher"], target["legendFormat"]):
                fill = properties.get("custom.lineStyle", {}).get("fill", "dot")
                yield {"queryIndex": number, "lineStyle": STYLES[fill]}
                break


def _is_about(matcher: Json, legend: str) -> bool:
    shape = "(.+)".join(map(re.escape, re.split(r"\{\{\w+\}\}", legend)))
    if matcher["id"] == "byName":
        return re.fullmatch(shape, matcher["options"]) is not None
    return re.fullmatch(matcher["options"], re.sub(r"\{\{\w+\}\}", "x", legend)) is not None


def _number(panel: Json) -> Json:
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    thresholds = {
        "defaultColor": COLORS[steps[0]["color"] if steps else "text"],
        "steps": [{"value": step["value"], "color": COLORS[step["color"]]} for step in steps[1:]],
    }
    calculation = CALCULATIONS[panel["options"]["reduceOptions"]["calcs"][0]]
    return {"calculation": calculation, "format": _format(panel), "thresholds": thresholds, "sparkline": {}}


def _bars(panel: Json) -> Json:
    mappings = [
        {"kind": "Value", "spec": {"value": value, "result": {"value": shown["text"], "color": COLORS[shown["color"]]}}}
        for mapping in panel["fieldConfig"]["defaults"]["mappings"]
        for value, shown in mapping["options"].items()
    ]
    # Grafana writes the state into the bar; Perses has colours alone, and says in the legend what they mean.
    return {"legend": {"position": "bottom", "mode": "list"}, "mappings": mappings}


KINDS: Final[Mapping[str, tuple[str, Callable[[Json], Json]]]] = {
    "timeseries": ("TimeSeriesChart", _lines),
    "stat": ("StatChart", _number),
    "state-timeline": ("StatusHistoryChart", _bars),
}
"""Perses' kind of panel for each type of Grafana's, and what makes its options."""

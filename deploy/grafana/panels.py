"""Panels, variables and dashboards as Grafana's classic JSON (11.6 to 13), from few words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deploy.grafana import overrides

Json = dict[str, Any]
PROMETHEUS: Json = {"type": "prometheus", "uid": "${ds_prom}"}
CLICKHOUSE: Json = {"type": "grafana-clickhouse-datasource", "uid": "${ds_clickhouse}"}
DASHED = {"fill": "dash", "dash": [10, 6]}
DOTTED = {"fill": "dot", "dash": [2, 6]}
WIDTH = 24
GAP_MS = 2 * 86_400_000
"""Snapshots are a minute apart, those of the past a day: two days without one are a gap."""

ROWS = 14
"""So many bars of states are on a page of a panel: the names of more would be written over each other."""


@dataclass(frozen=True)
class Panel:
    """One panel, not yet placed: its JSON without id and position, and its size on the grid."""

    body: Json
    width: int
    height: int


@dataclass(frozen=True)
class Row:
    """A heading and the panels under it, set from left to right."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Board:
    """A dashboard: `variables` come after the two data sources and the page's address.

    `refresh` is at least a minute: what the views of the store show is merged as it is read, which costs.
    """

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[Json] = field(default_factory=tuple)
    annotations: Sequence[Json] = field(default_factory=tuple)
    since: str = "now-30d"
    refresh: str = "5m"


def promql(expr: str, legend: str) -> Json:
    """A question to Prometheus over the time range."""
    return {
        "datasource": PROMETHEUS, "expr": expr, "legendFormat": legend,
        "instant": False, "range": True, "editorMode": "code",
    }  # fmt: skip


def sql(text: str, *, table: bool = False) -> Json:
    """A question to ClickHouse: a time series, whose texts become labels, or a table."""
    return {
        "datasource": CLICKHOUSE, "editorType": "sql", "queryType": "table" if table else "timeseries",
        "format": 1 if table else 0, "rawSql": " ".join(text.split()), "pluginVersion": "4.20.0",
    }  # fmt: skip


def graph(title: str, about: str, unit: str, *targets: Json, size: tuple[int, int] = (12, 8), **more: Any) -> Panel:
    """Lines over time, with their last values; where there is no value, there is a gap.

    Args:
        title: What is shown.
        about: What it means.
        unit: Grafana's name of the unit.
        targets: The questions.
        size: Width and height on the grid.
        more: `lines` styles those whose name matches, `bands` are lines with a band between their bounds, `least` is
            the axis' lower end, `label` is the column of the store whose text names a line, and `renames` are
            transformations that put names for ids in the names of lines.
    """
    custom: Json = {
        "drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "spanNulls": False,
        "insertNulls": GAP_MS if targets[0]["datasource"] == CLICKHOUSE else False,
    }  # fmt: skip
    defaults: Json = {"color": {"mode": "palette-classic"}, "custom": custom}
    if "least" in more:
        defaults["min"] = more["least"]
    if "label" in more:
        defaults["displayName"] = f"${{__field.labels.{more['label']}}}"
    styles = [
        *overrides.styled(more.get("lines", {})),
        *(o for line in more.get("bands", ()) for o in overrides.band(line)),
    ]
    options = {
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    panel = _panel("timeseries", (title, about, unit), targets, size, defaults, options, styles)
    return _renamed(panel, more.get("renames", ()))


def _renamed(panel: Panel, renames: Sequence[Json]) -> Panel:
    return replace(panel, body=panel.body | {"transformations": list(renames)}) if renames else panel


def stat(title: str, about: str, unit: str, target: Json, limits: Mapping[str, float] | None = None) -> Panel:
    """One number; `limits` are colours and from where on they hold, above the green of all else."""
    defaults: Json = {"color": {"mode": "palette-classic"}}
    if limits is not None:
        steps = [{"color": "green", "value": None}, *({"color": name, "value": at} for name, at in limits.items())]
        defaults = {"color": {"mode": "thresholds"}, "thresholds": {"mode": "absolute", "steps": steps}}
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
        "graphMode": "area", "textMode": "auto", "orientation": "auto", "justifyMode": "auto",
    }  # fmt: skip
    return _panel("stat", (title, about, unit), [target], (6, 4), defaults, options)


def states(
    title: str,
    about: str,
    target: Json,
    names: Mapping[int, tuple[str, str]],
    height: int = 8,
    *,
    renames: Sequence[Json] = (),
) -> Panel:
    """Bars of states over time; `names` maps a value to its text and colour, `renames` are as of `graph`."""
    mapped = {str(value): {"text": text, "color": color} for value, (text, color) in names.items()}
    defaults: Json = {"color": {"mode": "thresholds"}, "mappings": [{"type": "value", "options": mapped}]}
    options = {
        "mergeValues": True, "showValue": "auto", "rowHeight": 0.9, "alignValue": "left", "perPage": ROWS,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
        "tooltip": {"mode": "single", "sort": "none"},
    }  # fmt: skip
    panel = _panel("state-timeline", (title, about, "none"), [target], (12, height), defaults, options)
    return _renamed(panel, renames)


def table(title: str, about: str, text: str, size: tuple[int, int] = (24, 9)) -> Panel:
    """Rows of ClickHouse."""
    defaults: Json = {"custom": {"align": "auto", "filterable": True}, "decimals": 1}
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    return _panel(
        "table", (title, about, "none"), [sql(text, table=True)], size, defaults, options, overrides.columns(text)
    )


def _panel(
    kind: str, words: tuple[str, str, str], targets: Iterable[Json], size: tuple[int, int],
    defaults: Json, options: Json, overrides: Sequence[Json] = (),
) -> Panel:  # fmt: skip
    title, about, unit = words
    queries = [{"refId": chr(ord("A") + number), **target} for number, target in enumerate(targets)]
    body = {
        "type": kind, "title": title, "description": about, "datasource": queries[0]["datasource"],
        "fieldConfig": {"defaults": {"unit": unit, **defaults}, "overrides": list(overrides)},
        "options": options, "targets": queries,
    }  # fmt: skip
    return Panel(body, *size)


def from_prometheus(name: str, label: str, series: str, *, several: bool) -> Json:
    """A variable whose values are those of the label of its own name."""
    definition = f"label_values({series}, {name})"
    variable = {"datasource": PROMETHEUS, "definition": definition, "query": {"query": definition, "refId": name}}
    return _variable(name, label, "query", several=several) | variable


def from_clickhouse(name: str, label: str, text: str, *, several: bool = False) -> Json:
    """A variable whose values are the rows of a query: an id, and what people read in its place."""
    return _variable(name, label, "query", several=several) | {
        "sort": 0,  # as the query has them
        "datasource": CLICKHOUSE,
        "query": text,
        "definition": text,
    }


def choice(name: str, label: str, values: Mapping[str, str], default: str, *, several: bool = False) -> Json:
    """A variable with these values, each with what people read in its place."""
    options = [{"selected": value == default, "text": text, "value": value} for value, text in values.items()]
    chosen = {} if several else {"current": {"selected": True, "text": values[default], "value": default}}
    return _variable(name, label, "custom", several=several) | {
        "query": ",".join(f"{text} : {value}" for value, text in values.items()), "options": options, **chosen,
    }  # fmt: skip


def constant(name: str, label: str, value: str) -> Json:
    """A variable that nobody chooses."""
    chosen = {"selected": True, "text": value, "value": value}
    return _variable(name, label, "constant", several=False) | {
        "query": value, "hide": 2, "options": [chosen], "current": chosen,
    }  # fmt: skip


def _variable(name: str, label: str, kind: str, *, several: bool) -> Json:
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]} if several else {}
    return {
        "name": name, "label": label, "type": kind, "refresh": 2, "sort": 1, "regex": "", "hide": 0, "options": [],
        "multi": several, "includeAll": several, "current": everything, **({"allValue": ".*"} if several else {}),
    }  # fmt: skip


_PAGE: Json = {
    "type": "link", "title": "The page", "url": "${page}/", "targetBlank": True, "icon": "external link", "tags": [],
    "asDropdown": False, "includeVars": False, "keepTime": False, "tooltip": "Figures, report and what-if",
}  # fmt: skip


def dashboard(board: Board, page: str) -> Json:
    """The whole dashboard, its panels placed and numbered; `page` is the address of our own page, without a slash."""
    sources = [
        _variable(name, label, "datasource", several=False) | {"query": kind, "refresh": 1}
        for name, label, kind in (
            ("ds_prom", "Prometheus", "prometheus"),
            ("ds_clickhouse", "ClickHouse", CLICKHOUSE["type"]),
        )
    ]
    others = {
        "type": "dashboards", "title": "Customer experience", "tags": ["cx-balance"], "asDropdown": True,
        "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": "",
    }  # fmt: skip
    return {
        "uid": board.uid, "title": board.title, "description": board.description, "tags": ["cx-balance"],
        "timezone": "browser", "schemaVersion": 39, "version": 1, "editable": False, "graphTooltip": 1,
        "refresh": board.refresh, "time": {"from": board.since, "to": "now"}, "fiscalYearStartMonth": 0,
        "links": [others, _PAGE], "panels": _placed(board.rows),
        "annotations": {"list": list(board.annotations)},
        "templating": {"list": [*sources, constant("page", "The page", page), *board.variables]},
    }  # fmt: skip


def _placed(rows: Iterable[Row]) -> list[Json]:
    placed: list[Json] = []
    top = 0
    for row in rows:
        heading = {"type": "row", "title": row.title, "collapsed": False, "panels": []}
        placed.append({"id": len(placed) + 1, **heading, "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1}})
        top, left, deepest = top + 1, 0, 0
        for panel in row.panels:
            if left + panel.width > WIDTH:
                top, left, deepest = top + deepest, 0, 0
            place = {"x": left, "y": top, "w": panel.width, "h": panel.height}
            placed.append({"id": len(placed) + 1, **panel.body, "gridPos": place})
            left, deepest = left + panel.width, max(deepest, panel.height)
        top += deepest
    return placed

"""What happened: marks on every graph of a dashboard, read from the store with names in place of ids."""

from collections.abc import Iterator
from typing import Any

from deploy.grafana.naming import department_name, metric_name, touchpoint_name
from deploy.grafana.panels import CLICKHOUSE, sql

Json = dict[str, Any]
MOST_NAMED = 4


def as_text(column: str) -> str:
    """A text of somebody's as Grafana, which reads HTML in a mark, shows it as it was written."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        column = f"replaceAll({column}, '{sign}', '{entity}')"
    return column


_OWNERSHIP = f"""SELECT at AS time, concat('Owner: ', {department_name("previous")}, ' to ', {department_name("owner")},
    ': ', arrayStringConcat(arraySlice(groupArray(name) AS names, 1, {MOST_NAMED}), ', '),
    if(length(names) > {MOST_NAMED}, concat(' and ', toString(length(names) - {MOST_NAMED}), ' more'), '')) AS text,
    'ownership' AS tags
    FROM (SELECT change.1 AS at, change.2 AS touchpoint, change.4 AS previous, change.5 AS owner,
    concat({touchpoint_name("touchpoint")}, if(change.3 = '', '', concat(' (', change.3, ')'))) AS name
    FROM (SELECT arrayJoin(changes) AS change FROM cx.registry_latest))
    WHERE $__timeFilter(at) AND ({{changed}}) GROUP BY at, previous, owner ORDER BY time, text"""
_REGISTRY = """SELECT noted_at AS time, concat('Registry ', version, ' in force') AS text, 'registry' AS tags
    FROM (SELECT noted_at, version, lagInFrame(toString(version)) OVER (ORDER BY noted_at
    ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before FROM cx.registry_in_force)
    WHERE version != before AND $__timeFilter(noted_at) ORDER BY time"""
_BEGUN = f"""SELECT since AS time, concat({department_name("department")}, ': ', {metric_name()},
    if(state = 'up', ' began to rise', ' began to fall'), ', noticed ', formatDateTime(at, '%e %M %H:%i'), ' UTC',
    if(explained_by = 'ownership', '; a change of owner explains it', '')) AS text, 'drift' AS tags
    FROM cx.drift_latest WHERE state != 'calm' AND since IS NOT NULL AND $__timeFilter(since) AND {{of}}
    ORDER BY time, text"""
_ENDED = f"""SELECT at AS time, concat({department_name("department")}, ': ', {metric_name()},
    ' is back at its baseline') AS text, 'drift' AS tags
    FROM cx.drift_latest WHERE state = 'calm' AND $__timeFilter(at) AND {{of}} ORDER BY time, text"""
_NOTES = f"""SELECT valid_from AS time, concat({department_name("department")}, ': ', {metric_name()},
    ' has a new baseline: ', {as_text("note")}) AS text, 'baseline' AS tags
    FROM cx.baselines_latest WHERE reason != 'automatic' AND $__timeFilter(valid_from) AND {{of}} ORDER BY time, text"""


_WRITTEN = f"""SELECT occurred_at AS time, {as_text("text")} AS text, 'note' AS tags FROM (SELECT occurred_at, text,
    touchpoint, JSONExtractString(details, 'department') AS named,
    multiIf(named != '', named, touchpoint = '', '', department) AS about
    FROM cx.events_latest WHERE kind = 'note' AND $__timeFilter(occurred_at)) WHERE {{noted}} ORDER BY time, text"""


def annotations(of: str = "1", changed: str = "1", noted: str = "1") -> list[Json]:
    """The annotations of a dashboard.

    Args:
        of: Of which drifts and baselines: a condition on `department`.
        changed: Which changes of owner: a condition on `touchpoint`, `previous` and `owner`.
        noted: Which notes: a condition on `about`, a department or nothing, and `touchpoint`, likewise.
    """
    return [_built_in(), *_ours(of, changed, noted)]


def _ours(of: str, changed: str, noted: str) -> Iterator[Json]:
    for name, color, text in (
        ("Changes of owner", "blue", _OWNERSHIP),
        ("Registry versions", "purple", _REGISTRY),
        ("Drift begun", "red", _BEGUN),
        ("Drift ended", "green", _ENDED),
        ("Notes on new baselines", "orange", _NOTES),
        ("Notes", "yellow", _WRITTEN),
    ):
        target = {
            "refId": "Anno",
            **sql(text.replace("{of}", of).replace("{changed}", changed).replace("{noted}", noted), table=True),
        }
        yield {
            "name": name, "enable": True, "hide": False, "iconColor": color, "datasource": CLICKHOUSE, "target": target,
        }  # fmt: skip


def _built_in() -> Json:
    """Grafana's own: notes that people make on a graph."""
    return {
        "name": "Annotations & Alerts", "builtIn": 1, "type": "dashboard", "enable": True, "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)", "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    }  # fmt: skip

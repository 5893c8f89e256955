"""What is set for single columns and lines: bands, headings, links, hidden ids, and names for ids of metrics."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from metrics.catalogue import METRICS
from metrics.report.localise import LANGUAGES

Json = dict[str, Any]
HIDDEN_LINE = {"legend": True, "tooltip": False, "viz": False}
RANGE = "${__url_time_range}"
IDS = ("department_id", "metric_id", "taker_id", "touchpoint_id")
"""Columns that links need and nobody reads."""
HEADINGS: Mapping[str, str] = {
    "allowed": "Threshold", "amount": "Amount", "answer": "Who they name", "answers": "Answers", "at": "At",
    "bad_percent": "Bad answers, %", "baseline_id": "Baseline", "begun": "Since", "category": "Category",
    "ci_high": "Upper bound", "ci_low": "Lower bound", "closed": "Closed", "confirmed_percent": "Confirmed, %",
    "currency": "Currency", "department": "Department", "detail": "Detail", "direction": "Direction",
    "events": "Events", "facts": "Entries", "first": "First", "giver": "From", "horizon": "Horizon", "last": "Last",
    "last_answer": "Last answer", "last_at": "Newest observation", "long_index": "Long-term index",
    "long_index_customer": "Long-term index, customers' targets", "metric": "Metric", "n": "Answers",
    "n_eff": "Effective answers", "noticed": "Noticed", "opened": "Opened", "outcome_balance": "Outcome balance",
    "percent": "Share, %", "pull": "Pull", "reached": "Statistic", "reason": "Reason",
    "registry_version": "Registry version", "satisfaction": "Satisfaction after it", "short_index": "Short-term index",
    "short_index_customer": "Short-term index, customers' targets", "since": "Since", "state": "State",
    "statistic": "Statistic", "steps": "Steps", "success": "Success", "suppressed": "Why there is no value",
    "taker": "To", "term": "Term", "threshold": "Threshold", "touchpoint": "Touchpoint", "value": "Value",
    "weight_balance": "Weight of the long term",
}  # fmt: skip
"""What people read above a column of a table."""
COMPANIONS: Mapping[str, str] = {
    "silent_touchpoint": "a silent touchpoint", "sample": "few answers", "unowned_share": "events without an owner",
    "owner_mix": "another mix of owners", "responses": "unanswered surveys",
}  # fmt: skip
"""What people read for a companion of drift."""


def metric_label(name: str) -> str:
    """What people call a metric, as in the report, with a capital."""
    text = LANGUAGES["en"].metrics[name].name
    return text[0].upper() + text[1:]


def band(line: str) -> list[Json]:
    """The band of a line between its bounds: filled down to the lower one, and not in the legend."""
    upper, lower = f"{line}, upper bound", f"{line}, lower bound"
    plain: Json = {"custom.lineWidth": 0, "custom.showPoints": "never", "custom.hideFrom": HIDDEN_LINE}
    return [
        _override("byName", upper, plain | {"custom.fillBelowTo": lower, "custom.fillOpacity": 15}),
        _override("byName", lower, plain),
    ]


def styled(lines: Mapping[str, Json]) -> list[Json]:
    """Lines whose name matches, drawn in a style."""
    return [_override("byRegexp", name, {"custom.lineStyle": style}) for name, style in lines.items()]


def columns(text: str) -> list[Json]:
    """Headings, links and hidden ids of the columns that a table's query names."""
    # A list, not a set: the order of what is generated must not change.
    names = list(dict.fromkeys(re.findall(r"\b[a-z]\w*\b", text)))
    headings = [_override("byName", name, {"displayName": HEADINGS[name]}) for name in names if name in HEADINGS]
    ids = [_override("byName", name, {"custom.hidden": True}) for name in names if name in IDS]
    return [*headings, *ids, *_links(names)]


def _links(names: Iterable[str]) -> Iterable[Json]:
    known = set(names)
    for column, target, id_of in (
        ("department", "department", "department"),
        ("giver", "department", "department"),
        ("taker", "department", "taker"),
        ("touchpoint", "touchpoint", "touchpoint"),
    ):
        if column in known and f"{id_of}_id" in known:
            yield _override("byName", column, {"links": [*_own_links(target, id_of)]})
    if {"department_id", "metric_id"} <= known:
        chosen = "&".join(f"var-{name}={_field(name)}" for name in ("department", "metric"))
        yield _override("byName", "metric", {"links": [_link("Its drift", f"/d/cx-drift?{chosen}&{RANGE}")]})


def _own_links(target: str, id_of: str) -> Iterable[Json]:
    yield _link(f"The {target}'s dashboard", f"/d/cx-{target}?var-{target}={_field(id_of)}&{RANGE}")
    page = f"page=department&department={_field(id_of)}" if target == "department" else "page=touchpoints"
    yield _link("The page", f"${{page}}/?{page}") | {"targetBlank": True}


def _field(name: str) -> str:
    return f"${{__data.fields.{name}_id:percentencode}}"


def _link(title: str, url: str) -> Json:
    return {"title": title, "url": url, "targetBlank": False}


def _override(how: str, name: str, properties: Mapping[str, Any]) -> Json:
    settings = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": how, "options": name}, "properties": settings}


def metric_names() -> list[Json]:
    """Transformations that put a metric's name for its id in the name of a line."""
    return _renamed({name: metric_label(name) for name in METRICS})


def companion_names() -> list[Json]:
    """The same for companions of drift."""
    return _renamed(COMPANIONS)


def _renamed(names: Mapping[str, str]) -> list[Json]:
    return [
        {"id": "renameByRegex", "options": {"regex": rf"(.*)\b{name}\b(.*)", "renamePattern": f"$1{text}$2"}}
        for name, text in names.items()
    ]

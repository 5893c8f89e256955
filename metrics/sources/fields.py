"""Reads how a source fills one field of an event, and reports what is wrong with it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from metrics.catalogue import ALL_KINDS, SCORE_RANGES
from metrics.events.event import CURRENCY
from metrics.ids import is_touchpoint_id
from metrics.registry import Code, Table, shown, suggestion, texts, touchpoint_remedy
from metrics.sources.model import ALWAYS, FLAG_FIELDS, WHOLE_FIELDS, FieldRule, Plain
from metrics.sources.paths import compile_path, quoted_name
from metrics.sources.scales import HOWS, How, Scale
from metrics.sources.times import NAMED_FORMATS, RFC3339, fault_of_format, needs_zone
from metrics.zones import known_zones, zone_of

ORIGINS: Final = ("path", "column", "header", "hash", "join")
_KEYS: Final = (*ORIGINS, "default", "table", "other", "time", "zone", "decimal", "scale", "required")
_TIMES: Final = ("time", "zone")
_LIKE: Final = 'write a text, or a table like { path = "answer.score" }'
_SCALED: Final = ("csat", "ces")
"""Kinds whose scale differs from tool to tool: NPS is 0 to 10 everywhere."""


def field(parent: Table, name: str) -> FieldRule:
    """Reads the field `name` of the table `parent`: a constant, or a table that says where it is read from."""
    value = parent.data[name]
    if not isinstance(value, dict):
        return FieldRule(name, constant=_plain(parent, name, name, value))
    table = Table(value, f"{parent.path}.{name}", lambda _: parent.line_of(name), parent.problems)
    table.report_unknown_keys(_KEYS)
    path, header, hashed, joined = _origin(table)
    form, zone = _time(table, name)
    return FieldRule(
        name,
        path=path,
        header=header,
        hash=hashed,
        join=joined,
        default=_optional(table, name, "default"),
        table=_table(table, name),
        other=_other(table, name),
        time=form,
        zone=zone,
        decimal=_decimal(table, name),
        scale=_scale(table, name),
        required=_required(table, name),
    )


def report_scale(parent: Table, fields: Mapping[str, FieldRule]) -> None:
    """Reports a score of csat or ces that is read from somewhere without a word about its scale."""
    score, kind = fields.get("score"), fields.get("kind")
    if score is None or kind is None or score.constant is not None or score.table is not None:
        return
    ranges = {name: SCORE_RANGES[name] for name in _kinds(kind) if name in SCORE_RANGES}
    scaled = [name for name in ranges if name in _SCALED]
    if score.scale is None and scaled:
        low, high = ranges[scaled[0]]
        parent.report(
            Code.MISSING_KEY, "score", f"the scale of {' and '.join(scaled)} is not declared: tools differ",
            f"add scale = {{ from = [{low}, {high}] }} with the source's worst and best score, or a table of scores",
        )  # fmt: skip
    if score.scale is not None:
        _report_target(parent, score.scale, ranges)


def _report_target(parent: Table, scale: Scale, ranges: Mapping[str, tuple[int, int]]) -> None:
    for kind, (low, high) in ranges.items():
        theirs, ours = (scale.worst, scale.best), (scale.to_worst, scale.to_best)
        if scale.how is None and theirs != (low, high):
            parent.report(
                Code.BAD_VALUE, "score", f"{theirs[0]} to {theirs[1]} is not the scale of {kind}, {low} to {high}",
                f'say how it becomes one: scale = {{ from = [{theirs[0]}, {theirs[1]}], to = [{low}, {high}], '
                f'how = "linear" }}, or how = "bins", or a table of scores',
            )  # fmt: skip
        elif scale.how is not None and ours != (low, high):
            remedy = f"write to = [{low}, {high}], or a [[source.event]] for each kind"
            parent.report(Code.BAD_VALUE, "score", f"to is not the scale of {kind}, {low} to {high}", remedy)


def _kinds(kind: FieldRule) -> Collection[str]:
    if kind.constant is not None:
        return (str(kind.constant),)
    return [str(value) for value in (*(kind.table or {}).values(), kind.default, kind.other) if value is not None]


def path(table: Table, key: str) -> str:
    """Reads an optional JMESPath."""
    text = table.optional_text(key, '"answer.score"') or ""
    _report_path(table, key, text)
    return text


def _report_path(table: Table, key: str, text: str) -> None:
    try:
        if text:
            compile_path(text)
    except ValueError as error:
        remedy = "write a path like answer.score or answers[0].score (jmespath.org)"
        table.report(Code.BAD_VALUE, key, f"{shown(text)} {error}", remedy)


def _origin(table: Table) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    given = [key for key in ORIGINS if key in table.data]
    if len(given) != 1:
        what = f"has {' and '.join(given)}" if given else "says nowhere what it is read from"
        table.report(Code.MISSING_KEY, "", what, f"give one of: {', '.join(ORIGINS)}; or write the value itself")
    column = table.optional_text("column", '"Score"')
    hashed, joined = texts(table, "hash", '["id"]'), texts(table, "join", '["id", "item.id"]')
    for key, parts in (("hash", hashed), ("join", joined)):
        for part in parts:
            _report_path(table, key, part)
        if key in table.data and not parts:
            table.report(Code.BAD_VALUE, key, "names no path", f'write {key} = ["id"]')
    where = quoted_name(column) if column else path(table, "path")
    return where, (table.optional_text("header", '"ce_id"') or "").lower(), hashed, joined


def _time(table: Table, name: str) -> tuple[str, str | None]:
    if name != "occurred_at":
        for key in _TIMES:
            if key in table.data:
                table.report(Code.UNKNOWN_KEY, key, f"{key} goes with occurred_at", "remove it")
        return "", None
    form = table.optional_text("time", '"epoch_ms"') or RFC3339
    fault = fault_of_format(form)
    if fault:
        hint = suggestion(form, NAMED_FORMATS)
        remedy = (
            hint
            if hint.startswith("did")
            else f"use one of: {', '.join(NAMED_FORMATS)}, or a pattern like %d/%m/%Y %H:%M"
        )
        table.report(Code.BAD_VALUE, "time", f"{shown(form)} {fault}", remedy)
    zone = table.optional_text("zone", '"Europe/Rome"')
    if zone is not None:
        _report_zone(table, zone)
    elif needs_zone(form) and not fault:
        remedy = 'add zone = "Europe/Rome", or "UTC": that of the clocks that wrote it'
        table.report(Code.MISSING_KEY, "zone", f"times like {form} have no offset from UTC", remedy)
    return form, zone


def _report_zone(table: Table, zone: str) -> None:
    try:
        zone_of(zone)
    except ValueError:
        hint = suggestion(zone, known_zones())
        remedy = hint if hint.startswith("did") else 'write the name of the IANA database, like "Europe/Rome"'
        table.report(Code.BAD_TIMEZONE, "zone", f"{shown(zone)} is not a time zone", remedy)


def _decimal(table: Table, name: str) -> str | None:
    sign = table.optional_choice("decimal", (",", "."))
    if sign is not None and name not in (*WHOLE_FIELDS, "amount", "value"):
        table.report(Code.UNKNOWN_KEY, "decimal", "decimal goes with numbers", "remove it")
    return sign


def _scale(table: Table, name: str) -> Scale | None:
    value = table.data.get("scale")
    if value is None:
        return None
    example = 'scale = { from = [1, 10], to = [1, 5], how = "bins" }'
    if not isinstance(value, dict):
        table.mistyped("scale", "a table", f"write {example}")
        return None
    if name != "score":
        table.report(Code.UNKNOWN_KEY, "scale", "scale goes with score", "remove it")
    inner = Table(value, f"{table.path}.scale", table.line_of, table.problems)
    inner.report_unknown_keys(("from", "to", "how"))
    theirs = _ends(inner, "from", example)
    ours = _ends(inner, "to", example) if "to" in value else theirs
    how: How | None = inner.optional_choice("how", HOWS)  # type: ignore[assignment]  # one of them, or reported
    if theirs is None or ours is None:
        return None
    _report_how(inner, theirs, ours, how)
    return Scale(*theirs, *ours, how)


def _report_how(table: Table, theirs: tuple[int, int], ours: tuple[int, int], how: How | None) -> None:
    if ours[0] >= ours[1]:
        table.report(Code.BAD_VALUE, "to", "goes from the worst score to the best, and ours rise", "write to = [1, 5]")
    if how is None and theirs != ours:
        message = f"does not say how {theirs[0]} to {theirs[1]} becomes {ours[0]} to {ours[1]}"
        remedy = 'add how = "linear" (to the nearest), or how = "bins" (as many scores to each)'
        table.report(Code.MISSING_KEY, "how", message, remedy)
    if how == "bins" and abs(theirs[1] - theirs[0]) < ours[1] - ours[0]:
        table.report(Code.BAD_VALUE, "how", "bins need at least as many scores as ours", 'write how = "linear"')


def _ends(table: Table, key: str, example: str) -> tuple[int, int] | None:
    value = table.data.get(key)
    is_pair = isinstance(value, list) and len(value) == 2 and all(type(end) is int for end in value)
    if not isinstance(value, list) or not is_pair or value[0] == value[1]:
        table.report(Code.BAD_VALUE, key, "must be the worst and the best score", f"write it as in {example}")
        return None
    return value[0], value[1]


def _table(table: Table, name: str) -> Mapping[str, Plain] | None:
    value = table.data.get("table")
    if value is None:
        return None
    if not isinstance(value, dict) or not value:
        table.mistyped("table", "a table of values", 'write table = { "Very good" = 5, "Good" = 4 }')
        return None
    read = {key: _plain(table, f"table.{key}", name, entry) for key, entry in value.items()}
    return {key: entry for key, entry in read.items() if entry is not None}


def _other(table: Table, name: str) -> Plain | None:
    if "other" in table.data and "table" not in table.data:
        table.report(Code.UNKNOWN_KEY, "other", "other goes with a table", "add the table, or use default")
    return _optional(table, name, "other")


def _required(table: Table, name: str) -> bool:
    value = table.data.get("required", name in ALWAYS or name == "score")
    if not isinstance(value, bool):
        table.mistyped("required", "true or false", "write required = true")
        return True
    return value


def _optional(table: Table, name: str, key: str) -> Plain | None:
    return _plain(table, key, name, table.data[key]) if key in table.data else None


def _plain(table: Table, key: str, name: str, value: Any) -> Plain | None:
    """A constant of the right type for the field `name`; None after a report."""
    expected, fits = _expected(name)
    if not fits(value):
        table.report(Code.BAD_TYPE, key, f"must be {expected}, not {shown(value)}", _LIKE)
        return None
    if name == "kind" and value not in ALL_KINDS:
        table.report(Code.UNKNOWN_KIND, key, f"unknown kind {shown(value)}", suggestion(value, ALL_KINDS))
    if name == "touchpoint" and not is_touchpoint_id(value):
        table.report(Code.BAD_ID, key, f"{shown(value)} is not a touchpoint id", touchpoint_remedy("web.checkout"))
    if name == "currency" and not CURRENCY.fullmatch(value):
        table.report(Code.BAD_VALUE, key, f"{shown(value)} is no currency", 'write three capitals, like "EUR"')
    return value  # type: ignore[no-any-return]  # fits has looked at it


def _expected(name: str) -> tuple[str, Callable[[Any], bool]]:
    if name in WHOLE_FIELDS:
        return "an integer", lambda value: type(value) is int
    if name in FLAG_FIELDS:
        return "true or false", lambda value: type(value) is bool
    if name == "value":
        return "a number", lambda value: type(value) in (int, float)
    if name == "amount":
        return "a decimal in quotes", lambda value: type(value) is str
    return "a text that is not empty", lambda value: type(value) is str and bool(value)

"""Reads sources from the text of their TOML file, and reports everything that is wrong with it at once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from metrics.catalogue import SCORE_RANGES
from metrics.registry import Code, Problem, Table, load_toml, shown, suggestion, texts
from metrics.sources import fields
from metrics.sources.layouts import csv_layout, report_misfits, tsv_layout
from metrics.sources.line_numbers import SourceLines
from metrics.sources.model import (
    ALWAYS,
    EVENT_FIELDS,
    FORMATS,
    WEBHOOKS,
    EventSpec,
    FieldRule,
    Source,
    SourcesError,
)
from metrics.sources.signatures import ALGORITHMS, BODY, ENCODINGS, TIMESTAMP, Signature

Ready = Mapping[str, Mapping[str, Any]]
"""The ready-made sources, by name: each as its TOML has it."""

KEYS: Final = (
    "name", "like", "topic", "header", "http", "signature", "file", "format", "csv", "tsv", "when", "records", "drop",
    "otherwise", "fields", "event",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_WEBHOOK: Final = re.compile(re.escape(WEBHOOKS) + "[a-z0-9][a-z0-9_-]{0,63}")
_OTHERWISE: Final = ("reject", "drop")
_NO_VALUE: Final[Mapping[str, Any]] = {}


def parse_sources(text: str, ready: Ready = _NO_VALUE) -> tuple[Source, ...]:
    """The sources of a file.

    Args:
        text: The file.
        ready: The ready-made sources that it may build on with `like`.

    Raises:
        SourcesError: It is not TOML, or a key or value is wrong; it holds all such problems.
    """
    text = text.removeprefix("\ufeff")
    problems: list[Problem] = []
    lines = SourceLines(text)
    data = load_toml(text)
    if isinstance(data, Problem):
        raise SourcesError((data,))
    top = Table(data, "", lambda _: None, problems)
    top.report_unknown_keys(("source",))
    items = data.get("source", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        top.mistyped("source", "an array of tables", "write [[source]], in two brackets, above each")
        items = []
    sources = [_Reader(item, number, lines, problems, ready).read() for number, item in enumerate(items, start=1)]
    _report_repeats(sources, lines, problems)
    if problems:
        raise SourcesError(sorted(problems, key=lambda problem: problem.line or 0))
    return tuple(sources)


def lint_sources(text: str, ready: Ready = _NO_VALUE) -> Sequence[Problem]:
    """Everything that is wrong with a file, errors or, if there is none, warnings."""
    try:
        sources = parse_sources(text, ready)
    except SourcesError as error:
        return error.problems
    return _never_reached(sources, SourceLines(text.removeprefix("\ufeff")))


def overlaid(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A ready-made source with what a file says about it: what the file gives wins, a field wherever it is filled."""
    filled = _table_in(own, "fields")
    result = {**base, **own, "fields": _filled(_table_in(base, "fields"), filled, all_of_them=True)}
    if "event" not in own and isinstance(base.get("event"), list):
        result["event"] = [_filled(event, filled, all_of_them=False) for event in base["event"]]
    return result


def _filled(base: Mapping[str, Any], own: Mapping[str, Any], *, all_of_them: bool) -> dict[str, Any]:
    """Fields with those of a file in their place; one that does not say what it is read from completes the other."""
    result = dict(base)
    for name, value in own.items():
        before = base.get(name)
        if isinstance(before, dict) and isinstance(value, dict) and not any(key in value for key in fields.ORIGINS):
            result[name] = {**before, **value}
        elif all_of_them or name in base:
            result[name] = value
    return result


def _table_in(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    return value if isinstance(value, dict) else {}


class _Reader:
    """Reads one [[source]]."""

    def __init__(
        self, data: Mapping[str, Any], number: int, lines: SourceLines, problems: list[Problem], ready: Ready
    ) -> None:
        self._lines, self._number, self._problems = lines, number, problems
        self._path = f"source[{number}]"
        self._table = self._section(data)
        self._base = self._table.optional_choice("like", ready) or ""
        if self._base in ready:
            self._table = self._section(overlaid(ready[self._base], data))

    def _section(self, data: Mapping[str, Any], name: str = "", at: int = 1) -> Table:
        path = self._path + {"": "", "event": f".event[{at}]"}.get(name, f".{name}")
        return Table(data, path, lambda key: self._lines.find(self._number, name, at, key), self._problems)

    def read(self) -> Source:
        table = self._table
        table.report_unknown_keys(KEYS)
        name = table.text("name", '"delighted"')
        if name and not _NAME.fullmatch(name):
            remedy = "use lower-case letters, digits, '_' and '-', at most 64, a letter first"
            table.report(Code.BAD_ID, "name", f"{shown(name)} is no name of a source", remedy)
        source = Source(
            name=name,
            like=self._base,
            events=self._events(name),
            topics=self._topics(),
            headers=self._headers(),
            http=self._http(),
            signature=self._signature(),
            file=table.optional_text("file", '"delighted-*.csv"') or "",
            format=table.optional_choice("format", FORMATS) or "json",  # type: ignore[arg-type]  # one of them
            csv=csv_layout(table, self._section),
            tsv=tsv_layout(table, self._section),
            when=fields.path(table, "when"),
            records=fields.path(table, "records"),
            drop=fields.path(table, "drop"),
            drops_others=table.optional_choice("otherwise", _OTHERWISE) == "drop",
        )
        report_misfits(table, source)
        return source

    def _topics(self) -> Sequence[str]:
        if isinstance(self._table.data.get("topic"), str):
            return (self._table.text("topic", '"surveys.*"'),)
        return texts(self._table, "topic", '"surveys.*"')

    def _headers(self) -> Mapping[str, str]:
        value = self._table.data.get("header", {})
        if not isinstance(value, dict) or not all(isinstance(pattern, str) for pattern in value.values()):
            self._table.mistyped("header", "a table of texts", 'write header = { ce_type = "survey.*" }')
            return {}
        return {name.lower(): pattern for name, pattern in value.items()}

    def _http(self) -> str:
        text = self._table.optional_text("http", '"/v1/sources/delighted"') or ""
        if text and not _WEBHOOK.fullmatch(text):
            remedy = f'write {WEBHOOKS} and a name, like http = "{WEBHOOKS}delighted"'
            self._table.report(Code.BAD_VALUE, "http", f"{shown(text)} is no path of a webhook", remedy)
        return text

    def _signature(self) -> Signature | None:
        value = self._table.data.get("signature")
        if value is None:
            return None
        if not isinstance(value, dict):
            self._table.mistyped(
                "signature", "a table", "write [source.signature] with header and secret_file under it"
            )
            return None
        table = self._section(value, "signature")
        table.report_unknown_keys(Signature.__slots__)
        signed = table.optional_text("signed", '"{timestamp}.{body}"') or BODY
        if signed.count(BODY) != 1:
            table.report(Code.BAD_VALUE, "signed", "must have {body} once", 'write signed = "{timestamp}.{body}"')
        if TIMESTAMP in signed and "timestamp" not in value:
            table.missing("timestamp", "add timestamp with the name of the header that has it")
        return Signature(
            header=table.text("header", '"X-Signature"'),
            secret_file=table.text("secret_file", '"/etc/cx-balance/delighted.secret"'),
            algorithm=table.optional_choice("algorithm", ALGORITHMS) or "sha256",
            encoding=table.optional_choice("encoding", ENCODINGS) or "hex",
            prefix=table.optional_text("prefix", '"sha256="') or "",
            timestamp=table.optional_text("timestamp", '"X-Signature-Timestamp"') or "",
            signed=signed,
        )

    def _events(self, name: str) -> Sequence[EventSpec]:
        value, shared = self._table.data.get("event", []), self._table.data.get("fields", {})
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._table.mistyped("event", "an array of tables", "write [[source.event]], in two brackets, above each")
            return ()
        if not isinstance(shared, dict):
            self._table.mistyped("fields", "a table", "write [source.fields] with the fields that events share")
            return ()
        if not value:
            self._table.missing("event", "add a [[source.event]] with the fields of the event that a record gives")
        common = self._fields(self._section(shared, "fields"), ())
        return [self._event(self._section(item, "event", at), common, name) for at, item in enumerate(value, start=1)]

    def _event(self, table: Table, common: Mapping[str, FieldRule], name: str) -> EventSpec:
        filled = {"source": FieldRule("source", constant=name), **common, **self._fields(table, ("when", "each"))}
        kind = filled.get("kind")
        about_all = kind is not None and kind.constant == "note"
        needed = ALWAYS if kind is None or kind.constant not in SCORE_RANGES else (*ALWAYS, "score")
        for key in needed:
            if key not in filled and not (about_all and key == "touchpoint"):
                given = f"the ready-made source {self._base} leaves it to you: " if self._base else ""
                table.report(
                    Code.MISSING_KEY, key, f"{given}no value for {key}",
                    f"add {key} = {_EXAMPLES[key]}, here or under [source.fields]",
                )  # fmt: skip
        fields.report_scale(table, filled)
        ordered = [filled[key] for key in EVENT_FIELDS if key in filled]
        return EventSpec(ordered, fields.path(table, "when"), fields.path(table, "each"))

    def _fields(self, table: Table, keys: Sequence[str]) -> dict[str, FieldRule]:
        for key in table.data:
            if key not in EVENT_FIELDS and key not in keys:
                hint = suggestion(key, (*EVENT_FIELDS, *keys))
                table.report(Code.UNKNOWN_KEY, key, f"{shown(key)} is no field of an event", hint)
        return {key: fields.field(table, key) for key in table.data if key in EVENT_FIELDS}


_EXAMPLES: Final = {
    "event_id": '{ path = "id" }',
    "source": '"delighted"',
    "kind": '"nps"',
    "touchpoint": '"web.checkout"',
    "occurred_at": '{ path = "created_at", time = "epoch_s" }',
    "score": '{ path = "score" }',
}


def _report_repeats(sources: Sequence[Source], lines: SourceLines, problems: list[Problem]) -> None:
    for key in ("name", "http"):
        first: dict[str, int] = {}
        for number, source in enumerate(sources, start=1):
            value: str = getattr(source, key)
            if value and value in first:
                message = f"{value} is already in source[{first[value]}]"
                line = lines.find(number, "", 1, key)
                problems.append(
                    Problem("error", Code.DUPLICATE_ID, f"source[{number}].{key}", line, message, "keep one of the two")
                )
            first.setdefault(value, number)


def _never_reached(sources: Sequence[Source], lines: SourceLines) -> list[Problem]:
    """A warning for each source all of whose records an earlier one takes."""
    problems = []
    for number, source in enumerate(sources, start=1):
        for earlier in sources[: number - 1]:
            takes_all = not earlier.when and set(source.topics) <= set(earlier.topics) and source.topics
            if takes_all and earlier.headers.items() <= source.headers.items():
                message = f"no record comes to it: {earlier.name} takes all of its topic"
                remedy = f"put it before {earlier.name}, or give {earlier.name} a when"
                line = lines.find(number, "", 1, "topic")
                path = f"source[{number}].topic"
                problems.append(Problem("warning", Code.RULE_NEVER_REACHED, path, line, message, remedy))
                break
    return problems

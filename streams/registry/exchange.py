"""Other formats read into a registry, and a registry written in them: CODEOWNERS, CSV, Backstage catalogues."""

import csv
import io
import re
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import tomlkit
import yaml

from metrics.lint.lint import lint
from metrics.registry import Department, Ownership, Registry, RegistryError, parse
from metrics.registry.exchange.backstage import backstage
from metrics.registry.exchange.codeowners import codeowners
from metrics.registry.exchange.drafts import Draft
from metrics.registry.exchange.rows import NAME, SHEET_COLUMNS, draft_of, rows_of
from streams.errors import ConfigurationError

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SEPARATING: Final = re.compile(r"[,;\t\"\r\n]")
FORMATS: Final = ("codeowners", "csv", "backstage")
_OPEN: Final = '"front" or "back": the imported file does not say'


def read(form: str, path: Path, departments: Collection[str] = ()) -> Draft:
    """What a file in one of FORMATS says; `departments` are the ids that are already declared.

    Raises:
        ConfigurationError: It cannot be read, or is not in that format at all.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}; name a text file in UTF-8") from error
    if form == "codeowners":
        return codeowners(text, departments)
    try:
        return draft_of(_rows(text)) if form == "csv" else backstage(_documents(text))
    except (csv.Error, yaml.YAMLError, RecursionError, ValueError) as error:
        what = " ".join(str(error).split())
        raise ConfigurationError(f"{path} is not {form}: {what}; correct it there and import it again") from error


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    missing = {"touchpoint", "owner"} - set(header)
    unknown = [name for name in header if name not in SHEET_COLUMNS and not name.startswith(NAME)]
    if missing or unknown or len(set(header)) < len(header):
        known = f"{', '.join(SHEET_COLUMNS)}, and {NAME}en, {NAME}it and so on"
        raise ValueError(
            f"line 1 has the columns {', '.join(header)}; it needs touchpoint and owner, each column once, of {known}"
        )
    end = reader.line_num
    for row in reader:
        # A cell may hold line breaks: a row begins on the line after the one before it ended.
        begin, end = end + 1, reader.line_num
        if len(row) > len(header):
            raise ValueError(f"line {begin} has {len(row)} cells for {len(header)} columns")
        yield begin, dict(zip(header, map(_unguarded, row), strict=False))


def _documents(text: str) -> Iterator[tuple[int, object]]:
    loader = yaml.SafeLoader(text)
    try:
        while (node := loader.get_node() if loader.check_node() else None) is not None:
            yield node.start_mark.line + 1, loader.construct_document(node)
    finally:
        loader.dispose()


def as_csv(registry: Registry, at_s: int | None) -> str:
    """The registry as CSV (RFC 4180), with a header; `at_s` (epoch seconds) leaves only the rules that hold then.

    Cells that a spreadsheet would run as formulas have an apostrophe before them; `read` takes it away.
    """
    rows = rows_of(registry, at_s)
    lines = [list(rows[0]) if rows else SHEET_COLUMNS, *(row.values() for row in rows)]
    return "".join(",".join(map(csv_cell, line)) + "\r\n" for line in lines)


def csv_cell(text: str) -> str:
    """Any text as a cell of CSV that no spreadsheet runs."""
    return _quoted(_guarded(text))


def _quoted(cell: str) -> str:
    # The csv module leaves semicolons bare: a spreadsheet that separates by them would find a cell within a text.
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if _SEPARATING.search(cell) else cell


def _guarded(cell: str) -> str:
    # A spreadsheet runs such a cell as a formula. One more apostrophe, also before those that are there, can be undone.
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def as_toml(draft: Draft) -> str:
    """The tables of a draft, as they can stand at the end of a registry file."""
    document = tomlkit.document()
    sections = {
        "department": [_department(item) for item in draft.departments if not item.members],
        "team": [_department(item) for item in draft.departments if item.members],
        "touchpoint": [
            {"id": item.id, "name": dict(item.name), "stage": item.stage, "channel": item.channel}
            for item in draft.touchpoints
        ],
        "ownership": [_ownership(rule) for rule in draft.ownerships],
    }
    for name, tables in sections.items():
        if tables:
            array = tomlkit.aot()
            for table in tables:
                array.append(_table(table))
            document.append(name, array)
    return tomlkit.dumps(document)


def _table(values: dict[str, Any]) -> tomlkit.items.Table:
    table = tomlkit.table()
    for key, value in values.items():
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table.add(key, inline)
        elif value is None:
            table.add(tomlkit.comment(f"{key} = {_OPEN}"))
        else:
            table.add(key, value)
    return table


def _department(department: Department) -> dict[str, Any]:
    more: dict[str, Any] = {"members": dict(department.members)} if department.members else {}
    if department.kind != "department" and not department.members:
        more["kind"] = department.kind
    return {"id": department.id, "name": department.name, "office": department.office or None} | more


def _ownership(rule: Ownership) -> dict[str, Any]:
    values = {
        "touchpoint": rule.touchpoint,
        "facet": rule.facet,
        "segment": rule.segment,
        "region": rule.region,
        "kind": rule.kind,
        "owner": rule.owner,
        "contributors": dict(rule.contributors),
        "consulted": list(rule.consulted),
        "sponsor": rule.sponsor,
        "from": _instant(rule.valid_from),
        "to": _instant(rule.valid_to),
    }
    return {key: value for key, value in values.items() if value not in (None, {}, [])}


def _instant(instant: datetime | None) -> object:
    return instant.date() if instant is not None and instant.time() == time() else instant


def merged(text: str, addition: str) -> str:
    """A registry file with tables added at its end; what was in it stays as it was, comments included."""
    return f"{text.rstrip()}\n\n{addition}" if addition else text


def problems_of(text: str, before: str) -> list[str]:
    """What is wrong with a registry file that was not wrong with it before; empty if it can be used."""
    earlier = set(_errors(before))
    return [error for error in _errors(text) if error not in earlier]


def _errors(text: str) -> list[str]:
    return [str(problem) for problem in lint(text) if problem.severity == "error"]


def write(path: Path, text: str) -> None:
    """Replaces a registry file at once: a running instance never reads half of it.

    Raises:
        ConfigurationError: It cannot be written.
    """
    place = path.resolve()
    draft = place.with_name(f".{place.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        shutil.copymode(place, draft)
        draft.replace(place)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigurationError(f"cannot write {path}: {error}; name a file that this user may write") from error


def declared(path: Path) -> tuple[str, Registry]:
    """The text of a registry file, and what it holds.

    Raises:
        ConfigurationError: It cannot be read or is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, parse(text)
    except (OSError, UnicodeDecodeError, RegistryError) as error:
        raise ConfigurationError(f"cannot add to the registry {path}: {error}; run cxb check {path}") from error

"""The registry as rows of a spreadsheet, and back: who owns what and when, with stage, channel and office.

A row with a touchpoint and an owner is a rule. One without an owner only declares its touchpoint, one without a
touchpoint only a department. It does not hold receivers, targets, policies, programmes, segments, spend and the time
zone.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Final

from metrics.registry.claims import epoch_s
from metrics.registry.exchange.drafts import Draft, Sketch
from metrics.registry.model import Department, Ownership, Registry, Touchpoint
from metrics.registry.table import shown

SheetRow = dict[str, str]

NAME: Final = "name_"
"""The prefix of a column with the touchpoint's name in a language: name_en."""
_TOUCHPOINT: Final = ("stage", "channel")
_DEPARTMENT: Final = ("owner_name", "office", "members")
_RULE: Final = ("segment", "region", "kind", "facet", "contributors", "consulted", "sponsor", "from", "to")
SHEET_COLUMNS: Final = ("touchpoint", *_TOUCHPOINT, *_RULE[:4], "owner", *_DEPARTMENT, *_RULE[4:])


def rows_of(registry: Registry, at_s: int | None = None) -> list[SheetRow]:
    """A registry as rows, each with all columns: rules in their order, then everything that no rule names.

    Args:
        registry: The company's registry.
        at_s: Only rules that are in force at this instant, epoch seconds; None for all.
    """
    languages = dict.fromkeys(language for item in registry.touchpoints for language in item.name)
    empty = dict.fromkeys((*SHEET_COLUMNS, *(f"{NAME}{language}" for language in languages)), "")
    touchpoints = {item.id: item for item in registry.touchpoints}
    departments = {item.id: item for item in registry.departments}
    rules = [rule for rule in registry.ownerships if at_s is None or _holds(rule, at_s)]
    rows = [_rule(rule) | _touchpoint(touchpoints.get(rule.touchpoint)) | _department(departments[rule.owner])
            for rule in rules]  # fmt: skip
    named, owning = {rule.touchpoint for rule in rules}, {rule.owner for rule in rules}
    rows += [_touchpoint(item) for item in registry.touchpoints if item.id not in named]
    rows += [_department(item) for item in registry.departments if item.id not in owning]
    return [empty | row for row in rows]


def _holds(rule: Ownership, at_s: int) -> bool:
    begun = rule.valid_from is None or epoch_s(rule.valid_from) <= at_s
    return begun and (rule.valid_to is None or at_s < epoch_s(rule.valid_to))


def _rule(rule: Ownership) -> SheetRow:
    return {
        "touchpoint": rule.touchpoint,
        "segment": rule.segment or "",
        "region": rule.region or "",
        "kind": rule.kind or "",
        "facet": rule.facet or "",
        "contributors": _shares(rule.contributors),
        "consulted": " ".join(rule.consulted),
        "sponsor": rule.sponsor or "",
        "from": _stamp(rule.valid_from),
        "to": _stamp(rule.valid_to),
    }


def _touchpoint(touchpoint: Touchpoint | None) -> SheetRow:
    if touchpoint is None:
        return {}
    names = {f"{NAME}{language}": name for language, name in touchpoint.name.items()}
    return {"touchpoint": touchpoint.id, "stage": touchpoint.stage, "channel": touchpoint.channel} | names


def _department(department: Department) -> SheetRow:
    return {
        "owner": department.id,
        "owner_name": department.name,
        "office": department.office,
        "members": _shares(department.members),
    }


def _shares(shares: Mapping[str, float]) -> str:
    return " ".join(f"{name}={share!r}" for name, share in shares.items())


def _stamp(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return instant.date().isoformat() if instant.time() == time() else instant.isoformat()


def draft_of(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Draft:
    """Reads rows back.

    Args:
        rows: The line of each row, from 1, and its cells by column; an absent cell is like an empty one.
    """
    sketch = Sketch()
    for line, row in rows:
        cells = {name: cell for name, cell in row.items() if cell}
        if not cells:
            continue
        touchpoint, owner = cells.get("touchpoint", ""), cells.get("owner", "")
        if not touchpoint and not owner:
            sketch.note(line, "names neither a touchpoint nor an owner; fill in one of the two")
            continue
        data, wrong = _values(cells)
        for message in wrong:
            sketch.note(line, message)
        names = {key.removeprefix(NAME): cells[key] for key in cells if key.startswith(NAME)}
        if touchpoint and (names or any(key in cells for key in _TOUCHPOINT)):
            declaration: dict[str, object] = {key: cells[key] for key in _TOUCHPOINT if key in cells}
            sketch.touchpoint(line, {"id": touchpoint, **declaration, **({"name": names} if names else {})})
        if owner and any(key in cells for key in _DEPARTMENT):
            keys = [key for key in ("office", "members") if key in data]
            sketch.department(line, {"id": owner, "name": cells.get("owner_name", owner), **{k: data[k] for k in keys}})
        _add_rule(sketch, line, data, bool(wrong))
    return sketch.draft()


def _add_rule(sketch: Sketch, line: int, data: Mapping[str, object], wrong: bool) -> None:
    rule = {key: data[key] for key in ("touchpoint", "owner", *_RULE) if key in data}
    if "touchpoint" in rule and "owner" in rule:
        if not wrong:
            sketch.ownership(line, rule)
    elif len(rule) > 1:
        absent = "owner" if "touchpoint" in rule else "touchpoint"
        sketch.note(line, f"has no {absent}, so these cells have no meaning: {', '.join(list(rule)[1:])}; fill it in")


def _values(cells: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """Cells as TOML would give them, and what is wrong with those that do not fit their column."""
    data: dict[str, object] = {}
    wrong = []
    for key, cell in cells.items():
        try:
            data[key] = _value(key, cell)
        except ValueError as error:
            wrong.append(f"{key}: {error}")
    return data, wrong


def _value(key: str, cell: str) -> object:
    if key in ("contributors", "members"):
        return dict(map(_share, cell.split()))
    if key == "consulted":
        return cell.split()
    return _instant(cell) if key in ("from", "to") else cell


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError:
        raise ValueError(f"{shown(text)} is not a share; write them like it=0.3 sales=0.2") from None


def _instant(cell: str) -> date | datetime:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        remedy = "write 2026-10-01, which is midnight UTC, or 2026-10-01T08:30:00+02:00"
        raise ValueError(f"{shown(cell)} is not an instant; {remedy}") from None

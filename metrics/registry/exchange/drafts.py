"""Drafts: what another file says about ownership, read into the parts of a registry, and what of it cannot be kept.

Nothing is guessed. A line that has no meaning here is left out and said; what the other file does not tell stays open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from metrics.ids import is_department_id
from metrics.registry import policies, sections
from metrics.registry.model import OFFICES, RESERVED_IDS, Department, Ownership, Problem, Registry, Touchpoint
from metrics.registry.table import Table, shown

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said about a line of the other file.

    Attributes:
        line: From 1.
        message: What is the matter, and what to do.
        lost: Whether something about ownership could not be kept.
    """

    line: int
    message: str
    lost: bool = True

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Draft:
    """Parts of a registry; a department whose `office` is "" is one whose office the other file does not tell."""

    departments: tuple[Department, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    ownerships: tuple[Ownership, ...] = ()
    notes: tuple[Note, ...] = ()


class Sketch:
    """A draft being made: each method takes the keys of a table as TOML would give them, and says what is wrong."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._departments: dict[str, tuple[int, Department]] = {}
        self._touchpoints: dict[str, tuple[int, Touchpoint]] = {}
        self._ownerships: list[Ownership] = []

    def note(self, line: int, message: str, lost: bool = True) -> None:
        """Says something about a line."""
        self._notes.append(Note(line, message, lost))

    def department(self, line: int, data: Mapping[str, object]) -> None:
        """Declares a department, or with `members` a team."""
        told, members = "office" in data, data.get("members")
        whole = data if told else {**data, "office": OFFICES[0]}
        if isinstance(members, Mapping):
            found = self._checked(line, whole, lambda table: policies.team(table, members))
        else:
            found = self._checked(line, whole, sections.department)
        if found is None:
            return
        first = self._departments.setdefault(found.id, (line, found if told else replace(found, office="")))
        self._refuse_otherwise(line, first, found if told else replace(found, office=""))
        for name in found.members:
            self._mention(line, name)

    def touchpoint(self, line: int, data: Mapping[str, object]) -> None:
        """Declares a touchpoint."""
        found = self._checked(line, data, sections.touchpoint)
        if found is not None:
            self._refuse_otherwise(line, self._touchpoints.setdefault(found.id, (line, found)), found)

    def ownership(self, line: int, data: Mapping[str, object]) -> None:
        """Adds a rule; departments that it names need not be declared."""
        contributors, consulted = data.get("contributors", {}), data.get("consulted", ())
        names = [data.get("owner"), *(contributors if isinstance(contributors, Mapping) else ())]
        names += consulted if isinstance(consulted, list) else []
        named = [str(name) for name in names if name]
        wrong = [name for name in named if name in RESERVED_IDS or not is_department_id(name)]
        for name in wrong:
            remedy = "use lower-case letters, digits, '_' and '-' only, and neither 'unowned' nor 'company'"
            self.note(line, f"{shown(name)} is not a department id; {remedy}")
        if wrong:
            return
        position = len(self._ownerships)
        found = self._checked(line, data, lambda table: sections.ownership(table, position, named))
        if found is not None:
            self._ownerships.append(found)
            for name in named:
                self._mention(line, name)

    def draft(self) -> Draft:
        """All of it, notes in order of lines."""
        departments = (found for _, found in self._departments.values())
        return Draft(
            tuple(sorted(departments, key=lambda one: bool(one.members))),
            tuple(found for _, found in self._touchpoints.values()),
            tuple(self._ownerships),
            tuple(sorted(self._notes, key=lambda note: note.line)),
        )

    def _mention(self, line: int, name: str) -> None:
        self._departments.setdefault(name, (line, Department(name, name, "", None)))

    def _refuse_otherwise(self, line: int, first: tuple[int, Item], found: Item) -> None:
        if first[1] == found:
            return
        known = first[1]
        if isinstance(known, Department) and isinstance(found, Department) and known == _mentioned(known.id):
            self._departments[known.id] = (line, found)
        else:
            self.note(line, f"{getattr(found, 'id', '')} is declared otherwise in line {first[0]}; make the two alike")

    def _checked(self, line: int, data: Mapping[str, object], read: Callable[[Table], Item]) -> Item | None:
        problems: list[Problem] = []
        found = read(Table(data, "row", lambda _: line, problems))
        for problem in problems:
            self.note(line, f"{problem.path.removeprefix('row.')}: {problem.message}; {problem.remedy}")
        return None if problems else found


def _mentioned(name: str) -> Department:
    return Department(name, name, "", None)


def beyond(draft: Draft, registry: Registry) -> Draft:
    """What a draft adds to a registry: departments, touchpoints and rules that are not there yet."""
    there = {_meaning(rule) for rule in registry.ownerships}
    return Draft(
        _unknown(draft.departments, registry.departments),
        _unknown(draft.touchpoints, registry.touchpoints),
        tuple(rule for rule in draft.ownerships if _meaning(rule) not in there),
        draft.notes,
    )


Named = TypeVar("Named", Department, Touchpoint)


def _unknown(items: Iterable[Named], known: Iterable[Named]) -> tuple[Named, ...]:
    ids = {one.id for one in known}
    return tuple(one for one in items if one.id not in ids)


def _meaning(rule: Ownership) -> tuple[object, ...]:
    """A rule without its place in a file."""
    return (
        *(rule.touchpoint, rule.segment, rule.region, rule.kind, rule.facet),
        *(rule.owner, frozenset(rule.contributors.items()), rule.consulted, rule.sponsor),
        *(rule.valid_from, rule.valid_to),
    )


def with_office(draft: Draft, office: str) -> Draft:
    """The same with an office for every department whose office is open."""
    return replace(draft, departments=tuple(replace(one, office=one.office or office) for one in draft.departments))

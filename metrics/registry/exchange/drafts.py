"""Drafts: what another file says about ownership, as parts of a registry, and notes on what cannot be kept.

Nothing is guessed. A line without a meaning here is left out, with a note; what the other file does not say stays open.
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
    """A note about a line of the other file.

    Attributes:
        line: From 1.
        message: What is wrong, and what to do.
        lost: Whether something about ownership could not be kept.
    """

    line: int
    message: str
    lost: bool = True

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Draft:
    """Parts of a registry; the `office` of a department is "" if the other file does not say it."""

    departments: tuple[Department, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    ownerships: tuple[Ownership, ...] = ()
    notes: tuple[Note, ...] = ()


class Sketch:
    """A draft in the making: each method takes the keys of a table as TOML would give them, and notes problems."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._departments: dict[str, tuple[int, Department]] = {}
        self._touchpoints: dict[str, tuple[int, Touchpoint]] = {}
        self._ownerships: list[Ownership] = []

    def note(self, line: int, message: str, lost: bool = True) -> None:
        """Adds a note about a line."""
        self._notes.append(Note(line, message, lost))

    def department(self, line: int, data: Mapping[str, object]) -> None:
        """Declares a department, or with `members` a team."""
        has_office, members = "office" in data, data.get("members")
        whole = data if has_office else {**data, "office": OFFICES[0]}
        if isinstance(members, Mapping):
            result = self._checked(line, whole, lambda table: policies.team(table, members))
        else:
            result = self._checked(line, whole, sections.department)
        if result is None:
            return
        first = self._departments.setdefault(result.id, (line, result if has_office else replace(result, office="")))
        self._note_difference(line, first, result if has_office else replace(result, office=""))
        for name in result.members:
            self._mention(line, name)

    def touchpoint(self, line: int, data: Mapping[str, object]) -> None:
        """Declares a touchpoint."""
        result = self._checked(line, data, sections.touchpoint)
        if result is not None:
            self._note_difference(line, self._touchpoints.setdefault(result.id, (line, result)), result)

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
        result = self._checked(line, data, lambda table: sections.ownership(table, position, named))
        if result is not None:
            self._ownerships.append(result)
            for name in named:
                self._mention(line, name)

    def draft(self) -> Draft:
        """The whole draft, with its notes in order of lines."""
        departments = (item for _, item in self._departments.values())
        return Draft(
            tuple(sorted(departments, key=lambda department: bool(department.members))),
            tuple(item for _, item in self._touchpoints.values()),
            tuple(self._ownerships),
            tuple(sorted(self._notes, key=lambda note: note.line)),
        )

    def _mention(self, line: int, name: str) -> None:
        self._departments.setdefault(name, (line, Department(name, name, "", None)))

    def _note_difference(self, line: int, first: tuple[int, Item], item: Item) -> None:
        if first[1] == item:
            return
        declared = first[1]
        if isinstance(declared, Department) and isinstance(item, Department) and declared == _mentioned(declared.id):
            self._departments[declared.id] = (line, item)
        else:
            self.note(
                line, f"{getattr(item, 'id', '')} is declared differently in line {first[0]}; make the two the same"
            )

    def _checked(self, line: int, data: Mapping[str, object], read: Callable[[Table], Item]) -> Item | None:
        problems: list[Problem] = []
        item = read(Table(data, "row", lambda _: line, problems))
        for problem in problems:
            self.note(line, f"{problem.path.removeprefix('row.')}: {problem.message}; {problem.remedy}")
        return None if problems else item


def _mentioned(name: str) -> Department:
    return Department(name, name, "", None)


def beyond(draft: Draft, registry: Registry) -> Draft:
    """What a draft adds to a registry: departments, touchpoints and rules that it does not have yet."""
    there = {_meaning(rule) for rule in registry.ownerships}
    return Draft(
        _unknown(draft.departments, registry.departments),
        _unknown(draft.touchpoints, registry.touchpoints),
        tuple(rule for rule in draft.ownerships if _meaning(rule) not in there),
        draft.notes,
    )


Named = TypeVar("Named", Department, Touchpoint)


def _unknown(items: Iterable[Named], declared: Iterable[Named]) -> tuple[Named, ...]:
    ids = {item.id for item in declared}
    return tuple(item for item in items if item.id not in ids)


def _meaning(rule: Ownership) -> tuple[object, ...]:
    """A rule without its position in a file."""
    return (
        *(rule.touchpoint, rule.segment, rule.region, rule.kind, rule.facet),
        *(rule.owner, frozenset(rule.contributors.items()), rule.consulted, rule.sponsor),
        *(rule.valid_from, rule.valid_to),
    )


def with_office(draft: Draft, office: str) -> Draft:
    """The same draft, with `office` for each department without one."""
    return replace(
        draft,
        departments=tuple(replace(department, office=department.office or office) for department in draft.departments),
    )

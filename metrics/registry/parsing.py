"""Reads a registry from the text of its TOML file, and reports everything that is wrong with it at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from metrics.registry import policies, sections
from metrics.registry.line_numbers import Lines
from metrics.registry.model import (
    POLICIES,
    Code,
    Problem,
    Registry,
    RegistryError,
    Segment,
    Target,
    TouchpointPolicy,
)
from metrics.registry.table import Table, load_toml

_ARRAYS = ("department", "touchpoint", "ownership", "target", "team", "touchpoint_policy", "program", "segment")
_KEYS = ("version", "policy", "max_effective_owners", "sponsor", "timezone", "horizons", "spend", *_ARRAYS)
_BYTE_ORDER_MARK = "\ufeff"

Item = TypeVar("Item")


def parse(text: str) -> Registry:
    r"""Returns the registry that a TOML file describes.

    Raises:
        RegistryError: The file is not TOML, or a key or value in it is wrong. It holds all such problems, in
            order of lines; only a syntax error comes alone.

    >>> parse('version = "1"\npolicy = "team"').policy
    'team'
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    data = load_toml(text)
    if isinstance(data, Problem):
        raise RegistryError((data,))
    file = _File(data, text)
    registry = file.read()
    if file.problems:
        raise RegistryError(tuple(sorted(file.problems, key=lambda problem: problem.line or 0)))
    return registry


def lines_of(text: str, registry: Registry) -> Lines:
    """Returns the lines of the file that `registry` was parsed from."""
    teams = sum(bool(department.members) for department in registry.departments)
    counts = (
        len(registry.departments) - teams,
        *map(len, (registry.touchpoints, registry.ownerships, registry.targets)),
        teams,
        *map(len, (registry.policies, registry.programmes, registry.segments)),
    )
    return Lines(text, dict(zip(_ARRAYS, counts, strict=True)))


class _File:
    """A TOML document being read; `problems` is complete after `read`."""

    def __init__(self, data: Mapping[str, object], text: str) -> None:
        self.problems: list[Problem] = []
        self._lines = Lines(text, {key: len(items) for key in _ARRAYS if isinstance(items := data.get(key), list)})
        self._top = self._table(data, "", "", 1)

    def read(self) -> Registry:
        top = self._top
        top.report_unknown_keys(_KEYS)
        departments = self._array("department", lambda table, _: sections.department(table))
        members = frozenset(department.id for department in departments) - {""}
        teams = self._array("team", lambda table, _: policies.team(table, members))
        ids = [department.id for department in departments]
        declared = members | frozenset(team.id for team in teams) - {""}
        touchpoints = self._array("touchpoint", lambda table, _: sections.touchpoint(table))
        ownerships = self._array("ownership", lambda table, i: sections.ownership(table, i, declared))
        targets = self._array("target", lambda table, _: sections.target(table, declared))
        self._report_repeats("department", Code.DUPLICATE_ID, "id", ids)
        self._report_repeats("team", Code.DUPLICATE_ID, "id", [team.id for team in teams], ids)
        self._report_repeats("touchpoint", Code.DUPLICATE_ID, "id", [touchpoint.id for touchpoint in touchpoints])
        self._report_overlaps(targets)
        return Registry(
            version=top.text("version", '"2026-11-22"'),
            policy=top.choice("policy", POLICIES),
            sponsor=top.optional_text("sponsor", '"cmo"'),
            horizons=self._single(
                "horizons", sections.horizons, 'write [horizons] with short = "7d" and long = "90d" under it'
            ),
            departments=(*departments, *teams),
            touchpoints=touchpoints,
            ownerships=ownerships,
            targets=targets,
            max_effective_owners=policies.limit(top),
            policies=self._policies(),
            programmes=self._array("program", lambda table, _: policies.programme(table, declared)),
            segments=self._segments(),
            spend=self._single("spend", policies.spend, 'write [spend] with declared = ["surveys"] under it'),
            timezone=sections.timezone(top),
        )

    def _policies(self) -> tuple[TouchpointPolicy, ...]:
        result = self._array("touchpoint_policy", lambda table, _: policies.touchpoint_policy(table))
        patterns = [policy.touchpoint for policy in result]
        self._report_repeats("touchpoint_policy", Code.DUPLICATE_POLICY, "touchpoint", patterns)
        return result

    def _segments(self) -> tuple[Segment, ...]:
        result = self._array("segment", lambda table, _: policies.segment(table))
        self._report_repeats("segment", Code.DUPLICATE_ID, "id", [segment.id for segment in result])
        return result

    def _table(self, data: Mapping[str, object], path: str, section: str, number: int) -> Table:
        return Table(data, path, lambda key: self._lines.find(section, number, key), self.problems)

    def _single(self, section: str, read: Callable[[Table], Item], remedy: str) -> Item:
        value = self._top.data.get(section, {})
        if not isinstance(value, dict):
            self._top.mistyped(section, "a table", remedy)
            value = {}
        return read(self._table(value, section, section, 1))

    def _array(self, section: str, read: Callable[[Table, int], Item]) -> tuple[Item, ...]:
        value = self._top.data.get(section, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._top.mistyped(section, "an array of tables", f"write [[{section}]], in two brackets, above each")
            return ()
        return tuple(
            read(self._table(item, f"{section}[{number}]", section, number), number - 1)
            for number, item in enumerate(value, start=1)
        )

    def _report_repeats(
        self, section: str, code: Code, key: str, names: Iterable[str], taken: Iterable[str] = ()
    ) -> None:
        """Reports a name that occurs twice in a section, or that a department has already `taken`."""
        first = {name: f"department[{number}]" for number, name in enumerate(taken, start=1)}
        for number, name in enumerate(names, start=1):
            if name and name in first:
                path, line = f"{section}[{number}].{key}", self._lines.find(section, number, key)
                message = f"{name} is already in {first[name]}"
                self.problems.append(Problem("error", code, path, line, message, "keep one of the two"))
            first.setdefault(name, f"{section}[{number}]")

    def _report_overlaps(self, targets: Sequence[Target]) -> None:
        """Reports each target that holds when one before it does, of the same metric and department."""
        before: defaultdict[tuple[str, str | None], list[tuple[int, Target]]] = defaultdict(list)
        for number, target in enumerate(targets, start=1):
            same = before[target.metric, target.department]
            overlapped = next(((first, other) for first, other in same if target.overlaps(other)), None)
            if target.metric and overlapped:
                self.problems.append(self._overlap(target, number, *overlapped))
            same.append((number, target))

    def _overlap(self, target: Target, number: int, first: int, other: Target) -> Problem:
        what = f"{target.metric} for {target.department or 'all departments'}"
        bounds = (target.valid_from, target.valid_to, other.valid_from, other.valid_to)
        if not any(bounds):
            path, line = f"target[{number}].metric", self._lines.find("target", number, "metric")
            message = f"{what} is already in target[{first}]"
            return Problem("error", Code.DUPLICATE_TARGET, path, line, message, "keep one of the two")
        line, at = (self._lines.find("target", position) for position in (number, first))
        where = f"target[{first}]" if at is None else f"target[{first}] (line {at})"
        message = f"{what} has another target at the same time, {where}"
        remedy = "end the earlier one with to at the from of the later one: to is exclusive"
        return Problem("error", Code.TARGET_OVERLAP, f"target[{number}]", line, message, remedy)

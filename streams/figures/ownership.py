"""Who owned each row, in statements: by tables of numbers, whatever the number of rules, dates and names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from metrics.figures.balances import View
from metrics.figures.days import spans
from metrics.registry.attribution import Attribution
from metrics.registry.told_apart import KIND_NUMBERS, LINE_S, OwnerRun, ToldApart
from streams.figures.names import numbering
from streams.store.statements import Fragment, column_named, constant_numbers, either, fragment, numbers

_OWNER: Final = fragment(__package__, "owner")
_OWNER_OF: Final = fragment(__package__, "owner_of")
_LINE: Final = fragment(__package__, "ownership_line")
_FACT_MOMENT: Final = fragment(__package__, "fact_moment")


@dataclass(frozen=True, slots=True)
class _Tables:
    """Who owns each ownership period, as statements find it.

    Attributes:
        names: Departments by number, from 1, and `unowned`.
        line: Expressions, the last of which gives where the periods of a row's line begin.
        starts: Where ownership periods begin.
        owners: By period the number of whom it counts for.
    """

    names: Sequence[str]
    line: Fragment
    starts: Fragment
    owners: Fragment

    @property
    def fragments(self) -> dict[str, Fragment]:
        """What statements take."""
        return {"line": self.line, "owner_of": _owner_of(self.starts, self.owners)}


@dataclass(frozen=True, slots=True)
class Owners(_Tables):
    """Two owners in one number: a period's own times PAIRED, and its line's at the instant."""

    def called(self, pair: int) -> tuple[str, str]:
        """Whom two numbers in one stand for: the owner as_was, and as_is."""
        was, now = divmod(pair, PAIRED)
        return self.names[was - 1], self.names[now - 1]


@dataclass(frozen=True, slots=True)
class OwnersInView(_Tables):
    """One owner: as_was, or as_is at one instant."""

    def called(self, number: int) -> str:
        """Whom a number stands for."""
        return self.names[number - 1]


@dataclass(frozen=True, slots=True)
class OwnersOverTime:
    """Whom rows count for at some instants.

    Attributes:
        courses: By number, from 1: for whom at which instants.
        fragments: What statements take to find the number of a row.
        cut_days: The days, since 1970-01-01, within which the number may change.
    """

    courses: Sequence[Sequence[OwnerRun]]
    fragments: Mapping[str, Fragment]
    cut_days: Collection[int]


PAIRED: Final = 100_000
"""Numbers of owners are smaller: two are one number in statements."""


def owners_paired(apart: ToldApart, at_s: float, lines: Collection[int] | None = None) -> Owners:
    """Who owned what, and who owns it at an instant.

    Args:
        apart: What the rules tell apart.
        at_s: The instant, epoch seconds.
        lines: The numbers of the lines of ownership that are read; None for all. What is of others counts for anybody.
    """
    now = apart.owners_at(at_s)
    names, number = _numbered(apart.owners)
    pairs = {
        start: number[was] * PAIRED + number[is_]
        for start, was, is_ in zip(apart.starts, apart.owners, now, strict=True)
    }
    if lines is not None:
        pairs = {start: pair for start, pair in pairs.items() if start // LINE_S in lines}
    return Owners(names, line(apart), constant_numbers(pairs), constant_numbers(pairs.values()))


def owners_in_view(attribution: Attribution, view: View, at_s: float, version: int = 1) -> OwnersInView:
    """Who owned what; as_is, whatever its time, who owns it at an instant.

    Args:
        attribution: The rules.
        view: Whom everything counts for.
        at_s: The instant, epoch seconds.
        version: Tells registries in one statement apart.
    """
    apart = attribution.told_apart
    return _in_view(apart, apart.owners_at(at_s) if view == "as_is" else apart.owners, version)


def owners_then(attribution: Attribution) -> OwnersInView:
    """Who owned what, as_was."""
    return _in_view(attribution.told_apart, attribution.told_apart.owners, 1)


def _in_view(apart: ToldApart, owners: Sequence[str], version: int) -> OwnersInView:
    names, number = _numbered(owners)
    by_period = constant_numbers(number[owner] for owner in owners)
    return OwnersInView(names, line(apart, version), constant_numbers(apart.starts), by_period)


def owners_over(
    attribution: Attribution, view: View, instants: Sequence[int], counted_as: Callable[[str], str]
) -> OwnersOverTime:
    """Whom rows count for at some instants: as_was the owner at their minutes, as_is who owns them at each instant.

    Args:
        attribution: The rules.
        view: Whom everything counts for.
        instants: Epoch seconds, ascending, at least one.
        counted_as: What an owner counts as; what counts as "" is left out.
    """
    apart = attribution.told_apart
    starts: Sequence[int] = apart.starts
    courses: Sequence[tuple[OwnerRun, ...]]
    if view == "as_was":
        names = [counted_as(owner) for owner in apart.owners]
        courses = [(OwnerRun(name, 0, len(instants) - 1),) if name else () for name in names]
    else:
        starts = [position * LINE_S for position in range(len(apart.lines))]
        courses = apart.owners_over(instants, counted_as)
    number = {course: position for position, course in enumerate(dict.fromkeys(courses), start=1)}
    # What counts alike whatever it is, as for the company, needs no lookup.
    by_row = len(number) > 1
    fragments = {
        "line": line(apart) if by_row else numbers([0]),
        "owner_of": _owner_of(
            constant_numbers(starts if by_row else [0]),
            constant_numbers([number[course] for course in courses] if by_row else [1]),
        ),
    }
    # As_is all of a day counts for one owner, whoever owned it then.
    return OwnersOverTime([*number], fragments, apart.cut_days if by_row and view == "as_was" else ())


def _numbered(owners: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """Each owner once, by name, and their numbers from 1."""
    names = sorted(set(owners))
    return names, {name: number for number, name in enumerate(names, start=1)}


def _owner_of(starts: Fragment, owners: Fragment) -> Fragment:
    """The function of statements that finds a row's owner, for their WITH."""
    called = {name: column_named(name) for name in ("moment", "period_starts", "period_owners")}
    return _OWNER_OF.filled(period_starts=starts, period_owners=owners, owner=_OWNER.filled(**called))


def fact_owners(versions: Sequence[OwnersInView]) -> Fragment:
    """The numbers of whom a fact counts for, under each of some registries."""
    return either(
        _OWNER.filled(
            moment=_FACT_MOMENT.filled(line=version.line), period_starts=version.starts, period_owners=version.owners
        )
        for version in versions
    )


def line(apart: ToldApart, version: int = 1) -> Fragment:
    """Expressions, the last of which gives where periods begin of a row with touchpoint, segment, region and kind.

    Args:
        apart: The tables.
        version: Tells registries in one statement apart.
    """
    names = numbering(apart.names)
    return _LINE.filled(
        **names.fragments,
        segments=numbers([len(apart.names.of_segments)]),
        regions=numbers([len(apart.names.of_regions)]),
        kinds=numbers([KIND_NUMBERS]),
        **_own("segment", apart.segments),
        **_own("region", apart.regions),
        **_own("kind", apart.kinds),
        place_stride=numbers([apart.strides.place]),
        segment_stride=numbers([apart.strides.segment]),
        region_stride=numbers([apart.strides.region]),
        kind_stride=numbers([apart.strides.kind]),
        combinations=constant_numbers(apart.line_from),
        lines=constant_numbers(apart.line_from.values()),
        line_s=numbers([LINE_S]),
        version=numbers([version]),
    )


def _own(dimension: str, named: Collection[int]) -> dict[str, Fragment]:
    """Where in a list of numbers those begin that places name, and those that they do not: 1 and 0 in turn."""
    edges = [0, *(edge for first, last in spans(sorted(named)) for edge in (first, last + 1))]
    return {
        f"{dimension}_edges": constant_numbers(edges),
        f"{dimension}_named": constant_numbers(position % 2 for position in range(len(edges))),
    }

"""Who owned each row, in statements: by tables of numbers, whatever the number of rules, dates and names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metrics.figures.balances import View
from metrics.registry.attribution import Attribution
from metrics.registry.told_apart import KIND_NUMBERS, LINE_S, ToldApart
from streams.figures.names import numbering
from streams.store.statements import Fragment, constant_numbers, either, fragment, numbers

_LINE: Final = fragment(__package__, "ownership_line")
_FACT_OWNER: Final = fragment(__package__, "fact_owner")


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
        return {"line": self.line, "period_starts": self.starts, "period_owners": self.owners}


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


PAIRED: Final = 100_000
"""Numbers of owners are smaller: two are one number in statements."""


def owners_paired(attribution: Attribution, at_s: float) -> Owners:
    """Who owned what, and who owns it at an instant, epoch seconds."""
    apart = attribution.told_apart
    now = apart.owners_at(at_s)
    names, number = _numbered(apart.owners)
    pairs = (number[was] * PAIRED + number[is_] for was, is_ in zip(apart.owners, now, strict=True))
    return Owners(names, line(apart), constant_numbers(apart.starts), constant_numbers(pairs))


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


def _numbered(owners: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """Each owner once, by name, and their numbers from 1."""
    names = sorted(set(owners))
    return names, {name: number for number, name in enumerate(names, start=1)}


def fact_owners(versions: Sequence[OwnersInView]) -> Fragment:
    """The numbers of whom a fact counts for, under each of some registries."""
    return either(_FACT_OWNER.filled(**version.fragments) for version in versions)


def line(apart: ToldApart, version: int = 1) -> Fragment:
    """Expressions, the last of which gives where periods begin of a row with touchpoint, segment, region and kind.

    Args:
        apart: The tables.
        version: Tells registries in one statement apart.
    """
    names, listed = numbering(apart.names), {0: apart.line_of.get(0, 0), **apart.line_of}
    return _LINE.filled(
        **names.fragments,
        segments=numbers([len(apart.names.of_segments)]),
        regions=numbers([len(apart.names.of_regions)]),
        kinds=numbers([KIND_NUMBERS]),
        # The engine looks nothing up in an empty list; that 0 stands for nothing is true in any case.
        own_segments=numbers([0, *sorted(apart.segments)]),
        own_regions=numbers([0, *sorted(apart.regions)]),
        own_kinds=numbers([0, *sorted(apart.kinds)]),
        combinations=constant_numbers(listed),
        lines=constant_numbers(listed.values()),
        line_s=numbers([LINE_S]),
        version=numbers([version]),
    )

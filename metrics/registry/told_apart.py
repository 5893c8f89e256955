"""What of events decides who owns them when, as tables of numbers in which a statement finds the owner of each row.

At one place (`Names.places`) segments, regions and kinds are told apart only where its rules name them. What has the
same owners at all times follows one line of ownership, and is cut only where its own owner changes. Combinations next
to each other that follow one line are listed as one, so rules for a hundred segments and rules for twenty regions make
a hundred and twenty entries and not two thousand. So the tables grow with the rules, and what is counted by owner grows
with the departments: neither grows with what events name, nor each combination with the dates of all others.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product
from operator import itemgetter
from typing import Final, NamedTuple

from metrics.catalogue import KINDS
from metrics.durations import DAY_S
from metrics.registry.claims import WITHOUT_END, CompiledRule, paint, patterns_of
from metrics.registry.names import Names

MANY_TOLD_APART: Final = 100_000
"""Of more combinations and dates than so many, `cxb check` warns: each reading of figures names them all."""
MOST_TOLD_APART: Final = 1_000_000
"""A registry that tells more apart is refused: no statement has room for it."""
LINE_S: Final = 1 << 34
"""Instants of lines are numbered one line after the other, so many seconds each: until the year 2514."""
KIND_NUMBERS: Final = 64
"""Kinds have smaller numbers."""

_Combination = tuple[int, int, int, int]
"""The numbers of place, segment, region and kind."""
_Filters = tuple[str | None, str | None, str | None]
"""Segment, region and kind that a rule names."""


class TooManyToldApartError(ValueError):
    """Rules tell more apart than statements can be given."""


class OwnerLine(NamedTuple):
    """A line of ownership: the n + 1 owners around n boundaries, epoch seconds; no two in a row are the same."""

    boundaries: tuple[int, ...]
    owners: tuple[str, ...]

    def owners_within(self, first_s: float, last_s: float) -> tuple[str, ...]:
        """Who owns it from one instant to another, which counts as well.

        >>> OwnerLine((60, 120), ("a", "b", "c")).owners_within(0, 60)
        ('a', 'b')
        """
        return self.owners[bisect_right(self.boundaries, first_s) : bisect_right(self.boundaries, last_s) + 1]


class OwnerRun(NamedTuple):
    """Who owns something at some instants in a row: positions of the first and the last of them."""

    owner: str
    first: int
    last: int


class Strides(NamedTuple):
    """What one of each adds to a combination's number. Which of them are next to each other depends on the rules."""

    place: int
    segment: int
    region: int
    kind: int

    def number(self, place: int, segment: int, region: int, kind: int) -> int:
        """What statements call a combination."""
        return place * self.place + segment * self.segment + region * self.region + kind * self.kind


@dataclass(frozen=True, slots=True)
class ToldApart:
    """Tables that lead from an event to its line of ownership, and from there and its time to its owner.

    Numbers are those of `names`, of a kind that in the catalogue from 1; 0 for what no rule of the place names.

    Attributes:
        names: What the rules name.
        segments: place * len(names.of_segments) + segment, where a rule of the place may name the segment.
        regions: The same of regions.
        kinds: place * KIND_NUMBERS + kind likewise.
        lines: All lines, each once; the most frequent first.
        combinations: How many combinations do not follow the first line.
        strides: How combinations are numbered.
        line_from: Lines by number, each by the number of the first combination that follows it; those up to the next
            one follow it as well.
        starts: Where each ownership period begins: line * LINE_S + epoch second, ascending.
        owners: Who owns it from there to the next.
        cut_days: Days since 1970-01-01 within which an owner changes.
    """

    names: Names
    segments: frozenset[int]
    regions: frozenset[int]
    kinds: frozenset[int]
    lines: tuple[OwnerLine, ...]
    combinations: int
    strides: Strides
    line_from: Mapping[int, int]
    starts: tuple[int, ...]
    owners: tuple[str, ...]
    cut_days: frozenset[int]

    @property
    def size(self) -> int:
        """How many combinations and dates are told apart."""
        return self.combinations + len(self.starts)

    def line(self, start: int) -> OwnerLine:
        """The line that an ownership period is of, by the period's start."""
        return self.lines[start // LINE_S]

    def owners_at(self, at_s: float) -> list[str]:
        """For each ownership period, who owns its line at an instant."""
        return [line.owners[_turn(line, at_s)] for line in self.lines for _ in line.owners]

    def owners_over(self, instants: Sequence[int], counted_as: Callable[[str], str]) -> list[tuple[OwnerRun, ...]]:
        """For each line, who owns it at some instants.

        Args:
            instants: Epoch seconds, ascending.
            counted_as: What an owner counts as; what counts as "" is left out.
        """
        return [tuple(_runs(line, instants, counted_as)) for line in self.lines]


def _runs(line: OwnerLine, instants: Sequence[int], counted_as: Callable[[str], str]) -> Iterator[OwnerRun]:
    ends = [bisect_left(instants, at_s) for at_s in line.boundaries]
    whole = zip(map(counted_as, line.owners), (0, *ends), (*ends, len(instants)), strict=True)
    for owner, periods in groupby((one for one in whole if one[1] < one[2]), key=itemgetter(0)):
        if owner:
            alike = list(periods)
            yield OwnerRun(owner, alike[0][1], alike[-1][2] - 1)


def _turn(line: OwnerLine, at_s: float) -> int:
    return bisect_right(line.boundaries, at_s)


def told_apart(names: Names, by_pattern: Mapping[str, Sequence[CompiledRule]]) -> ToldApart:
    """The tables of some rules.

    Args:
        names: What the rules name.
        by_pattern: The rules, by their pattern.

    Raises:
        TooManyToldApartError: There are more than MOST_TOLD_APART combinations and dates.
    """
    rules_of = [_deciding(called, by_pattern) for called in names.places]
    _require_few(sum(_combinations(rules) for rules in rules_of))
    kind_numbers = {kind: number for number, kind in enumerate(KINDS, start=1)}
    numbers = (_numbers(names.of_segments), _numbers(names.of_regions), kind_numbers)
    lines: dict[_Combination, OwnerLine] = {}
    named: tuple[set[int], set[int], set[int]] = (set(), set(), set())
    widths = (len(names.of_segments), len(names.of_regions), KIND_NUMBERS)
    periods, known = 0, set[OwnerLine]()
    for place, rules in enumerate(rules_of):
        for position, values in enumerate(_named(rules)):
            named[position].update(place * widths[position] + numbers[position][value] for value in values)
        for filters, line in _lines(rules):
            segment, region, kind = (0 if value is None else numbers[n][value] for n, value in enumerate(filters))
            lines[place, segment, region, kind] = line
            if line not in known:
                known.add(line)
                periods += len(line.owners)
                _require_few(periods)
    return _tables(names, named, lines)


def _tables(
    names: Names, named: tuple[set[int], set[int], set[int]], lines: Mapping[_Combination, OwnerLine]
) -> ToldApart:
    ordered = tuple(line for line, _ in Counter(lines.values()).most_common())
    number = {line: position for position, line in enumerate(ordered)}
    line_of = {combination: number[line] for combination, line in lines.items()}
    segments, regions, kinds = map(frozenset, named)
    return ToldApart(
        names, segments, regions, kinds, ordered, sum(map(bool, line_of.values())), *_fewest(names, line_of),
        tuple(n * LINE_S + start_s for n, line in enumerate(ordered) for start_s in (0, *line.boundaries)),
        tuple(owner for line in ordered for owner in line.owners),
        frozenset(at_s // DAY_S for line in ordered for at_s in line.boundaries if at_s % DAY_S),
    )  # fmt: skip


def _fewest(names: Names, line_of: Mapping[_Combination, int]) -> tuple[Strides, dict[int, int]]:
    """The shortest list of where lines begin, of all orders of segment, region and kind.

    Where rules for regions win over rules for segments, a region's combinations with all segments follow one line.
    """
    widths = (len(names.of_segments), len(names.of_regions), KIND_NUMBERS)
    # What no rule names is 0 everywhere: where it stands makes no difference.
    vary = [position for position in range(3) if any(combination[position + 1] for combination in line_of)]
    still = [position for position in range(3) if position not in vary]
    found = []
    for order in permutations(vary):
        strides = _strides(widths, [*still, *order])
        found.append((strides, _where_lines_begin(strides, line_of)))
    return min(found, key=lambda listed: len(listed[1]))


def _strides(widths: Sequence[int], outer_to_inner: Sequence[int]) -> Strides:
    by_position, step = [0, 0, 0], 1
    for position in reversed(outer_to_inner):
        by_position[position] = step
        step *= widths[position]
    return Strides(step, *by_position)


def _where_lines_begin(strides: Strides, line_of: Mapping[_Combination, int]) -> dict[int, int]:
    begins: dict[int, int] = {}
    last = -1
    for number, line in sorted((strides.number(*combination), line) for combination, line in line_of.items()):
        if line != last:
            begins[number] = last = line
    return begins


def _require_few(count: int) -> None:
    if count > MOST_TOLD_APART:
        raise TooManyToldApartError(
            f"the rules tell more than {MOST_TOLD_APART:,} combinations of touchpoint, segment, region and kind, and "
            "dates of these, apart: no reading of figures has room for so many"
        )


def _deciding(touchpoint: str, by_pattern: Mapping[str, Sequence[CompiledRule]]) -> list[CompiledRule]:
    """The rules that may decide about a touchpoint: none that is always beaten by rules of a more specific pattern."""
    rules: list[CompiledRule] = []
    for pattern in patterns_of(touchpoint):
        rules += by_pattern.get(pattern, ())
        if _is_always_in_force([rule for rule in rules if _filters(rule) == (None, None, None)]):
            break
    return rules


def _is_always_in_force(rules: list[CompiledRule]) -> bool:
    until_s = -WITHOUT_END
    for rule in sorted(rules, key=lambda rule: rule.start_s):
        if rule.start_s <= until_s:
            until_s = max(until_s, rule.end_s)
    return until_s >= WITHOUT_END


def _filters(rule: CompiledRule) -> _Filters:
    return rule.rule.segment, rule.rule.region, rule.rule.kind


def _named(rules: Sequence[CompiledRule]) -> list[list[str]]:
    """Segments, regions and kinds that rules name."""
    return [sorted({value for value in values if value}) for values in zip(*map(_filters, rules), strict=True)]


def _combinations(rules: Sequence[CompiledRule]) -> int:
    count = 1
    for values in _named(rules):
        count *= len(values) + 1
    return count


def _lines(rules: Sequence[CompiledRule]) -> Iterator[tuple[_Filters, OwnerLine]]:
    """The line of each combination that rules of one place can tell apart."""
    by_filters: defaultdict[_Filters, list[CompiledRule]] = defaultdict(list)
    for rule in rules:
        by_filters[_filters(rule)].append(rule)
    for segment, region, kind in product(*([None, *values] for values in _named(rules) or ((), (), ()))):
        alike = product({None, segment}, {None, region}, {None, kind})
        claims = sorted((rule for filters in alike for rule in by_filters.get(filters, ())), reverse=True)
        yield (segment, region, kind), _line(claims)


def _line(claims: list[CompiledRule]) -> OwnerLine:
    if claims and (claims[0].start_s, claims[0].end_s) == (-WITHOUT_END, WITHOUT_END):
        return OwnerLine((), (claims[0].rule.owner,))
    timeline = paint(claims)
    boundaries: list[int] = []
    owners = [timeline.owners[0]]
    for at_s, owner in zip(timeline.boundaries, timeline.owners[1:], strict=True):
        if at_s <= 0:
            owners = [owner]
        elif at_s < LINE_S and owner != owners[-1]:
            boundaries.append(at_s)
            owners.append(owner)
    return OwnerLine(tuple(boundaries), tuple(owners))


def _numbers(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}

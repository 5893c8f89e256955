"""What detection reads of the cells: sums by department, and by touchpoint, segment and region."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product
from typing import Final, Literal, NamedTuple

from metrics.drift.contributions import GroupTotal
from metrics.drift.detection import Pair
from metrics.drift.steps import Steps
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Observation, Subject, Tally
from metrics.drift.volumes import DaySums, days_of, months_between
from metrics.durations import DAY_S, HOUR_S, MINUTE_S
from metrics.registry.attribution import Attribution
from metrics.registry.names import Names
from metrics.registry.told_apart import ToldApart
from streams.drift.extent import parts_of_history
from streams.figures.names import numbering
from streams.figures.ownership import OwnersInView, owners_then
from streams.store.client import Store
from streams.store.statements import Row, query

Dimension = Literal["touchpoint", "segment", "region"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("touchpoint", "segment", "region")


class TallyRow(Row):
    """A tally of events of one kind, as statements give it."""

    event_kind: str
    sum_n: int
    sum_counted: int
    sum_promoters: int
    sum_detractors: int
    sum_satisfied: int
    sum_scores: int

    @property
    def tally(self) -> Tally:
        """The sums."""
        return Tally(
            self.sum_n, self.sum_counted, self.sum_promoters, self.sum_detractors, self.sum_satisfied, self.sum_scores
        )  # fmt: skip


class StepSums(TallyRow):
    """Of the step that ends at an epoch second, by the number of its owner."""

    owner: int
    end_s: int


class RepeatedAnswers(TallyRow):
    """Of a minute, by the number of its owner: answers that are not the first of their customer on that day."""

    owner: int
    minute_s: int


class CombinationSums(TallyRow):
    """Of a combination over a whole stretch of time, by the number of its owner."""

    place: int
    segment_number: int
    region_number: int
    owner: int


class FollowedLine(Row):
    """Where a line of ownership begins that events of a kind follow."""

    line_begins: int
    event_kind: str


_LINES: Final = query(__package__, "lines", FollowedLine)
_STEPS: Final = query(__package__, "steps", StepSums)
_TALLIES: Final = query(__package__, "tallies", CombinationSums)
_REPEATS: Final = query(__package__, "repeats", RepeatedAnswers)


class Combination(NamedTuple):
    """What an owner may depend on."""

    touchpoint: str
    segment: str
    region: str
    kind: str


class Observed(NamedTuple):
    """What detection takes in.

    Attributes:
        steps: By department and metric, in order of time; also those of `unowned`. None that is empty.
        moves: By department and metric, when something that it counts came or went, epoch seconds, ascending.
    """

    steps: Mapping[Pair, Sequence[Observation]]
    moves: Mapping[Pair, Sequence[int]]


def observed(store: Store, attribution: Attribution, since_s: int, until_s: int) -> Observed:
    """Everything that detectors take in between two instants, epoch seconds; only whole minutes and hours.

    What is read at once is bounded, and what is kept of it is packed, however long the history.
    """
    owners = owners_then(attribution)
    steps: dict[Pair, Steps] = {}
    for begin_s, end_s in parts_of_history(store, since_s, until_s):
        tallies = _tallies(store, owners, begin_s, end_s)
        for (department, width_s), buckets in tallies.items():
            for name, subject in SUBJECTS.items():
                taken = _steps(subject, buckets) if subject.width_s == width_s else []
                if taken:
                    steps.setdefault((department, name), Steps()).extend(taken)
    return Observed(steps, _moves(store, attribution.told_apart, owners, since_s, until_s))


def daily(store: Store, attribution: Attribution, since_s: int, until_s: int) -> dict[Pair, DaySums]:
    """What there was on each day between two instants, epoch seconds: thresholds depend on it."""
    steps = observed(store, attribution, since_s, until_s).steps
    return {pair: days_of(taken, SUBJECTS[pair[1]].width_s) for pair, taken in steps.items()}


def _moves(store: Store, apart: ToldApart, owners: OwnersInView, since_s: int, until_s: int) -> dict[Pair, list[int]]:
    moves: defaultdict[Pair, set[int]] = defaultdict(set)
    metrics: defaultdict[str, list[str]] = defaultdict(list)
    for name, subject in SUBJECTS.items():
        for kind in subject.kinds:
            metrics[kind].append(name)
    span = {"since": since_s, "until": until_s // MINUTE_S * MINUTE_S}
    for row in store.fetch(_LINES, span, line=owners.line):
        line = apart.line(row.line_begins)
        for at_s, pair in zip(line.boundaries, pairwise(line.owners), strict=True):
            for department, name in product(pair, metrics[row.event_kind]):
                moves[department, name].add(at_s)
    return {pair: sorted(instants) for pair, instants in moves.items()}


Buckets = defaultdict[int, dict[str, Tally]]


def _tallies(store: Store, owners: OwnersInView, since_s: int, until_s: int) -> defaultdict[tuple[str, int], Buckets]:
    """By department and width: by end of the bucket: by kind."""
    tallies: defaultdict[tuple[str, int], Buckets] = defaultdict(lambda: defaultdict(dict))
    for width in (MINUTE_S, HOUR_S):
        kinds = {kind for subject in SUBJECTS.values() if subject.width_s == width for kind in subject.kinds}
        parameters = {
            "width": width,
            "since": since_s // width * width,
            "until": max(0, until_s // width * width),
            "kinds": sorted(kinds),
        }
        for row in store.fetch(_STEPS, parameters, **owners.fragments):
            tallies[owners.called(row.owner), width][row.end_s][row.event_kind] = row.tally
    _leave_out_repeats(store, owners, tallies, (since_s, until_s))
    return tallies


def _leave_out_repeats(
    store: Store, owners: OwnersInView, tallies: defaultdict[tuple[str, int], Buckets], span_s: tuple[int, int]
) -> None:
    """Takes out of the minutes what is not the first answer of a customer at a touchpoint on a day.

    Month by month, so that what the store sorts is bounded, and from the start of a day.
    """
    since_s, until_s = span_s
    begins = [end_s - MINUTE_S for (_, width), buckets in tallies.items() if width == MINUTE_S for end_s in buckets]
    if not begins:
        return
    kinds = sorted({kind for subject in SUBJECTS.values() if subject.manner == "answers" for kind in subject.kinds})
    first_s = min(begins) // DAY_S * DAY_S
    for begin_s, end_s in pairwise([first_s, *months_between(first_s, max(begins)), max(begins) + MINUTE_S]):
        span = {"kinds": kinds, "since": begin_s, "until": min(end_s, until_s)}
        for row in store.fetch(_REPEATS, span, **owners.fragments):
            counted = tallies[owners.called(row.owner), MINUTE_S].get(row.minute_s + MINUTE_S, {})
            # Facts of which there is no cell yet are not counted either.
            if row.minute_s >= since_s and row.event_kind in counted:
                counted[row.event_kind] = counted[row.event_kind].minus(row.tally)


def _steps(subject: Subject, buckets: Buckets) -> list[Observation]:
    steps = (Observation(end_s, *subject.observe(buckets[end_s])) for end_s in sorted(buckets))
    return [step for step in steps if step.exposure or step.total]


class OwnedTally(NamedTuple):
    """The tally of one combination under one owner over a stretch of time."""

    combination: Combination
    owner: str
    tally: Tally


def owned_tallies(
    store: Store, attribution: Attribution, names: Names, kinds: Iterable[str], since_s: int, until_s: int
) -> list[OwnedTally]:
    """What each combination had between two instants, epoch seconds, by its owner at the time.

    Args:
        store: The store.
        attribution: Who owned what.
        names: What counts by itself: at least `attribution.names`.
        kinds: Of which kinds.
        since_s: From this instant on.
        until_s: Until before this one.
    """
    apart, owners = numbering(names), owners_then(attribution)
    span = {"since": since_s, "until": until_s, "kinds": list(kinds)}
    return [
        OwnedTally(
            Combination(*apart.called(row.place, row.segment_number, row.region_number), row.event_kind),
            owners.called(row.owner),
            row.tally,
        )
        for row in store.fetch(_TALLIES, span, **apart.fragments, **owners.fragments)
    ]


def parts(subject: Subject, tallies: Iterable[OwnedTally], dimension: Dimension, days: float) -> dict[str, GroupTotal]:
    """The tallies as parts of a figure, by touchpoint, segment or region; `days` is how long they reach."""
    groups: defaultdict[str, dict[str, Tally]] = defaultdict(dict)
    for item in tallies:
        kinds = groups[getattr(item.combination, dimension)]
        kinds[item.combination.kind] = kinds.get(item.combination.kind, EMPTY_TALLY).plus(item.tally)
    totals = {group: GroupTotal(*subject.observe(kinds)) for group, kinds in groups.items()}
    if subject.manner == "volume":
        return {group: GroupTotal(days, part.total) for group, part in totals.items()}
    return totals

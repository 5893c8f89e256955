"""What detection reads of the cells: sums by department, and by touchpoint, segment and region."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from metrics.drift.contributions import GroupTotal
from metrics.drift.detection import Pair
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Observation, Subject, Tally
from metrics.durations import HOUR_S, MINUTE_S
from metrics.registry.attribution import Attribution
from streams.store.client import Store

Dimension = Literal["touchpoint", "segment", "region"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("touchpoint", "segment", "region")

COMBINATIONS_AT_ONCE: Final = 4_000
"""Combinations that one statement names: it bounds its text."""

_TALLY: Final = (
    "sum(n) AS n_, sum(sum_count) AS counted_, sum(promoters) AS promoters_, sum(detractors) AS detractors_,"
    " sum(satisfied) AS satisfied_, sum(sum_score) AS score_"
)
_COMBINATIONS: Final = """
SELECT DISTINCT touchpoint, segment, region, kind,
    cityHash64(touchpoint, segment, region, toString(kind)) AS combination
FROM cells WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
ORDER BY combination
"""
_STEPS: Final = """
SELECT transform(cityHash64(touchpoint, segment, region, toString(kind)), [{combinations}], [{lines}], 0) AS line,
    toString(kind) AS kind_, min(toUnixTimestamp(minute)) AS minute_s,
    intDiv(toUnixTimestamp(minute), {width}) * {width} + {width} AS end_s, {tally}
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({since}, 'UTC') AND minute < toDateTime({until}, 'UTC') AND kind IN ({kinds})
    AND cityHash64(touchpoint, segment, region, toString(kind)) IN ({combinations})
GROUP BY line, kind_, end_s, arrayCount(b -> b <= toUnixTimestamp(minute), [{boundaries}]::Array(Int64))
"""
_PARTS: Final = """
SELECT touchpoint, segment, region, toString(kind) AS kind_, min(toUnixTimestamp(minute)) AS minute_s, {tally}
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({{since:UInt32}}, 'UTC') AND minute < toDateTime({{until:UInt32}}, 'UTC')
    AND kind IN {{kinds:Array(String)}}
GROUP BY touchpoint, segment, region, kind_,
    arrayCount(b -> b <= toUnixTimestamp(minute), {{boundaries:Array(Int64)}})
"""
_EARLIEST: Final = """
SELECT min(toUnixTimestamp(minute)) AS minute, count() AS cells FROM cells
WHERE refreshed_at >= {since:DateTime64(6, 'UTC')}
"""
_HISTORY: Final = """
SELECT count() AS facts FROM events
WHERE occurred_at < toDateTime({before:UInt32}, 'UTC') AND ingested_at >= {since:DateTime64(6, 'UTC')}
"""


class Combination(NamedTuple):
    """What an owner may depend on."""

    touchpoint: str
    segment: str
    region: str
    kind: str


class Timeline(NamedTuple):
    """Who owned a combination when: the n + 1 owners around n boundaries, epoch seconds."""

    boundaries: tuple[int, ...]
    owners: tuple[str, ...]

    def owner(self, at_s: int) -> str:
        """The owner at an epoch second."""
        return self.owners[bisect_right(self.boundaries, at_s)]


class Observed(NamedTuple):
    """What detection takes in.

    Attributes:
        steps: By department and metric, in order of time; also those of `unowned`.
        moves: By department and metric, when something that it counts came or went, epoch seconds, ascending.
    """

    steps: dict[Pair, list[Observation]]
    moves: dict[Pair, list[int]]


def earliest_change(store: Store, since_text: str) -> int | None:
    """The earliest minute, epoch seconds, of cells refreshed since an instant of the store's clock; None for none."""
    row = store.query(_EARLIEST, {"since": since_text})[0]
    return int(row["minute"]) if row["cells"] else None


def observed(store: Store, attribution: Attribution, since_s: int, until_s: int) -> Observed:
    """Everything that detectors take in between two instants, epoch seconds; only whole minutes and hours."""
    span = {"since": since_s, "until": until_s // MINUTE_S * MINUTE_S}
    combinations = {row.pop("combination"): Combination(**row) for row in store.query(_COMBINATIONS, span)}
    timelines = {number: Timeline(*attribution.spans(*found)) for number, found in combinations.items()}
    tallies = _tallies(store, attribution.boundaries, timelines, since_s, until_s)
    steps = {
        (department, name): _steps(subject, tallies[department, subject.width_s])
        for department in {department for department, _ in tallies}
        for name, subject in SUBJECTS.items()
    }
    return Observed({pair: found for pair, found in steps.items() if found}, _moves(combinations, timelines))


def _moves(combinations: dict[int, Combination], timelines: dict[int, Timeline]) -> dict[Pair, list[int]]:
    found: defaultdict[Pair, set[int]] = defaultdict(set)
    metrics: defaultdict[str, list[str]] = defaultdict(list)
    for name, subject in SUBJECTS.items():
        for kind in subject.kinds:
            metrics[kind].append(name)
    for number, timeline in timelines.items():
        for at_s, (old, new) in zip(timeline.boundaries, pairwise(timeline.owners), strict=True):
            for name in metrics[combinations[number].kind] if old != new else ():
                found[old, name].add(at_s)
                found[new, name].add(at_s)
    return {pair: sorted(instants) for pair, instants in found.items()}


Buckets = defaultdict[int, dict[str, Tally]]


def _tallies(
    store: Store, boundaries: Sequence[int], timelines: dict[int, Timeline], since_s: int, until_s: int
) -> defaultdict[tuple[str, int], Buckets]:
    """By department and width: by end of the bucket: by kind."""
    lines = list(dict.fromkeys(timelines.values()))
    numbers = {line: position for position, line in enumerate(lines)}
    found: defaultdict[tuple[str, int], Buckets] = defaultdict(lambda: defaultdict(dict))
    for width in (MINUTE_S, HOUR_S):
        kinds = {kind for subject in SUBJECTS.values() if subject.width_s == width for kind in subject.kinds}
        for batch in _batches(list(timelines)):
            sql = _STEPS.format(
                combinations=",".join(str(number) for number in batch),
                lines=",".join(str(numbers[timelines[number]]) for number in batch),
                width=width,
                since=since_s // width * width,
                until=max(0, until_s // width * width),
                kinds=",".join(f"'{kind}'" for kind in sorted(kinds)),
                boundaries=",".join(str(edge) for edge in boundaries),
                tally=_TALLY,
            )
            for row in store.query(sql):
                buckets = found[lines[row["line"]].owner(row["minute_s"]), width]
                kind, tally = row["kind_"], _tally(row)
                buckets[row["end_s"]][kind] = buckets[row["end_s"]].get(kind, EMPTY_TALLY).plus(tally)
    return found


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(numbers), COMBINATIONS_AT_ONCE):
        yield numbers[begin : begin + COMBINATIONS_AT_ONCE]


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(*(row[f"{name}_"] for name in Tally._fields))


def _steps(subject: Subject, buckets: Buckets) -> list[Observation]:
    steps = (Observation(end_s, *subject.observe(buckets[end_s])) for end_s in sorted(buckets))
    return [step for step in steps if step.exposure or step.total]


class Row(NamedTuple):
    """The tally of one combination under one owner over a stretch of time."""

    combination: Combination
    owner: str
    tally: Tally


def rows(store: Store, attribution: Attribution, kinds: Iterable[str], since_s: int, until_s: int) -> list[Row]:
    """What each combination had between two instants, epoch seconds, by its owner at the time."""
    span = {"since": since_s, "until": until_s, "kinds": list(kinds), "boundaries": list(attribution.boundaries)}
    found = []
    for row in store.query(_PARTS.format(tally=_TALLY), span):
        combination = Combination(row["touchpoint"], row["segment"], row["region"], row["kind_"])
        found.append(Row(combination, attribution.owner(*combination, row["minute_s"]), _tally(row)))
    return found


def parts(subject: Subject, found: Iterable[Row], dimension: Dimension, days: float) -> dict[str, GroupTotal]:
    """The rows as parts of a figure, by touchpoint, segment or region; `days` is how long they reach."""
    tallies: defaultdict[str, dict[str, Tally]] = defaultdict(dict)
    for row in found:
        kinds = tallies[getattr(row.combination, dimension)]
        kinds[row.combination.kind] = kinds.get(row.combination.kind, EMPTY_TALLY).plus(row.tally)
    shares = {group: GroupTotal(*subject.observe(kinds)) for group, kinds in tallies.items()}
    if subject.manner == "volume":
        return {group: GroupTotal(days, part.total) for group, part in shares.items()}
    return shares


def history(store: Store, before_s: int, since_text: str) -> int:
    """How many facts older than an epoch second have landed since an instant of the store's clock."""
    return int(store.query(_HISTORY, {"before": before_s, "since": since_text})[0]["facts"])

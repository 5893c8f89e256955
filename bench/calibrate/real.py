"""Calm streams of real life: the calendar of a real shop cut into blocks of days, and the blocks drawn at random.

What is within a block depends on itself as it does in life: busy weeks, bad weeks, a great sale, a strike of the parcel
service (block bootstrap: Kuensch 1989). Nothing else changes, so every alarm is a false one.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import numpy as np

from metrics.drift.baselines import Baseline, estimate, next_span
from metrics.drift.cusum import StateChange
from metrics.drift.detection import DEFAULT_SHIFTS, Alarm, DetectionPolicy, detect
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import DaySums
from metrics.durations import DAY_S, MONTH_S

MONDAY_S: Final = 4 * DAY_S
BEGIN, END = date(2017, 1, 2), date(2018, 1, 1)
"""Mondays between which the shop sells as it usually does."""
KINDS: Final = {"csat": "csat", "conversion": "conversions"}
CASES: Final = (
    ("csat", 0), ("csat", 1), ("csat", 7), ("csat", 28), ("conversions", 1), ("conversions", 7), ("conversions", 28),
)  # fmt: skip
"""Metric and days of a block; 0 permutes the answers of weeks."""
HOURS_AND_WEEKS: Final[tuple[DaySums | None, ...]] = ({}, None)
"""What a detector knows of days: nothing, and all."""
SPARE_DAYS: Final = 250
"""For a baseline, which at the shop's volume takes a month or four."""

Day = list[tuple[int, float]]
"""Second of the day and value of each event: of answers 1 if satisfied and else 0, of events that are counted 1."""


@dataclass(frozen=True, slots=True)
class Real:
    """False alarms on one kind of real stream, as shares of the budget, and days to a real shift.

    Attributes:
        metric: The metric.
        block: DaySums of a block; 0 for permuted answers.
        months: Months over all streams.
        hours: False alarms with the noise of hours alone, as a share of the budget.
        weeks: False alarms with the noise of weeks.
        error: Standard error of `weeks`, over streams.
        days_hours: Mean days until the smallest fall worth acting on is found, with the noise of hours alone.
        days_weeks: The same with the noise of weeks.
    """

    metric: str
    block: int
    months: float
    hours: float
    weeks: float
    error: float
    days_hours: float
    days_weeks: float


def calendars(path: Path) -> dict[str, list[Day]]:
    """The days of the shop, by metric.

    Args:
        path: Events of the shop, NDJSON in gzip.
    """
    days: dict[str, defaultdict[int, Day]] = {metric: defaultdict(list) for metric in KINDS.values()}
    with gzip.open(path) as lines:
        for line in lines:
            event = json.loads(line)
            if event["kind"] in KINDS:
                at = datetime.fromisoformat(event["occurred_at"])
                value = float(event["score"] >= 4) if event["kind"] == "csat" else 1.0
                second = at.hour * 3600 + at.minute * 60 + at.second
                days[KINDS[event["kind"]]][(at.date() - BEGIN).days].append((second, value))
    return {metric: [sorted(found[i]) for i in range((END - BEGIN).days)] for metric, found in days.items()}


def drawn(rng: np.random.Generator, days: Sequence[Day], block: int, count: int) -> list[Day]:
    """So many days in blocks, each of which begins on the weekday that it is put at; block 0 permutes answers."""
    length = block or 7
    result: list[Day] = []
    while len(result) < count:
        weekday = len(result) % 7
        begin = weekday + 7 * int(rng.integers(len(range(weekday, len(days) - length + 1, 7))))
        result += days[begin : begin + length]
    if not block:
        values = np.array([value for day in days for _, value in day])
        result = [[(second, float(rng.choice(values))) for second, _ in day] for day in result]
    return result[:count]


def fallen(rng: np.random.Generator, metric: str, days: Sequence[Day], mean: float) -> list[Day]:
    """The days after the smallest fall worth acting on: so many answers are no longer satisfied, or events missing."""
    shift = DEFAULT_SHIFTS[metric] / 100
    if SUBJECTS[metric].manner == "volume":
        return [[event for event in day if rng.random() >= shift] for day in days]
    return [[(second, value * float(rng.random() >= shift / mean)) for second, value in day] for day in days]


def steps_of_days(metric: str, days: Sequence[Day]) -> list[Observation]:
    """The steps that the service makes of such days, from a Monday on."""
    subject = SUBJECTS[metric]
    sums: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for number, day in enumerate(days):
        for second, value in day:
            end_s = (MONDAY_S + number * DAY_S + second) // subject.width_s * subject.width_s + subject.width_s
            sums[end_s][0] += 1
            sums[end_s][1] += value
    if subject.manner == "volume":
        return [Observation(end_s, 0.0, n) for end_s, (n, _) in sorted(sums.items())]
    return [Observation(end_s, n, total) for end_s, (n, total) in sorted(sums.items())]


def real(days: Sequence[Day], case: tuple[str, int], seed: int, streams: int, months: int, wanted: float) -> Real:
    """Measures one kind of stream; `wanted` is the number of false alarms a month."""
    metric, block = case
    policy = DetectionPolicy(wanted, DEFAULT_SHIFTS)
    counts, waited = [], []
    for i in range(streams):
        rng = np.random.default_rng([seed, block, i])
        stream = drawn(rng, days, block, round(months * MONTH_S / DAY_S) + SPARE_DAYS)
        steps, baseline = steps_of_days(metric, stream), baseline_of_days(metric, stream)
        until_s = baseline.end_s + months * round(MONTH_S)
        counts.append([alarms / months / wanted for alarms in _alarms(baseline, policy, steps, until_s)])
        waited.append(list(_waits(rng, baseline, policy, stream)))
    hours, weeks = np.array(counts).T
    days_hours, days_weeks = np.array(waited).mean(axis=0)
    return Real(
        metric, block, float(streams * months), float(hours.mean()), float(weeks.mean()),
        float(weeks.std(ddof=1) / np.sqrt(streams)), float(days_hours), float(days_weeks),
    )  # fmt: skip


def baseline_of_days(metric: str, stream: Sequence[Day]) -> Baseline:
    """The first baseline of a stream.

    Raises:
        ValueError: The stream is too short for one.
    """
    steps = steps_of_days(metric, stream)
    span = next_span(SUBJECTS[metric], steps, [], None, steps[-1].end_s)
    made = estimate("d", SUBJECTS[metric], steps, span, 1, span.end_s) if span else None
    if made is None:
        raise ValueError(f"{metric}: the stretch is too short for a baseline")
    return made


def _alarms(baseline: Baseline, policy: DetectionPolicy, steps: Sequence[Observation], until_s: int) -> Iterator[int]:
    """Alarms until an instant, with the noise of hours alone and with that of weeks."""
    taken = [step for step in steps if step.end_s <= until_s]
    for days in HOURS_AND_WEEKS:
        _, changes = detect([baseline], policy, BudgetShares([baseline.valid_from_s]), taken, until_s, None, days)
        yield sum(change.state != "calm" for change in changes)


def _waits(
    rng: np.random.Generator, baseline: Baseline, policy: DetectionPolicy, stream: Sequence[Day]
) -> Iterator[float]:
    """Days from a fall, half a year after the baseline, to its alarm; those to the end of the stream if none comes."""
    at = (baseline.end_s - MONDAY_S) // DAY_S + 182
    metric = baseline.metric
    steps = steps_of_days(metric, [*stream[:at], *fallen(rng, metric, stream[at:], baseline.mean)])
    until_s = MONDAY_S + len(stream) * DAY_S
    for days in HOURS_AND_WEEKS:
        _, changes = detect([baseline], policy, BudgetShares([baseline.valid_from_s]), steps, until_s, None, days)
        yield days_to_fall(changes, at, len(stream))


def days_to_fall(changes: Sequence[Alarm | StateChange], at: int, count: int) -> float:
    """Days from the start of day `at` to an alarm of a fall; those to the end of `count` days if none comes."""
    at_s, until_s = (MONDAY_S + number * DAY_S for number in (at, count))
    ends = [*(change.at_s for change in changes[1:]), until_s][: len(changes)]
    falls = [
        change.at_s for change, end_s in zip(changes, ends, strict=True) if change.state == "down" and end_s > at_s
    ]
    return (max(at_s, falls[0]) - at_s if falls else until_s - at_s) / DAY_S

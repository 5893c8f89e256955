"""When the events of a company happen, and what the mix of them is in each hour.

An hour is counted from the epoch, in UTC: within one, the volumes and the scores' shifts do not change.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metrics.durations import HOUR_S
from streams.simulate.company import Company, Effect, TouchpointPlan

_HOUR_MS = HOUR_S * 1000
_WEEK_HOURS = 168
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday


@dataclass(frozen=True, slots=True)
class SeasonalRow:
    """One kind of event at one touchpoint: its volume in each of the 168 hours of a week, and what changes it."""

    plan: TouchpointPlan
    kind: str
    week: tuple[float, ...]
    effects: tuple[Effect, ...]

    def volume(self, hour: int) -> float:
        """Return how many events the hour has, relative to the other rows and hours."""
        volume = self.week[(hour + 24 * _EPOCH_WEEKDAY) % _WEEK_HOURS]
        for effect in self.effects:
            volume *= 1 + (effect.volume - 1) * effect.progress(hour * HOUR_S)
        return volume

    def shift(self, hour: int) -> float:
        """Return what the hour's scores have more than the company's usual ones, in standard deviations."""
        return self.plan.liking + sum(effect.score * effect.progress(hour * HOUR_S) for effect in self.effects)


def rows(company: Company, effects: Sequence[Effect]) -> tuple[SeasonalRow, ...]:
    """Return each kind of event at each touchpoint, with those of the effects that concern it."""
    weeks = {
        plan.id: [plan.season.level(hour % 24, hour // 24) for hour in range(_WEEK_HOURS)]
        for plan in company.touchpoints
    }
    return tuple(
        SeasonalRow(
            plan,
            kind,
            tuple(weight * level for level in weeks[plan.id]),
            tuple(effect for effect in effects if plan.id in effect.touchpoints and kind in effect.kinds),
        )
        for plan in company.touchpoints
        for kind, weight in plan.kinds.items()
    )


def instants(mix: Sequence[SeasonalRow], rng: random.Random, start_ms: int, end_ms: int, count: int) -> Iterator[int]:
    """Yield `count` epoch milliseconds in [start_ms, end_ms) in order, as dense as the rows are busy."""
    cuts, volumes = _spans(mix, start_ms, end_ms)
    reached = [0.0, *itertools.accumulate(volumes)]
    span, ahead = 0, 1.0
    for remaining in range(count, 0, -1):
        # The least of `remaining` uniform draws above the last one: sorted instants without keeping or sorting them.
        ahead *= rng.random() ** (1 / remaining)
        target = (1 - ahead) * reached[-1]
        while span < len(volumes) - 1 and target >= reached[span + 1]:
            span += 1
        begin, stop = cuts[span], cuts[span + 1]
        yield min(stop - 1, begin + int((target - reached[span]) / volumes[span] * (stop - begin)))


def total_volume(mix: Sequence[SeasonalRow], start_ms: int, end_ms: int) -> float:
    """Return the rows' volume in [start_ms, end_ms), volume times milliseconds: so much is shared by a count."""
    return sum(_spans(mix, start_ms, end_ms)[1])


def volume_of(mix: Sequence[SeasonalRow], at_ms: int) -> float:
    """Return the rows' volume in the hour of an epoch millisecond."""
    return sum(row.volume(at_ms // _HOUR_MS) for row in mix)


def further_instants(mix: Sequence[SeasonalRow], rng: random.Random, start_ms: int, density: float) -> Iterator[int]:
    """Yield epoch milliseconds from `start_ms` on in order, without end: a Poisson process.

    Its rate, events a millisecond, is `density` times the volume of the rows in each hour: with the density
    count / total_volume of a history it goes on as that did.
    """
    at, ahead = float(start_ms), rng.expovariate(1.0)
    while True:
        rate, stop = density * volume_of(mix, int(at)), (int(at) // _HOUR_MS + 1) * _HOUR_MS
        while at + ahead / rate < stop:
            at += ahead / rate
            yield int(at)
            ahead = rng.expovariate(1.0)
        at, ahead = float(stop), ahead - (stop - at) * rate


def _spans(mix: Sequence[SeasonalRow], start_ms: int, end_ms: int) -> tuple[list[int], list[float]]:
    """Where hours begin and end in [start_ms, end_ms), and the volume between two of these cuts."""
    first_full_hour_ms = (start_ms // _HOUR_MS + 1) * _HOUR_MS
    cuts = [start_ms, *range(first_full_hour_ms, end_ms, _HOUR_MS), end_ms]
    return cuts, [volume_of(mix, begin) * (stop - begin) for begin, stop in itertools.pairwise(cuts)]

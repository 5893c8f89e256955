"""The events of a simulated company: the same arguments give the same events, and the clock is never read.

Instants come one by one in order of time; the mix of the hour says which touchpoint reports what; the people under way
say who it happens to. So memory does not grow with the number of events.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain
from typing import Any

from streams.simulate.company import SCORED, SIMULATED_COMPANY, Company, Effect
from streams.simulate.people import People, Traveller
from streams.simulate.seasons import SeasonalRow, further_instants, instants, rows, total_volume, volume_of

EventFields = dict[str, Any]

_HOUR_MS = 3_600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of each score: lowest, highest, and mean and standard deviation before rounding and clipping.
_SCALES = {"nps": (0, 10, 8.1, 1.9), "csat": (1, 5, 4.1, 0.9), "ces": (1, 7, 5.3, 1.2)}
# Of each kind that may stand for many people: the share of its events that does, and the median of how many.
_CROWDS = {"awareness": (1.0, 40.0), "visit": (0.5, 12.0)}
_CROWD_SIGMA = 0.8
_PURCHASES = ("conversion", "repeat_purchase")
_AMOUNT_SIGMA = 0.7


def events(
    *,
    seed: int,
    start: datetime,
    end: datetime,
    count: int,
    drift_from: datetime | None = None,
    company: Company = SIMULATED_COMPANY,
) -> Iterator[EventFields]:
    """Return `count` events, spread over [start, end) by the company's seasons, in order of occurred_at.

    Args:
        seed: Any integer; another one gives another history of the same company.
        start: The first instant, aware.
        end: The instant after the last, aware.
        count: Number of events, >= 0.
        drift_from: When the drift begins, aware; by default the company's lead before `end`.
        company: The plan.

    Raises:
        ValueError: If an instant is naive, start is not at least a millisecond before end, or count is negative.
    """
    story, rng = _begin(seed, start, end, count, company, drift_from)
    return (story.event(at_ms) for at_ms in instants(story.mix, rng, _to_ms(start), _to_ms(end), count))


def endless_events(
    *, seed: int, start: datetime, end: datetime, count: int, company: Company = SIMULATED_COMPANY
) -> Iterator[EventFields]:
    """Return the same `count` events and then, without end, those by which the history goes on.

    From `end` on the same people go on with their journeys, at the history's own rate in each hour of the week; drift
    and myopia stay where the history has led them.

    Raises:
        ValueError: As `events` does, or if count is 0: nothing would go on.
    """
    story, rng = _begin(seed, start, end, count, company, None)
    density = _density(story.mix, start, end, count)
    happened = instants(story.mix, rng, _to_ms(start), _to_ms(end), count)
    # The one is used up before the other draws: both come from the same generator.
    further = further_instants(story.mix, rng, _to_ms(end), density)
    return (story.event(at_ms) for at_ms in chain(happened, further))


def rate_per_hour(
    *, start: datetime, end: datetime, count: int, at: datetime, company: Company = SIMULATED_COMPANY
) -> float:
    """Return how many events an hour `endless_events` is expected to have in the hour of `at`, not before `end`."""
    mix = rows(company, company.effects(start, end))
    return _density(mix, start, end, count) * volume_of(mix, _to_ms(at)) * _HOUR_MS


def _density(mix: Sequence[SeasonalRow], start: datetime, end: datetime, count: int) -> float:
    if count == 0:
        raise ValueError("count is 0: a history without events does not go on")
    return count / total_volume(mix, _to_ms(start), _to_ms(end))


def _begin(
    seed: int, start: datetime, end: datetime, count: int, company: Company, drift_from: datetime | None
) -> "tuple[_Story, random.Random]":
    _require_aware(start=start, end=end, drift_from=drift_from)
    if _to_ms(start) >= _to_ms(end):
        raise ValueError(f"start {start.isoformat()} is not before end {end.isoformat()}: give an earlier start")
    if count < 0:
        raise ValueError(f"count is {count}: give a number of events of at least 0")
    rng = random.Random(f"events {seed} {start.isoformat()} {end.isoformat()} {count}")  # noqa: S311  not for secrets
    return _Story(company, company.effects(start, end, drift_from), rng), rng


def _require_aware(**moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and moment.utcoffset() is None:
            raise ValueError(f"{name} {moment.isoformat()} has no UTC offset: add one, such as +00:00")


def _to_ms(moment: datetime) -> int:
    """Return epoch milliseconds, rounded up: the first whole millisecond that is not before `moment`."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


class _Story:
    """What happens at a given instant. Instants must not go back, or journeys would."""

    def __init__(self, company: Company, effects: tuple[Effect, ...], rng: random.Random) -> None:
        self.mix = rows(company, effects)
        self._hand_off = company.hand_off
        self._rng = rng
        self._run = f"{rng.getrandbits(48):012x}"
        self._people = People(company, rng, self._run)
        self._told = 0
        self._hour = -1
        self._table: list[tuple[SeasonalRow, float]] = []
        self._volumes: list[float] = []

    def event(self, at_ms: int) -> EventFields:
        """Return the next event, at epoch millisecond `at_ms`."""
        self._turn_to(at_ms // _HOUR_MS)
        row, shift = self._rng.choices(self._table, cum_weights=self._volumes)[0]
        self._told += 1
        event: EventFields = {
            "event_id": f"{self._run}-{self._told}",
            "source": "survey-tool" if row.kind in SCORED else row.plan.source,
            "kind": row.kind,
            "touchpoint": row.plan.id,
            "occurred_at": f"{(_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec='milliseconds')[:-6]}Z",
        }
        crowd, median = _CROWDS.get(row.kind, (0.0, 0.0))
        if self._rng.random() < crowd:
            event["count"] = 1 + int(self._rng.lognormvariate(0.0, _CROWD_SIGMA) * median)
            event["region"] = self._people.region().name
        else:
            event |= self._personal(row, shift)
        return event

    def _turn_to(self, hour: int) -> None:
        if hour != self._hour:
            self._hour = hour
            self._table = [(row, row.shift(hour)) for row in self.mix]
            self._volumes = list(accumulate(row.volume(hour) for row in self.mix))

    def _personal(self, row: SeasonalRow, shift: float) -> EventFields:
        """Return the fields of an event that happens to one customer."""
        who = self._people.meet(row.kind, row.plan.stage)
        fields: EventFields = {
            "customer": who.customer,
            "journey": who.journey,
            "segment": who.segment.name,
            "region": who.region.name,
        }
        before, who.last = who.last, row.plan.id
        if row.kind in SCORED:
            fields["score"] = self._score(row.kind, shift + self._handed_over(before, row.plan.id))
        elif row.kind in _PURCHASES:
            fields |= self._purchase(who)
        return fields

    def _handed_over(self, giver: str, taker: str) -> float:
        plan = self._hand_off
        return plan.score if plan is not None and giver in plan.givers and taker in plan.takers else 0.0

    def _score(self, kind: str, shift: float) -> int:
        lowest, highest, mean, deviation = _SCALES[kind]
        return min(highest, max(lowest, round(self._rng.gauss(mean + shift * deviation, deviation))))

    def _purchase(self, who: Traveller) -> EventFields:
        amount = who.segment.median_amount * self._rng.lognormvariate(0.0, _AMOUNT_SIGMA)
        return {"amount": f"{amount:.2f}", "currency": who.region.currency}

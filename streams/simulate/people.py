"""The customers of a simulated company and the journeys that they are on."""

import random
from dataclasses import dataclass
from itertools import accumulate

from streams.simulate.company import Company, Region, SegmentPlan, Stage

_NEW_JOURNEY = 0.4  # share of the steps before a purchase that begin a journey
_JOURNEYS_UNDER_WAY = 1_000  # on each side of the purchase; beyond it an old one ends unnoticed


@dataclass(slots=True)
class Traveller:
    """A customer on a journey; `last` is the touchpoint of the step before, "" at its beginning."""

    customer: str
    journey: str
    segment: SegmentPlan
    region: Region
    last: str = ""


class People:
    """Who is under way: prospects before a purchase and buyers after one, a bounded number of both.

    A buyer needed before anybody has bought is one whose journey began before the simulated time.
    """

    def __init__(self, company: Company, rng: random.Random, run: str) -> None:
        self._company, self._rng, self._run = company, rng, run
        self._segments = list(accumulate(segment.weight for segment in company.segments))
        self._regions = list(accumulate(region.weight for region in company.regions))
        self._begun = 0
        self._prospects: list[Traveller] = []
        self._buyers: list[Traveller] = []

    def meet(self, kind: str, stage: Stage) -> Traveller:
        """Return the customer of an event of `kind` at a touchpoint of `stage`, and move them along their journey."""
        if kind == "conversion":
            return self._join(self._buyers, self._leave(self._prospects))
        if kind == "churn":
            return self._leave(self._buyers)
        if stage == "after" or kind in {"repeat_purchase", "renewal", "referral"}:
            return self._anybody(self._buyers)
        if stage == "during" and kind != "visit" and self._buyers and self._rng.random() < 0.5:
            return self._anybody(self._buyers)
        if self._rng.random() < _NEW_JOURNEY:
            return self._join(self._prospects, self._begin())
        return self._anybody(self._prospects)

    def region(self) -> Region:
        """Return where a customer without a journey is."""
        return self._rng.choices(self._company.regions, cum_weights=self._regions)[0]

    def _begin(self) -> Traveller:
        """Return a customer, new or known, at the beginning of a journey."""
        number = self._rng.randrange(self._company.customers)
        self._begun += 1
        # Who customer n is depends on n alone, so that another simulation knows the same people.
        person = random.Random(number)  # noqa: S311  not for secrets
        return Traveller(
            customer=f"c-{number:06d}",
            journey=f"j-{self._run}-{self._begun}",
            segment=person.choices(self._company.segments, cum_weights=self._segments)[0],
            region=person.choices(self._company.regions, cum_weights=self._regions)[0],
        )

    def _anybody(self, group: list[Traveller]) -> Traveller:
        return self._rng.choice(group) if group else self._join(group, self._begin())

    def _leave(self, group: list[Traveller]) -> Traveller:
        if not group:
            return self._begin()
        place = self._rng.randrange(len(group))
        group[place], group[-1] = group[-1], group[place]
        return group.pop()

    def _join(self, group: list[Traveller], newcomer: Traveller) -> Traveller:
        if len(group) < _JOURNEYS_UNDER_WAY:
            group.append(newcomer)
        else:
            group[self._rng.randrange(_JOURNEYS_UNDER_WAY)] = newcomer
        return newcomer

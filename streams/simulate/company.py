"""The plan of a company that does not exist: what it is in tables, and what happens to it.

Weights are shares of the company's events; only their ratios matter. Hours and days are those of UTC. Touchpoint ids
are those of deploy/registry.toml, but for one that nobody has declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Stage = Literal["before", "during", "after"]


@dataclass(frozen=True, slots=True)
class Season:
    """How busy the hours of a week are: 24 values for `hours`, 7 for `weekdays` from Monday, all above 0.

    Only the ratios inside each of the two matter.
    """

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]

    def level(self, hour: int, weekday: int) -> float:
        """Return the activity at `hour` (0..23) of `weekday` (0..6, Monday first); its mean over a week is 1."""
        mean_hour, mean_day = sum(self.hours) / 24, sum(self.weekdays) / 7
        return self.hours[hour] / mean_hour * self.weekdays[weekday] / mean_day


@dataclass(frozen=True, slots=True)
class TouchpointPlan:
    """One point of contact: the system that reports it and the weight of each kind of event there.

    `liking` is added to every score, in standard deviations: what customers think of this touchpoint.
    """

    id: str
    stage: Stage
    source: str
    season: Season
    kinds: Mapping[str, float]
    liking: float = 0.0


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """A group of customers: its weight, and the median of a purchase in units of the currency."""

    name: str
    weight: float
    median_amount: float


@dataclass(frozen=True, slots=True)
class Region:
    """Where customers are: its weight, and the currency (ISO 4217) that they pay in."""

    name: str
    weight: float
    currency: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A change that builds up evenly from `begins` to `full` and stays (both epoch seconds).

    It touches the events of `kinds` at `touchpoints`: their number is multiplied by `volume`, and `score` standard
    deviations are added to their scores.
    """

    touchpoints: frozenset[str]
    kinds: frozenset[str]
    begins: float
    full: float
    volume: float = 1.0
    score: float = 0.0

    def progress(self, at: float) -> float:
        """Return how much of the effect is there at epoch second `at`, 0..1."""
        if at < self.begins:
            return 0.0
        return 1.0 if at >= self.full else (at - self.begins) / (self.full - self.begins)


@dataclass(frozen=True, slots=True)
class DriftPlan:
    """Scores of one kind at one touchpoint that slide by `score` standard deviations within `ramp`, and stay there.

    It begins `lead` before the end of the simulated time, unless the caller names another instant.
    """

    touchpoint: str
    kind: str
    lead: timedelta
    ramp: timedelta
    score: float


@dataclass(frozen=True, slots=True)
class OwnerChangePlan:
    """A touchpoint that passes to another department at `on`: from then on its scores differ by `score` deviations."""

    touchpoint: str
    on: datetime
    score: float


@dataclass(frozen=True, slots=True)
class Myopia:
    """A department that buys short-term figures with long-term ones, little by little over all of the simulated time.

    At the end the events of each kind in `volume` are that many times as frequent as at the start, and `score`
    standard deviations are added to `scored` kinds.
    """

    touchpoints: frozenset[str]
    volume: Mapping[str, float]
    scored: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class HandOffPlan:
    """A bad hand-off: scores at `takers` differ by `score` deviations where a step at `givers` came before."""

    givers: frozenset[str]
    takers: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Company:
    """All that a simulation needs to know: who is there, where they meet the company, and what changes in time.

    `customers` is the size of the population: customer n is the same person in every simulation of this company.
    """

    touchpoints: tuple[TouchpointPlan, ...]
    segments: tuple[SegmentPlan, ...]
    regions: tuple[Region, ...]
    customers: int
    drift: DriftPlan
    owner_change: OwnerChangePlan
    myopia: Myopia
    hand_off: HandOffPlan | None = None

    def effects(self, start: datetime, end: datetime, drift_from: datetime | None = None) -> tuple[Effect, ...]:
        """Return what changes between `start` and `end` (aware); `drift_from` is when the drift begins, if given."""
        drift, change, myopia = self.drift, self.owner_change, self.myopia
        drift_at = (drift_from or end - drift.lead).timestamp()
        from_s, to_s, moved_s = start.timestamp(), end.timestamp(), change.on.timestamp()
        return (
            Effect(
                frozenset({drift.touchpoint}),
                frozenset({drift.kind}),
                drift_at,
                drift_at + drift.ramp.total_seconds(),
                score=drift.score,
            ),
            Effect(frozenset({change.touchpoint}), SCORED, moved_s, moved_s, score=change.score),
            Effect(myopia.touchpoints, myopia.scored, from_s, to_s, score=myopia.score),
            *(
                Effect(myopia.touchpoints, frozenset({kind}), from_s, to_s, volume=v)
                for kind, v in myopia.volume.items()
            ),
        )


SCORED = frozenset({"nps", "csat", "ces"})

# Two peaks a working day and almost nothing at night; shops dip at lunch and live on Saturday; the net never sleeps.
OFFICE = Season(
    hours=(1, 1, 1, 1, 1, 1, 5, 25, 70, 120, 130, 110, 50, 55, 110, 120, 95, 50, 15, 3, 3, 3, 2, 2),
    weekdays=(115, 110, 105, 105, 95, 15, 8),
)
SHOP = Season(
    hours=(1, 1, 1, 1, 1, 1, 1, 1, 40, 130, 220, 230, 120, 90, 120, 180, 240, 250, 200, 80, 3, 3, 3, 3),
    weekdays=(80, 85, 90, 100, 115, 170, 30),
)
ONLINE = Season(
    hours=(5, 3, 2, 2, 2, 3, 5, 8, 11, 14, 15, 14, 13, 12, 13, 14, 13, 12, 12, 14, 17, 18, 14, 9),
    weekdays=(105, 105, 100, 100, 95, 85, 90),
)

SIMULATED_COMPANY = Company(
    touchpoints=(
        TouchpointPlan("social.facebook", "before", "social", ONLINE, {"awareness": 40, "visit": 25, "contact": 4}),
        TouchpointPlan("social.linkedin", "before", "social", ONLINE, {"awareness": 25, "visit": 12, "contact": 3}),
        TouchpointPlan("social.youtube", "before", "social", ONLINE, {"awareness": 35, "visit": 15, "csat": 5}, 0.2),
        TouchpointPlan(
            "email.newsletter", "before", "mailing", OFFICE, {"awareness": 20, "visit": 30, "contact": 3, "csat": 4}
        ),
        TouchpointPlan("print.catalogue", "before", "crm", OFFICE, {"awareness": 6, "contact": 8, "csat": 4}, 0.1),
        TouchpointPlan(
            "events.fair_stand", "before", "crm", OFFICE, {"awareness": 4, "visit": 10, "contact": 12, "nps": 6}, 0.3
        ),
        TouchpointPlan(
            "web.site",
            "during",
            "web-shop",
            ONLINE,
            {"visit": 150, "conversion": 60, "repeat_purchase": 26, "csat": 30, "ces": 28, "nps": 14, "contact": 6},
        ),
        TouchpointPlan(
            "store.point_of_sale",
            "during",
            "pos",
            SHOP,
            {"visit": 50, "conversion": 40, "repeat_purchase": 22, "csat": 24, "nps": 16},
            0.2,
        ),
        TouchpointPlan(
            "sales.seller",
            "during",
            "crm",
            OFFICE,
            {"contact": 30, "conversion": 14, "repeat_purchase": 10, "nps": 16, "csat": 12, "referral": 8},
            0.4,
        ),
        TouchpointPlan("sales.quote", "during", "erp", OFFICE, {"contact": 16, "conversion": 12, "ces": 10, "csat": 6}),
        TouchpointPlan("product.label", "after", "crm", SHOP, {"contact": 4, "csat": 6, "ces": 4}, -0.1),
        TouchpointPlan(
            "service.switchboard", "after", "telephony", OFFICE, {"contact": 50, "csat": 42, "ces": 12, "nps": 6}
        ),
        TouchpointPlan(
            "service.email",
            "after",
            "helpdesk",
            OFFICE,
            {"contact": 40, "csat": 20, "ces": 14, "churn": 5, "renewal": 9},
        ),
        TouchpointPlan("product.manual", "after", "crm", ONLINE, {"contact": 6, "ces": 12, "csat": 10}, -0.3),
        TouchpointPlan(
            "admin.invoice",
            "after",
            "erp",
            OFFICE,
            {"contact": 16, "csat": 12, "ces": 8, "renewal": 18, "churn": 6, "referral": 3, "nps": 8},
            -0.2,
        ),
        # Found by customers, declared by nobody: the orphan.
        TouchpointPlan("messaging.whatsapp", "after", "messaging", ONLINE, {"contact": 8, "csat": 4}, -0.2),
    ),
    segments=(SegmentPlan("consumer", 60, 70.0), SegmentPlan("smb", 30, 420.0), SegmentPlan("enterprise", 10, 5_200.0)),
    regions=(
        Region("it-north", 40, "EUR"),
        Region("it-centre", 18, "EUR"),
        Region("it-south", 14, "EUR"),
        Region("es", 18, "EUR"),
        Region("us", 10, "USD"),
    ),
    customers=25_000,
    drift=DriftPlan("service.switchboard", "csat", timedelta(days=12), timedelta(days=4), -1.1),
    owner_change=OwnerChangePlan("product.manual", datetime(2026, 10, 1, tzinfo=UTC), 0.3),
    myopia=Myopia(
        frozenset({"sales.seller", "sales.quote", "store.point_of_sale"}),
        {"visit": 1.8, "conversion": 1.7, "repeat_purchase": 0.5},
        frozenset({"nps", "csat"}),
        -0.8,
    ),
)

"""The statements of governance over facts, and the rows that they give."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from streams.store.statements import Row, fragment, query

_KEY: Final = fragment(__package__, "key")
_STEP: Final = fragment(__package__, "step")
_OF_JOURNEYS: Final = fragment(__package__, "of_journeys")


class CombinationRow(Row):
    """What rules can tell apart; a value that no rule names is "".

    Attributes:
        key: Its number, by which other statements know it.
        place: The number of its touchpoint.
        known_segment: For whom.
        known_region: Where they live.
        known_kind: Which kind of event.
        owners: The number of whom it counts for, under each registry.
        n: Events in the period, without those about governance itself.
    """

    key: int
    place: int
    known_segment: str
    known_region: str
    known_kind: str
    owners: list[int]
    n: int


class JourneyRow(Row):
    """One of four things that journeys are counted by; `streams.governance.journeys` takes the numbers apart.

    Attributes:
        what: PAIR, SHAPE, DECAY or PATH.
        about: Of what, packed into one number.
        path: Of a path, the numbers of its departments.
        n: How often.
        weight: Of a path, how often it converted; of credit, how much.
    """

    what: int
    about: int
    path: list[int]
    n: int
    weight: float


class HandOffCount(Row):
    """Steps of journeys that follow another one, and how many of them are at another department."""

    steps: int
    hand_offs: int


class FactRow(Row):
    """Facts of governance that are alike, or one case; what a kind does not ask about is empty, or 0.

    Attributes:
        what: A kind, or case.
        owner: The number of the department.
        place: The number of the touchpoint; 0 for a case.
        facet: Of an answer about ownership.
        role: Of an answer about ownership.
        answer: The answer about ownership.
        metric: Of an answer about success.
        value: The answer about success.
        category: Of spend.
        currency: Of spend.
        reporter: Source of a case.
        case_id: Its id.
        total_amount: Of spend.
        n: How many facts.
        opener: Of a case, the number of the department where it was opened.
        opened_at: The number of the touchpoint where it was opened.
        opened_s: When it was opened, epoch seconds.
        closed_s: When it was closed last; earlier than `opened_s` while it is open.
        is_resolved: Whether the company says that it is solved.
        is_confirmed: Whether the customer says so.
    """

    what: str
    owner: int
    place: int
    facet: str
    role: str
    answer: str
    metric: str
    value: float | None
    category: str
    currency: str
    reporter: str
    case_id: str
    total_amount: Decimal
    n: int
    opener: int
    opened_at: int
    opened_s: int
    closed_s: int
    is_resolved: bool | None
    is_confirmed: bool | None


class PromoterRow(Row):
    """Customers of a touchpoint, or of a department, by their numbers, and their answers in both halves of a period."""

    owner: int
    place: int
    is_department: int
    customers: int
    early: int
    early_promoters: int
    late: int
    late_promoters: int


class ScoreDay(Row):
    """Scores of a touchpoint (its number) and a day (since 1970): how many, how many bad, satisfaction, its square."""

    place: int
    day: int
    n: int
    bad: int
    total: float
    squares: float


class AnsweredJourneyRow(Row):
    """A journey with a last answer of a metric, and answers before it.

    Attributes:
        customer: Number of the customer; of the journey where the customer is not known.
        last_score: The last answer, on the scale of its metric.
        places: The numbers of the touchpoints of the answers before it.
        levels: Their satisfaction, 0..1.
    """

    customer: int
    last_score: int
    places: list[int]
    levels: list[float]


class MetricAlarms(Row):
    """How many alarms a metric had."""

    metric: str
    n: int


class VersionInForce(Row):
    """A version of the registry, and the first fact of the period under it."""

    version: str
    first_at: datetime


COMBINATIONS: Final = query(__package__, "combinations", CombinationRow, key=_KEY)
JOURNEYS: Final = query(__package__, "journeys", JourneyRow, step=_STEP, key=_KEY, of_journeys=_OF_JOURNEYS)
HAND_OFFS: Final = query(__package__, "hand_offs", HandOffCount, step=_STEP, key=_KEY, of_journeys=_OF_JOURNEYS)
FACTS: Final = query(__package__, "facts", FactRow, key=_KEY)
PROMOTERS: Final = query(__package__, "promoters", PromoterRow, key=_KEY)
SCORE_DAYS: Final = query(__package__, "score_days", ScoreDay)
ANSWERED_JOURNEYS: Final = query(__package__, "answered_journeys", AnsweredJourneyRow)
ALARMS: Final = query(__package__, "alarms", MetricAlarms)
VERSIONS: Final = query(__package__, "registry_versions", VersionInForce)

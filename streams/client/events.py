"""Events by kind, as a service makes them. What is unset is left out of the JSON.

The fields of each kind are those of its JSON Schema, which the tests compare.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import uuid4

from msgspec import UNSET, Struct, UnsetType, field


def _new_id() -> str:
    return uuid4().hex


def _now() -> datetime:
    return datetime.now(UTC)


class AnyEvent(Struct, kw_only=True, frozen=True, tag_field="kind"):
    """What every kind has. `event_id` and `occurred_at` are new and now, unless they are given."""

    source: str
    event_id: str = field(default_factory=_new_id)
    occurred_at: datetime = field(default_factory=_now)
    customer: str | UnsetType = UNSET
    journey: str | UnsetType = UNSET
    segment: str | UnsetType = UNSET
    region: str | UnsetType = UNSET


class TouchpointEvent(AnyEvent, kw_only=True, frozen=True):
    """Something that happened at a touchpoint."""

    touchpoint: str


class CountedEvent(TouchpointEvent, kw_only=True, frozen=True):
    """An event that can stand for several."""

    count: int | UnsetType = UNSET


class ScoredEvent(TouchpointEvent, kw_only=True, frozen=True):
    """An answer with a score."""

    score: int


class SaleEvent(TouchpointEvent, kw_only=True, frozen=True):
    """A purchase: its amount with the currency, or neither."""

    amount: Decimal | UnsetType = UNSET
    currency: str | UnsetType = UNSET


class AwarenessEvent(CountedEvent, kw_only=True, frozen=True, tag="awareness"):
    """People noticed the company."""


class VisitEvent(CountedEvent, kw_only=True, frozen=True, tag="visit"):
    """People came."""


class ConversionEvent(SaleEvent, kw_only=True, frozen=True, tag="conversion"):
    """A first purchase."""


class RepeatPurchaseEvent(SaleEvent, kw_only=True, frozen=True, tag="repeat_purchase"):
    """A customer bought again."""


class NpsEvent(ScoredEvent, kw_only=True, frozen=True, tag="nps"):
    """An answer from 0 to 10."""


class CsatEvent(ScoredEvent, kw_only=True, frozen=True, tag="csat"):
    """An answer from 1 to 5."""


class CesEvent(ScoredEvent, kw_only=True, frozen=True, tag="ces"):
    """An answer from 1 to 7, higher is easier."""


class ReferralEvent(TouchpointEvent, kw_only=True, frozen=True, tag="referral"):
    """A customer recommended the company."""


class RenewalEvent(TouchpointEvent, kw_only=True, frozen=True, tag="renewal"):
    """A customer renewed."""


class ChurnEvent(TouchpointEvent, kw_only=True, frozen=True, tag="churn"):
    """A customer left."""


class ContactEvent(TouchpointEvent, kw_only=True, frozen=True, tag="contact"):
    """An interaction without a figure."""


class OwnershipAnswerEvent(TouchpointEvent, kw_only=True, frozen=True, tag="ownership_answer"):
    """Who somebody thinks owns the touchpoint."""

    answer: str
    role: str
    facet: Literal["voice", "delivery", "oversight"] | UnsetType = UNSET


class SuccessAnswerEvent(TouchpointEvent, kw_only=True, frozen=True, tag="success_answer"):
    """What a customer calls success."""

    metric: str
    value: float


class SpendEvent(TouchpointEvent, kw_only=True, frozen=True, tag="spend"):
    """Money spent on the touchpoint."""

    amount: Decimal
    currency: str
    category: str


class CaseOpenedEvent(TouchpointEvent, kw_only=True, frozen=True, tag="case_opened"):
    """A customer's problem is open."""

    case_id: str


class CaseClosedEvent(TouchpointEvent, kw_only=True, frozen=True, tag="case_closed"):
    """It is closed."""

    case_id: str
    resolved: bool
    confirmed_by_customer: bool | UnsetType = UNSET


class SurveySentEvent(TouchpointEvent, kw_only=True, frozen=True, tag="survey_sent"):
    """A customer was invited to answer a survey."""


class NoteEvent(AnyEvent, kw_only=True, frozen=True, tag="note"):
    """What happened, for whoever reads a trend."""

    text: str
    touchpoint: str | UnsetType = UNSET
    department: str | UnsetType = UNSET

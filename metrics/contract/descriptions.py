"""What kinds and fields mean, in words: docs/event.md, docs/governance.md and the schemas say the same."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KIND_MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "awareness": "people noticed the company: impressions, mentions",
        "visit": "people came: to a page, a shop, a stand",
        "conversion": "a visitor became a customer: a first purchase",
        "nps": 'an answer to "how likely are you to recommend us?"',
        "csat": 'an answer to "how satisfied are you?"',
        "ces": 'an answer to "how easy was it?", higher is easier',
        "referral": "a customer recommended the company to somebody",
        "repeat_purchase": "a customer bought again",
        "renewal": "a customer renewed a contract or a subscription",
        "churn": "a customer left",
        "contact": "an interaction without a figure",
        "ownership_answer": '"who owns this touchpoint?"',
        "success_answer": '"what would success be for you?", asked of customers',
        "spend": "money spent on the touchpoint",
        "case_opened": "a customer's problem is open",
        "case_closed": "a customer's problem is closed",
        "survey_sent": "a customer was invited to answer a survey about the touchpoint",
        "note": 'what happened, for whoever reads a trend: "Campaign began"',
    }
)
"""What an event of each kind says."""

FIELD_RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event_id": "required; unique within the source, and the same when sent again; so is `occurred_at`",
        "source": "required; the publishing service",
        "kind": "required",
        "touchpoint": "required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`",
        "occurred_at": "required; at most 5 minutes after and 400 days before the record's Kafka timestamp",
        "customer": "kept only as a keyed hash; leave it out where there is none, see nobody",
        "journey": "groups the steps of one journey",
        "score": "nps 0 to 10, csat 1 to 5, ces 1 to 7: required there, rejected elsewhere",
        "amount": "with conversion and repeat_purchase, both or none; required with spend; "
        "at least 0, below 10^12, at most 4 decimals by value",
        "currency": "three capital letters, with an amount",
        "count": "awareness and visit only: how many an event stands for",
        "segment": "dimensions that ownership rules may filter on",
        "region": "dimensions that ownership rules may filter on",
    }
)
"""The rule of each field that every kind knows."""

OWN_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "answer": "a department's id, `nobody` or `don't know`",
        "role": "what the respondent does",
        "facet": "`voice`, `delivery` or `oversight`",
        "metric": "the name of a metric",
        "value": "a number in its unit",
        "category": "what it was spent on",
        "case_id": "the same when it is opened and closed",
        "resolved": "true or false",
        "confirmed_by_customer": "true or false",
        "text": "1 to 500 characters",
        "department": "the id of one",
    }
)
"""What the fields of governance and context kinds hold."""

"""Rejection: the only way in which a record leaves the flow without becoming a fact."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a record was rejected: a closed set, and the label `reason` of `cx_rejected_total`."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    UNREADABLE = "unreadable"
    UNKNOWN_SCHEMA = "unknown_schema"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    BAD_TYPE = "bad_type"
    BAD_VALUE = "bad_value"
    UNKNOWN_KIND = "unknown_kind"
    SCORE_OUT_OF_RANGE = "score_out_of_range"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"


OF_SCHEMAS: Final = frozenset({Reason.UNREADABLE, Reason.UNKNOWN_SCHEMA})
"""Those that only records of sources have, whose format is not JSON: an event in our own JSON never has them."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected record.

    Attributes:
        reason: One of the closed set.
        detail: One sentence for the publisher: the field, what is wrong with it, what is allowed.
            It quotes no text of the record and no long number: any of them may be a customer's id.
        field: The field that is at fault, of several the first; "" where it is the record as a whole, or a name of
            the record's own.
        source: The source whose mapping the record went through; "" for an event in our own JSON.
    """

    reason: Reason
    detail: str
    field: str = ""
    source: str = ""

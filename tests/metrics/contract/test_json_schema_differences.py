"""Where a schema and the decoder differ: the list in docs/schema.md, each with what it says."""

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from metrics.contract.examples import EXAMPLES
from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason
from tests.documents import PROJECT
from tests.metrics.contract.judging import DOCUMENTS, is_of_schema, rejection_of

LEAP = "2026-11-21T23:59:60Z"
CHECKER = Draft202012Validator.FORMAT_CHECKER


def nps(**fields: Any) -> dict[str, Any]:
    return {**EXAMPLES["nps"], **fields}


def decimal_point() -> None:
    for written in ("9.0", "9e0"):
        text = json.dumps(nps(score=7)).replace(" 7", f" {written}").encode()
        assert is_of_schema(json.loads(text))
        assert rejection_of(text) is Reason.BAD_TYPE


def five_decimals() -> None:
    sale = {**EXAMPLES["repeat_purchase"], "amount": 9.90001}
    assert is_of_schema(sale)
    assert rejection_of(sale) is Reason.BAD_VALUE
    as_text = {**sale, "amount": "9.90001"}
    assert (is_of_schema(as_text), rejection_of(as_text)) == (False, Reason.BAD_VALUE)


def age() -> None:
    for at, reason in (("2025-10-01T00:00:00Z", Reason.TOO_OLD), ("2026-11-22T10:59:30Z", Reason.IN_FUTURE)):
        assert is_of_schema(nps(occurred_at=at))
        assert rejection_of(nps(occurred_at=at), RecordLimits()) is reason


def ends() -> None:
    for at, by_schema, reason in (
        ("1969-12-31T23:30:00-01:00", False, None),
        ("1970-01-01T00:30:00+01:00", True, Reason.BAD_VALUE),
        ("2106-02-07T06:28:15Z", True, None),
        ("2106-02-07T06:28:16Z", True, Reason.BAD_VALUE),
    ):
        assert (is_of_schema(nps(occurred_at=at)), rejection_of(nps(occurred_at=at))) == (by_schema, reason)


def spellings() -> None:
    for at in ("2026-11-22 09:59:30Z", "2026-11-22T09:59:30+0100"):
        assert (is_of_schema(nps(occurred_at=at)), rejection_of(nps(occurred_at=at))) == (False, None)


def no_such_day() -> None:
    event = nps(occurred_at="2026-02-30T00:00:00Z")
    assert rejection_of(event) is Reason.BAD_VALUE
    for schema in (DOCUMENTS["nps"], DOCUMENTS["event"]):
        assert jsonschema_rs.Draft202012Validator(schema, validate_formats=False).is_valid(event)
        assert Draft202012Validator(schema).is_valid(event)
        assert not jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(event)
        assert not Draft202012Validator(schema, format_checker=CHECKER).is_valid(event)


def text_itself() -> None:
    good = json.dumps(nps())
    for text, reason in (
        (good[:-1] + ', "score": 8}', Reason.BAD_VALUE),
        (good[:-1] + ', "segment": "\\ud800"}', Reason.NOT_JSON),
        (good[:-1] + ', "more": NaN}', Reason.NOT_JSON),
        (good[:-1] + f', "more": "{"x" * 2**16}"}}', Reason.TOO_LARGE),
    ):
        assert Draft202012Validator(DOCUMENTS["nps"]).is_valid(json.loads(text))  # as Python reads it
        assert rejection_of(text.encode(), RecordLimits()) is reason


def leap_second_elsewhere() -> None:
    assert (is_of_schema(nps(occurred_at="2026-11-21T23:59:60Z")), rejection_of(nps(occurred_at=LEAP))) == (True, None)
    for at, by_service in (("2026-11-22T00:59:60+01:00", None), ("2026-11-22T23:59:60+01:00", Reason.BAD_VALUE)):
        assert (is_of_schema(nps(occurred_at=at)), rejection_of(nps(occurred_at=at))) == (False, by_service)


def leap_second_by_format() -> None:
    assert rejection_of(nps(occurred_at=LEAP)) is None
    assert Draft202012Validator(DOCUMENTS["nps"]).is_valid(nps(occurred_at=LEAP))
    assert not Draft202012Validator(DOCUMENTS["nps"], format_checker=CHECKER).is_valid(nps(occurred_at=LEAP))


def line_break() -> None:
    for event in (nps(touchpoint="web\n"), nps(source="shop\n"), {**EXAMPLES["conversion"], "currency": "EUR\n"}):
        assert Draft202012Validator(DOCUMENTS[event["kind"]], format_checker=CHECKER).is_valid(event)
        assert (is_of_schema(event), rejection_of(event)) == (False, Reason.BAD_VALUE)


DIFFERENCES: dict[str, Callable[[], None]] = {
    "integer with a decimal point": decimal_point,
    "five decimals in a number": five_decimals,
    "age of the event": age,
    "ends of the calendar": ends,
    "other spellings of a time": spellings,
    "a leap second with an offset": leap_second_elsewhere,
    "a leap second, by some validators": leap_second_by_format,
    "days that do not exist": no_such_day,
    "the text itself": text_itself,
    "a line break at the end": line_break,
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_each_difference_is_as_the_document_says(difference: str) -> None:
    DIFFERENCES[difference]()


def test_the_document_lists_these_differences_and_no_others() -> None:
    section = (PROJECT / "docs" / "schema.md").read_text().partition("## Where a schema and the service differ")[2]
    table = section.partition("\n## ")[0]
    assert re.findall(r"^\| ([a-z][^|]*?) \|", table, re.MULTILINE) == ["difference", *DIFFERENCES]

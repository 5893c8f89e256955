"""An event's amount is read exactly, and its instant is cut, never rounded up."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.events import event
from metrics.events.event import Event, amount_of, is_touchpoint, occurred_ms
from tests.metrics.events_near import GOOD


def event_of(amount: str | None = None, occurred_at: str = GOOD["occurred_at"]) -> Event:
    """An event with its amount as a JSON token."""
    text = json.dumps({**GOOD, "occurred_at": occurred_at})
    if amount is not None:
        text = text.replace("}", f', "amount": {amount}}}')
    return msgspec.json.decode(text, type=Event)


def test_no_amount_is_none() -> None:
    assert amount_of(event_of()) is None


@settings(deadline=None)
@given(st.integers(0, 10**16 - 1))
def test_every_amount_of_four_decimals_is_kept_exactly(ten_thousandths: int) -> None:
    wanted = Decimal(ten_thousandths).scaleb(-4)
    assert amount_of(event_of(f"{wanted:f}")) == wanted
    assert amount_of(event_of(f'"{wanted:f}"')) == wanted


@settings(deadline=None)
@given(st.integers(0, 10**16), st.integers(5, 30))
def test_an_amount_of_more_decimals_is_rejected_unless_they_are_noughts(digits: int, decimals: int) -> None:
    amount = Decimal(digits).scaleb(-decimals)
    if digits % 10 ** (decimals - 4):
        with pytest.raises(ValueError, match="4 decimals"):
            amount_of(event_of(f"{amount:f}"))
    else:
        assert amount_of(event_of(f"{amount:f}")) == amount


@pytest.mark.parametrize(
    "token", ["true", "null", "{}", "[1]", "1e99999999999999999999", '"1e3"', '"\\u0663"', '"\\uff11"']
)
def test_what_is_no_plain_decimal_is_a_value_error(token: str) -> None:
    with pytest.raises(ValueError, match="plain decimal"):
        amount_of(event_of(token))


@settings(deadline=None)
@given(
    st.integers(0, (2**32 - 1) * 1_000_000).map(
        lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    )
)
def test_an_instant_is_cut_to_its_millisecond(at: datetime) -> None:
    wanted = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert occurred_ms(event_of(occurred_at=at.isoformat())) == wanted


def test_invented_touchpoints_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event, "MAX_KNOWN_TOUCHPOINTS", 3)
    monkeypatch.setattr(event, "_known_touchpoints", set())
    assert all(is_touchpoint(f"web.{n}") for n in range(10))
    assert not is_touchpoint("Web")
    assert len(event._known_touchpoints) == 3
    assert is_touchpoint("web.0")
    assert is_touchpoint("web.9")

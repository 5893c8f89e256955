"""Response rates on a real engine: who was invited, who answered, and whose it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.figures.response_rates import Invited
from streams.figures import minutes
from streams.figures.response_rates import InvitationSpan, InvitedGroup, ResponseParameters, invited, response_rows
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of

DAY = timedelta(days=1)
SENT = NOON - 20 * DAY
PERIOD = (NOON - 40 * DAY, NOON)


def sent(number: int, customer: str | None, at: datetime = SENT, **fields: Any) -> dict[str, Any]:
    return event(f"s{number}", "survey_sent", at, customer=customer, **fields)


def landed(store: Store, compiled: CompiledRegistry, events: list[dict[str, Any]]) -> None:
    store.insert_facts(facts_of(events, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))


def rows(store: Store, compiled: CompiledRegistry, **question: Any) -> list[dict[str, Any]]:
    return response_rows(store, compiled, ResponseParameters(**question), PERIOD)


def test_an_invitation_is_answered_by_its_customer_at_its_touchpoint_in_time(
    store: Store, compiled: CompiledRegistry
) -> None:
    sixth = SENT + 6 * DAY
    landed(store, compiled, [
        *(sent(n, f"c{n}") for n in range(8)),
        event(0, "csat", SENT + DAY, customer="c0"),
        event(1, "nps", sixth, customer="c1"),
        event(2, "nps", SENT + 7 * DAY, customer="c2"),  # too late
        event(3, "nps", SENT - DAY, customer="c3"),  # before it was asked
        event(4, "nps", sixth, customer="c4", touchpoint="web.cart"),  # elsewhere
        event(5, "nps", sixth, customer="stranger"),
        event(6, "conversion", sixth, customer="c6"),  # no answer
    ])  # fmt: skip
    [company, marketing] = rows(store, compiled)
    assert (company["department"], marketing["department"]) == ("company", "marketing")
    assert (marketing["n"], marketing["answered"], marketing["value"], marketing["n_eff"]) == (8, 2, 25.0, 8.0)
    assert (marketing["basis"], marketing["answers"], marketing["suppressed"]) == ("customers", 5, "")
    assert marketing["ci_low"] == pytest.approx(7.15, abs=0.01)
    assert marketing["ci_high"] == pytest.approx(59.07, abs=0.01)
    assert {**company, "department": "marketing"} == marketing


def test_what_had_no_time_to_be_answered_is_open_and_counts_neither_way(
    store: Store, compiled: CompiledRegistry
) -> None:
    young = NOON - 6 * DAY
    landed(store, compiled, [
        *(sent(n, f"c{n}") for n in range(6)),
        *(sent(n, f"c{n}", young, touchpoint="delivery.van") for n in range(10, 14)),
        event(1, at=SENT + DAY, customer="c1"),
        event(2, at=young + DAY, customer="c10", touchpoint="delivery.van"),
    ])  # fmt: skip
    [web, van] = rows(store, compiled, by="touchpoint")[::-1]
    assert (web["touchpoint"], web["n"], web["open"], web["answered"]) == ("web.checkout", 6, 0, 1)
    assert (van["touchpoint"], van["n"], van["open"], van["value"], van["suppressed"]) == (
        "delivery.van", 0, 4, None, "too_recent",
    )  # fmt: skip
    assert web["to"] == "2026-03-25T12:00:00Z"


def test_all_invitations_of_a_customer_are_one_observation_also_over_touchpoints(
    store: Store, compiled: CompiledRegistry
) -> None:
    landed(store, compiled, [
        *(sent(n, "same", SENT + n * DAY, touchpoint="web.checkout" if n % 2 else "web.cart") for n in range(6)),
        *(sent(n, f"c{n}") for n in range(10, 14)),
    ])  # fmt: skip
    [_, marketing] = rows(store, compiled)
    assert (marketing["n"], marketing["n_eff"]) == (10, pytest.approx(100 / (36 + 4)))
    assert marketing["suppressed"] == "n_eff<5"
    [cart, checkout] = rows(store, compiled, by="touchpoint")
    assert (cart["n_eff"], checkout["n_eff"]) == (1.0, pytest.approx(49 / (9 + 4)))


def test_an_invitation_counts_for_its_owner_then_or_for_that_of_the_end(
    store: Store, compiled: CompiledRegistry
) -> None:
    landed(store, compiled, [sent(n, f"c{n}") for n in range(6)])
    assert [row["department"] for row in rows(store, compiled)] == ["company", "marketing"]
    assert [row["department"] for row in rows(store, compiled, view="as_is")] == ["company", "sales"]
    assert rows(store, compiled, department="sales") == []
    [row] = rows(store, compiled, department="marketing", by="touchpoint")
    assert (row["department"], row["touchpoint"]) == ("marketing", "web.checkout")


def test_without_customers_numbers_are_compared_and_more_answers_than_invitations_are_no_rate(
    store: Store, compiled: CompiledRegistry
) -> None:
    landed(store, compiled, [
        *(sent(n, None) for n in range(10)),
        *(event(n, at=SENT + DAY, customer=None) for n in range(4)),
        *(sent(n, None, touchpoint="delivery.van") for n in range(20, 30)),
        *(event(n, at=SENT + DAY, touchpoint="delivery.van") for n in range(20, 31)),
    ])  # fmt: skip
    [_, logistics, marketing] = rows(store, compiled)
    assert (marketing["basis"], marketing["value"], marketing["n"]) == ("counts", 40.0, 10)
    assert (logistics["value"], logistics["suppressed"]) == (None, "more_answers_than_invitations")


def test_weeks_are_counted_back_from_the_last_invitation_that_is_not_open(
    store: Store, compiled: CompiledRegistry
) -> None:
    closed = NOON - 7 * DAY
    landed(store, compiled, [
        *(sent(n, f"c{n}", closed - DAY) for n in range(6)),
        *(sent(n, f"c{n}", closed - 8 * DAY) for n in range(10, 16)),
        *(event(n, at=closed - 7 * DAY, customer=f"c{n}") for n in range(10, 13)),
    ])  # fmt: skip
    weeks = rows(store, compiled, by="week")
    assert [(row["from"], row["to"], row["value"]) for row in weeks] == [
        ("2026-03-18T12:00:00Z", "2026-03-25T12:00:00Z", 0.0), ("2026-03-11T12:00:00Z", "2026-03-18T12:00:00Z", 50.0),
    ]  # fmt: skip


def test_where_nobody_is_invited_there_is_nothing(store: Store, compiled: CompiledRegistry) -> None:
    landed(store, compiled, [event(n, at=SENT) for n in range(6)])
    span = InvitationSpan(*(int(at.timestamp()) for at in PERIOD))
    assert invited(store, compiled, span, "as_was") == {}
    landed(store, compiled, [sent(1, "c1", NOON - DAY)])
    assert invited(store, compiled, span, "as_was")[InvitedGroup("marketing", "", 0)].open == 1
    assert Invited().basis == "customers"

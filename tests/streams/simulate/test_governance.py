"""Facts about governance that are simulated: all accepted, and what is planted in them is found."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from metrics.catalogue import GOVERNANCE_KINDS
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.governance.assessment import Counted, assess
from metrics.governance.cases import Case
from metrics.governance.estimates import Estimate
from metrics.governance.perception import Answers
from metrics.governance.spend import Spend
from streams.registry.file import load, sample
from streams.simulate.governance import USUAL_OWNERS, governance
from tests.known import known

END = datetime(2026, 11, 1, tzinfo=UTC)
START = END - timedelta(days=90)
FACTS = list(governance(seed=1, start=START, end=END, count=4_000))
REGISTRY = load(sample()).registry


def test_every_fact_is_accepted_and_every_kind_occurs() -> None:
    stamps = [int(datetime.fromisoformat(fact["occurred_at"]).timestamp() * 1000) for fact in FACTS]
    run = decode_run([msgspec.json.encode(fact) for fact in FACTS], stamps, RecordLimits())
    assert (run.rejected, run.unknown_fields) == ([], 0)
    assert {event.kind for event in run.events} == set(GOVERNANCE_KINDS)
    assert len({fact["event_id"] for fact in FACTS}) == len(FACTS)


def test_they_come_in_order_within_the_period_and_the_same_for_a_seed() -> None:
    stamps = [fact["occurred_at"] for fact in FACTS]
    assert stamps == sorted(stamps)
    assert START.isoformat()[:19] <= stamps[0]
    assert stamps[-1] < END.isoformat()[:19]
    assert list(governance(seed=1, start=START, end=END, count=100)) == list(
        governance(seed=1, start=START, end=END, count=100)
    )
    assert list(governance(seed=2, start=START, end=END, count=9)) != list(
        governance(seed=1, start=START, end=END, count=9)
    )
    assert list(governance(seed=1, start=START, end=END, count=0)) == []


def counted() -> Counted:
    answers: Counter[tuple[str, str, str]] = Counter()
    success: dict[str, Counter[float]] = {}
    spends, opened, closed = [], {}, {}
    for fact in FACTS:
        owner, at_s = USUAL_OWNERS[fact["touchpoint"]], int(datetime.fromisoformat(fact["occurred_at"]).timestamp())
        match fact["kind"]:
            case "ownership_answer":
                answers[fact["touchpoint"], fact["role"], fact["answer"]] += 1
            case "success_answer":
                success.setdefault(fact["metric"], Counter())[fact["value"]] += 1
            case "spend":
                amount = Decimal(fact["amount"])
                spends.append(Spend(owner, fact["touchpoint"], fact["category"], fact["currency"], amount))
            case "case_opened":
                opened[fact["case_id"]] = (owner, at_s)
            case "case_closed":
                closed[fact["case_id"]] = (at_s, fact["resolved"], fact["confirmed_by_customer"])
    return Counted(
        answers=tuple(Answers(touchpoint, "", role, said, n) for (touchpoint, role, said), n in answers.items()),
        success=success,
        spends=tuple(spends),
        cases=tuple(Case(*begun, *closed.get(case_id, ())) for case_id, begun in opened.items()),
    )


Figures = dict[tuple[str, str], Estimate]


@pytest.fixture(scope="module")
def figures() -> Figures:
    figures = assess(REGISTRY, counted(), int(START.timestamp()), int(END.timestamp()))
    return {(figure.measure, figure.subject): figure.estimate for figure in figures}


def test_the_touchpoint_that_is_taken_for_another_departments_is_found(figures: Figures) -> None:
    agreement = {
        subject: estimate for (measure, subject), estimate in figures.items() if measure == "perception_agreement"
    }
    worst = min(agreement, key=lambda subject: known(agreement[subject].value))
    assert worst == "web.site"
    assert all(
        known(agreement[worst].ci)[1] < known(estimate.ci)[0]
        for subject, estimate in agreement.items()
        if subject != worst
    )


def test_hidden_spend_and_the_wish_for_more_ease_are_found(figures: Figures) -> None:
    assert known(figures["hidden_spend", "EUR"].value) > 0.5
    assert figures["expectation_gap", "ces"].differs
    assert known(figures["expectation_gap", "ces"].value) < 0


def test_the_department_that_leaves_cases_open_is_found(figures: Figures) -> None:
    slow, usual = figures["time_to_close_s", "administration"], figures["time_to_close_s", "service"]
    assert known(slow.value) > 4 * known(usual.value)
    assert (
        known(figures["confirmed_by_customer", "administration"].ci)[1]
        < known(figures["confirmed_by_customer", "service"].ci)[0]
    )

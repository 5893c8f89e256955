"""Facts about governance: what is rejected, what is kept, and that nothing changes for anybody else."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings

from metrics.catalogue import CONTEXT_KINDS, GOVERNANCE_KINDS, KINDS, METRICS
from metrics.events import facts
from metrics.events.decoding import decode_run
from metrics.events.event import Event, RecordLimits
from metrics.events.governance_fields import FIELDS, GovernanceEvent, details
from metrics.events.rejection import Reason, Rejected
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from tests.metrics.events_near import GOOD, GOVERNANCE, STAMP_MS, encoded, near_events
from tests.metrics.registry_text import COMPANY_OF_TWO, rule

PLAIN = {name: value for name, value in GOOD.items() if name != "score"}


def of(kind: str, **fields: Any) -> dict[str, Any]:
    made = PLAIN | {"kind": kind} | GOVERNANCE[kind] | fields
    return {name: value for name, value in made.items() if value is not ...}


def judged(event: dict[str, Any]) -> Event | Rejected:
    run = decode_run([encoded(event)], [STAMP_MS], RecordLimits())
    return run.events[0] if run.events else run.rejected[0][1]


@pytest.mark.parametrize("kind", [*GOVERNANCE_KINDS, *CONTEXT_KINDS])
def test_each_kind_is_accepted_with_its_own_fields_and_no_unknown_one(kind: str) -> None:
    run = decode_run([encoded(of(kind))], [STAMP_MS], RecordLimits())
    assert (run.rejected, run.unknown_fields) == ([], 0)
    [event] = run.events
    assert isinstance(event, GovernanceEvent)
    own = {name: value for name, value in GOVERNANCE[kind].items() if name in FIELDS[kind]}
    assert json.loads(details(event) or "{}") == own


@pytest.mark.parametrize(
    ("event", "reason", "says"),
    [
        (of("ownership_answer", role=...), Reason.MISSING_FIELD, "required for kind ownership_answer and absent: role"),
        (
            of("ownership_answer", answer="Sales!"),
            Reason.BAD_VALUE,
            'the id of a department, "nobody" or "don\'t know"',
        ),
        (of("ownership_answer", answer=""), Reason.BAD_VALUE, "answer is rejected"),
        (of("ownership_answer", facet="tone"), Reason.BAD_VALUE, "facet must be one of: voice, delivery, oversight"),
        (of("ownership_answer", facet=None), Reason.BAD_TYPE, "facet must be a string, not null"),
        (of("success_answer", metric="joy"), Reason.BAD_VALUE, "metric must be one of: nps, csat"),
        (of("success_answer", value="5"), Reason.BAD_TYPE, "value must be a number"),
        (of("success_answer", value=-1e12), Reason.BAD_VALUE, "value must be between -10^12 and 10^12"),
        (of("spend", amount=..., currency=...), Reason.MISSING_FIELD, "absent: amount, currency"),
        (of("spend", currency=...), Reason.MISSING_FIELD, "absent: currency"),
        (of("spend", currency="eur"), Reason.BAD_VALUE, "ISO 4217"),
        (of("spend", category="x" * 65), Reason.BAD_VALUE, "category is rejected"),
        (of("case_opened", case_id=7), Reason.BAD_TYPE, "case_id must be a string"),
        (of("case_closed", resolved=...), Reason.MISSING_FIELD, "absent: resolved"),
        (of("case_closed", resolved="yes"), Reason.BAD_TYPE, "resolved must be true or false"),
        (
            of("case_closed", confirmed_by_customer=1),
            Reason.BAD_TYPE,
            "confirmed_by_customer must be true or false, not the number 1",
        ),
        (of("case_opened", score=3), Reason.BAD_VALUE, "score goes with nps, csat, ces"),
        (of("case_opened", count=3), Reason.BAD_VALUE, "count goes with awareness, visit"),
        (of("case_opened", amount="1", currency="EUR"), Reason.BAD_VALUE, "amount goes with"),
        (of("case_opened", touchpoint="A B"), Reason.BAD_VALUE, "must be a dotted id"),
        (of("note", text=...), Reason.MISSING_FIELD, "required for kind note and absent: text"),
        (of("note", text=""), Reason.BAD_VALUE, "text is rejected"),
        (of("note", text="x" * 501), Reason.BAD_VALUE, "text is rejected"),
        (of("note", text=["x"]), Reason.BAD_TYPE, "text must be a string, not an array"),
        (of("note", department="I.T."), Reason.BAD_VALUE, "department must be the id of a department"),
        (of("note", touchpoint=""), Reason.BAD_VALUE, "touchpoint: "),
        (of("note", touchpoint="A B"), Reason.BAD_VALUE, "must be a dotted id"),
        (of("note", touchpoint=..., occurred_at=...), Reason.MISSING_FIELD, "absent: touchpoint, occurred_at"),
        (of("survey_sent", touchpoint=...), Reason.MISSING_FIELD, "absent: touchpoint"),
        (of("survey_sent", score=3), Reason.BAD_VALUE, "score goes with nps, csat, ces"),
        ({**of("case_opened"), "kind": "case_reopened"}, Reason.UNKNOWN_KIND, "case_opened case_closed"),
    ],
)
def test_what_is_wrong_is_reported_with_its_field(event: dict[str, Any], reason: Reason, says: str) -> None:
    verdict = judged(event)
    assert isinstance(verdict, Rejected)
    assert verdict.reason is reason
    assert says in verdict.detail


def test_a_number_beyond_any_number_is_rejected() -> None:
    for number in ("1e400", "9" * 500):
        record = encoded(of("success_answer", value=7)).replace(b": 7", f": {number}".encode())
        assert decode_run([record], [STAMP_MS], RecordLimits()).rejected[0][1].reason is Reason.BAD_VALUE


@pytest.mark.parametrize("answer", ["sales", "nobody", "don't know"])
def test_an_answer_names_a_department_nobody_or_nothing(answer: str) -> None:
    assert isinstance(judged(of("ownership_answer", answer=answer, facet="voice")), GovernanceEvent)


@pytest.mark.parametrize("kind", KINDS)
def test_for_every_other_kind_these_fields_stay_unknown_and_are_ignored(kind: str) -> None:
    event = {**(GOOD if kind == "nps" else PLAIN), "kind": kind, "role": 3, "value": None, "case_id": "", "answer": []}
    if kind in ("csat", "ces"):
        event["score"] = 3
    run = decode_run([encoded(event)], [STAMP_MS], RecordLimits())
    assert run.rejected == []
    assert run.unknown_fields == 4
    assert details(run.events[0]) == ""


def test_fields_of_another_governance_kind_are_unknown_too() -> None:
    run = decode_run([encoded(of("case_opened", category="x"))], [STAMP_MS], RecordLimits())
    assert (len(run.events), run.unknown_fields) == (1, 1)
    assert json.loads(details(run.events[0])) == {"case_id": "c-1"}


def test_a_note_may_be_about_a_department_or_about_everything() -> None:
    event = judged(of("note", touchpoint=..., department="sales", customer="c-1"))
    assert isinstance(event, GovernanceEvent)
    assert (event.touchpoint, details(event)) == ("", '{"text": "Campaign began", "department": "sales"}')


def test_a_rule_cannot_ask_for_a_governance_kind_and_no_metric_counts_one() -> None:
    assert not {*GOVERNANCE_KINDS, *CONTEXT_KINDS} & set(KINDS)
    assert not {*GOVERNANCE_KINDS, *CONTEXT_KINDS} & {kind for metric in METRICS.values() for kind in metric.kinds}


INVITED = {"event_id": "e-1", "source": "web-shop", "kind": "survey_sent", "touchpoint": "web.checkout"}


@settings(max_examples=100, deadline=None)
@given(near_events(), near_events())
@example(INVITED | {"occurred_at": "2026-11-22T09:59:30.250Z"}, INVITED | {"occurred_at": "2026-11-22T09:59:30.250Z"})
def test_facts_gathered_in_any_mixture_keep_their_details(one: dict[str, Any], other: dict[str, Any]) -> None:
    attribution = Attribution(parse(COMPANY_OF_TWO + rule("*", "it")))
    run = decode_run([encoded(event) for event in (one, other, one)], [STAMP_MS] * 3, RecordLimits())
    gathered = facts.columns(run.events, run.occurred_ms, attribution, "1", b"k" * 32)
    expected = [details(event) for event in run.events]
    assert len({len(column) for column in gathered}) == 1
    assert facts.column_names(gathered)[:15] == facts.COLUMNS
    if any(expected):
        assert (facts.column_names(gathered)[15], gathered[15]) == (facts.DETAILS, expected)
    else:
        assert len(gathered) == 15

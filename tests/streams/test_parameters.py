import re
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import msgspec
import pytest

from metrics.catalogue import METRICS
from metrics.durations import DEFAULT_PERIOD
from metrics.events.rejection import Reason
from metrics.report.localise import LANGUAGES
from metrics.zones import UTC_ZONE, zone_of
from streams import parameters
from streams.governance import report
from streams.parameters import (
    BadParameter,
    BalanceParameters,
    GovernanceParameters,
    InstantParameters,
    NoParameters,
    Parameters,
    PeriodParameters,
    RejectedParameters,
    ReportParameters,
    ScorecardParameters,
    decode,
    parameters_of,
)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
QUESTIONS = (
    NoParameters, InstantParameters, ScorecardParameters, BalanceParameters, PeriodParameters, GovernanceParameters,
    ReportParameters, RejectedParameters,
)  # fmt: skip


def test_texts_become_values() -> None:
    texts = {"at": "2026-04-01T14:00:00+02:00", "view": "as_is", "department": "it", "metric": "nps", "horizon": "long"}
    assert decode(BalanceParameters, texts.items()) == BalanceParameters(
        at=NOON, view="as_is", department="it", metric="nps", horizon="long"
    )
    assert decode(RejectedParameters, [("reason", "too_old"), ("limit", "7")]) == RejectedParameters(
        reason=Reason.TOO_OLD, limit=7
    )


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_question_without_parameters_has_the_defaults(kind: type[Parameters]) -> None:
    question = decode(kind, [])
    for parameter in parameters_of(kind).values():
        assert getattr(question, parameter.field) == parameter.default


@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_parameter_says_what_it_is_for_and_what_it_may_be(kind: type[Parameters]) -> None:
    for parameter in parameters_of(kind).values():
        assert re.match(r"[A-Za-z].*[.]$", parameter.description)
        if parameter.type not in (date, datetime):
            assert len(parameters.rule(parameter.type)) > 5


@pytest.mark.parametrize(
    ("kind", "name", "text", "problem"),
    [
        (BalanceParameters, "at", "yesterday", "at: 'yesterday' must be a date such as 2026-03-01"),
        (BalanceParameters, "at", "2026-04-01T12:00:00", "at: '2026-04-01T12:00:00' has no offset"),
        (BalanceParameters, "view", "as_if", "view: one of as_was, as_is"),
        (BalanceParameters, "department", "", "department: an id of lower-case letters, digits, '_' and '-'"),
        (BalanceParameters, "department", "Sales", "department: an id of lower-case letters, digits, '_' and '-'"),
        (BalanceParameters, "metric", "mood", f"metric: one of {', '.join(METRICS)}"),
        (BalanceParameters, "horizon", "middle", "horizon: one of short, long"),
        (GovernanceParameters, "measure", "a b", "measure: one of clear_lines, coordination, accountable"),
        (ReportParameters, "lang", "fr", "lang: one of en, it, es"),
        (ReportParameters, "format", "pdf", "format: one of json, md, html"),
        (RejectedParameters, "reason", "bad", "reason: one of too_large, not_json"),
        (RejectedParameters, "limit", "0", "limit: a whole number from 1 to 500"),
        (RejectedParameters, "limit", "501", "limit: a whole number from 1 to 500"),
        (RejectedParameters, "limit", "1.5", "limit: a whole number from 1 to 500"),
        (RejectedParameters, "limit", "\u0661", "limit: a whole number from 1 to 500"),
        (RejectedParameters, "limit", "9" * 5000, "limit: a whole number from 1 to 500"),
    ],
)
def test_a_bad_value_is_explained(kind: type[Parameters], name: str, text: str, problem: str) -> None:
    with pytest.raises(BadParameter, match=re.escape(problem)) as raised:
        decode(kind, [(name, text)])
    assert raised.value.name == name
    assert f"{name}: {raised.value.remedy}" == str(raised.value)


@pytest.mark.parametrize("name", ["at", "view", "metric", "horizon"])
def test_null_is_no_absence(name: str) -> None:
    with pytest.raises(BadParameter, match=name):
        decode(BalanceParameters, [(name, "null")])
    assert decode(BalanceParameters, [("department", "null")]).department == "null"


def test_unknown_names_are_explained_together_and_cut_off() -> None:
    with pytest.raises(BadParameter, match=r"unknown parameters: since, until; known: at, department, view$") as raised:
        decode(ScorecardParameters, [("until", ""), ("since", "")])
    assert raised.value.name == ""
    with pytest.raises(BadParameter, match="known: none"):
        decode(NoParameters, [("at", "")])
    with pytest.raises(BadParameter, match=r"unknown parameters: x{200}; known"):
        decode(ScorecardParameters, [("x" * 2000, "")])


def test_a_parameter_is_given_once_whatever_its_spelling() -> None:
    with pytest.raises(BadParameter, match=r"^view: given more than once; give it once$"):
        decode(BalanceParameters, [("view", "as_was"), ("view", "as_was")])
    with pytest.raises(BadParameter, match=r"^from: given more than once, as since and from; give it once$"):
        decode(PeriodParameters, [("since", "2026-03-01"), ("from", "2026-03-01")])


def test_old_names_mean_the_new_ones_and_are_not_offered() -> None:
    old = decode(PeriodParameters, [("since", "2026-03-01"), ("at", "2026-04-01")])
    assert old == decode(PeriodParameters, [("from", "2026-03-01"), ("to", "2026-04-01")])
    with pytest.raises(BadParameter, match=r"known: from, to, view$"):
        decode(PeriodParameters, [("until", "2026-03-01")])
    with pytest.raises(BadParameter, match=r"^since: 'x' must be a date"):
        decode(PeriodParameters, [("since", "x")])


def test_a_period_ends_now_and_has_90_days_by_default() -> None:
    assert PeriodParameters().bounds(NOON, UTC_ZONE) == (NOON - DEFAULT_PERIOD, NOON)
    assert PeriodParameters(to=NOON).bounds(NOON + timedelta(9), UTC_ZONE) == (NOON - DEFAULT_PERIOD, NOON)
    assert PeriodParameters(from_=NOON).bounds(NOON + timedelta(1), UTC_ZONE) == (NOON, NOON + timedelta(1))


@pytest.mark.parametrize("kind", [InstantParameters, ScorecardParameters, BalanceParameters])
def test_a_future_instant_is_refused_and_now_is_none(kind: type[InstantParameters]) -> None:
    assert kind(at=NOON).past(NOON) == NOON
    assert kind().past(NOON) is None
    with pytest.raises(BadParameter, match=r"^at: in the future, by a clock that shows 2026-04-01T12:00:00Z: give an"):
        kind(at=NOON + timedelta(microseconds=1)).past(NOON)
    with pytest.raises(BadParameter, match=r"^to: in the future"):
        PeriodParameters(to=NOON + timedelta(microseconds=1)).bounds(NOON, UTC_ZONE)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(-1), timedelta(milliseconds=999)])
def test_a_period_begins_before_it_ends(length: timedelta) -> None:
    with pytest.raises(BadParameter, match=r"^from: give an instant before to, by a second or more$"):
        PeriodParameters(from_=NOON, to=NOON + length).bounds(NOON + timedelta(1), UTC_ZONE)


def test_a_question_takes_no_other_fields() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `mood`"):
        msgspec.json.decode(b'{"mood": 1}', type=BalanceParameters)


def test_closed_sets_are_those_of_their_owners() -> None:
    assert get_args(parameters.MetricName) == tuple(METRICS)
    assert get_args(parameters.LanguageCode) == tuple(LANGUAGES)
    assert get_args(parameters.ReportFormat) == ("json", *report.FORMATS)


def test_a_date_is_a_day_by_the_clocks_of_the_zone_and_a_time_is_the_instant_that_it_says() -> None:
    parameters = decode(PeriodParameters, [("from", "2026-03-29"), ("to", "2026-03-30T00:00:00Z")])
    begin, end = parameters.bounds(NOON, zone_of("Europe/Rome"))
    assert (begin, end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    parameters = decode(PeriodParameters, [("from", "2026-03-29"), ("to", "2026-03-30")])
    begin, end = parameters.bounds(NOON, zone_of("Europe/Rome"))
    assert end - begin == timedelta(hours=23)
    assert parameters.bounds(NOON, UTC_ZONE) == (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("pairs", "hint"),
    [
        ([("metric", "NPS")], "; did you mean nps?"),
        ([("horizon", "Long")], "; did you mean long?"),
        ([("metrics", "nps")], "; did you mean metric?"),
        ([("metric", "joy")], "conversion_rate"),
    ],
)
def test_a_value_or_a_name_that_is_near_one_says_which_was_meant(pairs: list[tuple[str, str]], hint: str) -> None:
    with pytest.raises(BadParameter) as caught:
        decode(BalanceParameters, pairs)
    assert str(caught.value).endswith(hint)

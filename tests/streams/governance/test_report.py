"""The report of the planted company names each thing that was planted, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from metrics.report.findings import Finding
from metrics.report.localise import LANGUAGES
from streams.drift.data_quality import data_quality
from streams.governance import report
from streams.simulate.governance import SUCCESS
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of, rules_of
from tests.streams.given import REGISTRY as SMALL
from tests.streams.reporting import AT, QUESTION, RULES, SINCE

BAD = {
    ("two_accountable", "product.label", "administration logistics"),
    ("orphan", "messaging.whatsapp", ""),
    ("new_silo", "", ""),
    ("bad_hand_off", "", "sales"),
    ("hidden_spend", "", "EUR"),
    ("mistaken_owner", "web.site", "it"),
    ("myopia", "", ""),
    ("drift_down", "", ""),
    *(("expect_more", "", "") for _ in SUCCESS),
}
DEPARTMENTS = {
    "two_accountable": "logistics", "orphan": "unowned", "new_silo": "cx", "bad_hand_off": "administration",
    "mistaken_owner": "marketing", "myopia": "sales", "drift_down": "cx",
}  # fmt: skip


@pytest.fixture(scope="module")
def written(planted_store: Store) -> report.Written:
    return report.write(planted_store, RULES, QUESTION)


def named(written: report.Written, *kinds: str) -> list[Finding]:
    return [finding for finding in written.report.findings if finding.kind in kinds]


@pytest.mark.long
def test_each_planted_thing_is_named_and_nothing_else_is_blamed(written: report.Written) -> None:
    bad = [finding for finding in written.report.findings if finding.of.tone == "bad"]
    assert {(finding.kind, finding.touchpoint, finding.other) for finding in bad} == BAD
    assert {finding.kind: finding.department for finding in bad if finding.department} == DEPARTMENTS
    assert sorted(finding.metric for finding in bad if finding.kind == "expect_more") == sorted(SUCCESS)
    assert [finding.role for finding in bad if finding.kind == "mistaken_owner"] == ["it"]


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=20), timedelta(days=58)])
def test_at_one_instant_the_report_and_the_alert_name_the_same_departments_as_myopic(
    planted_store: Store, ago: timedelta
) -> None:
    found = report.write(planted_store, RULES, replace(QUESTION, at=AT - ago))
    states = data_quality(planted_store, RULES, AT - ago)
    firing = [department for (companion, department), fires in states.items() if companion == "myopia" and fires]
    assert [finding.department for finding in named(found, "myopia")] == firing
    assert firing == ([] if ago > timedelta(days=56) else ["sales"])


def test_of_two_changes_of_owner_one_helped_and_the_other_did_nothing(written: report.Written) -> None:
    changes = {
        finding.touchpoint: finding.kind
        for finding in named(written, "change_helped", "change_hurt", "change_no_effect")
    }
    assert changes == {"product.manual": "change_helped", "events.fair_stand": "change_no_effect"}


def test_whatever_is_claimed_rests_on_thirty_observations_and_has_an_interval(written: report.Written) -> None:
    for finding in named(written, "bad_hand_off", "mistaken_owner", "expect_more", "change_helped", "myopia"):
        assert finding.estimate is not None
        assert finding.estimate.ci is not None
        assert not finding.is_uncertain


def test_the_same_facts_registry_and_instants_give_the_same_letters(
    planted_store: Store, written: report.Written
) -> None:
    again = report.write(planted_store, RULES, QUESTION)
    assert [again.text(form) for form in report.FORMATS] == [written.text(form) for form in report.FORMATS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_no_longer_than_a_meeting_can_work_through(planted_store: Store, language: str) -> None:
    text = report.write(planted_store, RULES, QUESTION, language).text("md")
    assert 20 <= sum(line.startswith("- ") for line in text.splitlines()) <= 45


def test_json_has_every_statement_with_its_figure_and_its_words(written: report.Written) -> None:
    answer = report.as_json(written)
    assert (answer["since"], answer["at"]) == ("2026-08-01T00:00:00Z", "2026-11-29T00:00:00Z")
    statements = [statement for part in answer["sections"] for statement in part["statements"]]
    assert len(statements) == len(written.report.findings)
    [change] = [statement for statement in statements if statement["kind"] == "change_helped"]
    assert change["since"] == "2026-10-01T00:00:00Z"
    assert change["ci_low"] <= change["figure"] <= change["ci_high"]
    assert change["text"] in written.text("html")
    assert all(statement["link"].startswith("/?page=") for statement in statements)


def test_owners_of_the_instant_change_nobody(planted_store: Store) -> None:
    written = report.write(planted_store, RULES, replace(QUESTION, view="as_is"))
    assert {finding.touchpoint for finding in named(written, "two_accountable", "orphan")} == {
        "product.label",
        "messaging.whatsapp",
    }


def test_what_was_in_alarm_later_is_not_told(planted_store: Store) -> None:
    earlier = report.write(planted_store, RULES, replace(QUESTION, at=AT.replace(day=1)))
    assert named(earlier, "drift_down") == []


def test_an_empty_store_has_a_report_of_the_registry_and_open_questions(store: Store) -> None:
    written = report.write(store, RULES, QUESTION)
    assert {finding.kind for finding in written.report.findings if finding.of.tone == "bad"} == {
        "two_accountable",
        "new_silo",
    }
    assert named(written, "no_success_answers", "no_ownership_answers")
    assert "messaging" not in written.text("md")


def test_a_version_of_the_registry_that_came_into_force_is_told(store: Store) -> None:
    first, second = rules_of(SMALL), rules_of(SMALL.replace('"v1"', '"v2"'))
    at = NOON.replace(month=9)
    store.insert_facts(facts_of([event(1, at=at)], first))
    store.insert_facts(facts_of([event(2, at=at.replace(day=5)), event(3, at=at.replace(day=9))], second))
    written = report.write(store, second, replace(QUESTION, since=SINCE))
    assert [finding.other for finding in named(written, "registry_changed")] == ["v2"]

"""Touchpoints without an owner, and rules for touchpoints that nobody declared."""

from metrics.lint.lint import lint
from metrics.registry import Code
from tests.known import known
from tests.metrics.registry_text import company, findings, rule, touchpoint


def test_a_rule_for_a_touchpoint_nobody_declared_is_a_warning_with_the_likely_typo() -> None:
    text = company(touchpoint("web.checkout"), rule("web.*", "it"), rule("web.chekout", "sales"))
    (problem,) = lint(text)
    assert (problem.severity, problem.code) == ("warning", Code.UNDECLARED_TOUCHPOINT)
    assert problem.path == "ownership[2].touchpoint"
    assert problem.remedy == "did you mean 'web.checkout'?"


def test_a_prefix_that_no_declared_touchpoint_has_is_a_warning() -> None:
    text = company(touchpoint("web.checkout"), rule("web.*", "it"), rule("webs.*", "sales"), rule("zzz.*", "sales"))
    first, second = lint(text)
    assert first.code is second.code is Code.UNDECLARED_TOUCHPOINT
    assert (first.message, first.remedy) == ("no declared touchpoint begins with 'webs.'", "did you mean 'web.*'?")
    assert second.remedy == "add a [[touchpoint]] or correct the id"


def test_a_declared_touchpoint_that_no_rule_matches_is_a_warning() -> None:
    text = company(touchpoint("web.checkout"))
    (problem,) = lint(text)
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.TOUCHPOINT_UNOWNED, "touchpoint[1].id")
    assert text.splitlines()[known(problem.line) - 1] == 'id = "web.checkout"'


def test_a_gap_between_two_owners_is_reported_with_its_dates() -> None:
    first, second = rule("web", "it", "to = 2026-01-01"), rule("web", "sales", "from = 2026-03-01T00:30:00Z")
    (problem,) = lint(company(touchpoint("web"), first, second))
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.OWNERSHIP_GAP, "touchpoint[1].id")
    assert problem.message == "nobody owns events at 'web' from 2026-01-01 00:00 UTC to 2026-03-01 00:30 UTC"


def test_an_end_without_a_successor_is_a_gap_without_end() -> None:
    (problem,) = lint(company(touchpoint("web"), rule("web", "it", "to = 2026-01-01")))
    assert problem.message == "nobody owns events at 'web' from 2026-01-01 00:00 UTC"


def test_the_time_before_the_first_rule_is_no_gap() -> None:
    assert findings(company(touchpoint("web"), rule("web", "it", "from = 2026-01-01"))) == []


def test_events_outside_the_filters_of_all_rules_are_a_gap() -> None:
    smb = rule("web", "it", 'segment = "smb"')
    (problem,) = lint(company(touchpoint("web"), smb))
    assert problem.message == "nobody owns events at 'web' outside the segments and regions of its rules"


def test_a_gap_of_some_kinds_names_them() -> None:
    kinds = ("awareness", "visit", "conversion", "nps", "csat", "ces", "referral", "renewal", "contact")
    (problem,) = lint(company(touchpoint("web"), *(rule("web", "it", f'kind = "{kind}"') for kind in kinds)))
    assert problem.message == "nobody owns events of kind repeat_purchase, churn at 'web'"

"""What `cxb check` says about files that can be read, and about those that cannot."""

from pathlib import Path

import pytest

from metrics.lint import lint as lint_module
from metrics.lint.lint import lint
from metrics.registry import Code, told_apart
from tests.known import known
from tests.metrics.registry_text import company, findings, rule, touchpoint

ROOT = Path(__file__).parents[3]
OLIST = ROOT / ".." / "shared" / "data" / "olist" / "registry.toml"


def test_the_sample_registry_has_no_finding() -> None:
    assert lint((ROOT / "deploy" / "registry.toml").read_text(encoding="utf-8")) == ()


@pytest.mark.olist
@pytest.mark.skipif(not OLIST.exists(), reason="the real data set is not next to the project")
def test_the_registry_of_the_real_data_set_has_no_error() -> None:
    problems = lint(OLIST.read_text(encoding="utf-8"))
    expected = (Code.UNDECLARED_TOUCHPOINT, Code.NO_RECEIVER, Code.VOLUME_FOR_ALL)
    assert {(problem.severity, problem.code) for problem in problems} == {("warning", code) for code in expected}


@pytest.mark.parametrize(("limit", "severity"), [("MANY_TOLD_APART", "warning"), ("MOST_TOLD_APART", "error")])
def test_rules_that_tell_more_apart_than_a_limit_are_found(
    limit: str, severity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (told_apart, lint_module):
        monkeypatch.setattr(module, limit, 1, raising=False)
    [problem] = lint(company())
    assert (problem.severity, problem.code) == (severity, Code.MANY_TOLD_APART)
    assert "combinations of touchpoint, segment, region and kind" in problem.message


def test_a_company_without_faults_has_no_finding() -> None:
    assert lint(company()) == ()


def test_a_file_that_cannot_be_read_reports_its_structural_problems() -> None:
    assert findings('version = "1"') == [("error", Code.MISSING_KEY, "policy")]


def test_a_department_that_owns_and_contributes_nothing_is_a_warning() -> None:
    idle = '\n[[department]]\nid = "art"\nname = "Art"\noffice = "front"\n'
    assert findings(company(idle)) == [("warning", Code.IDLE_DEPARTMENT, "department[3].id")]
    assert findings(company(idle, touchpoint("web"), rule("web", "it", "contributors = { art = 0.1 }"))) == []


def test_departments_that_own_something_and_are_never_notified_are_one_warning() -> None:
    deaf = company(touchpoint("web"), rule("web", "it"), touchpoint("shop"), rule("shop", "sales"))
    assert findings(deaf) == []
    deaf = deaf.replace('receiver = "sales-oncall"\n', "")
    assert findings(deaf) == [("warning", Code.NO_RECEIVER, "department[2].receiver")]
    (problem,) = lint(deaf.replace('receiver = "it-oncall"\n', ""))
    assert (problem.path, "for it, sales:" in problem.message) == ("department[1].receiver", True)


def test_a_company_without_a_sponsor_is_reported() -> None:
    assert findings(company().replace('sponsor = "cmo"\n', "")) == [("warning", Code.NO_SPONSOR, "sponsor")]


def test_a_short_horizon_that_is_not_the_shorter_one_is_a_warning() -> None:
    text = company().replace("[[department]]", '[horizons]\nshort = "90d"\n\n[[department]]', 1)
    assert findings(text) == [("warning", Code.HORIZON_ORDER, "horizons.short")]


def test_targets_for_one_term_only_are_a_warning_that_names_the_departments() -> None:
    only_short = company().replace('metric = "nps"', 'metric = "traffic"\ndepartment = "company"')
    (problem,) = lint(only_short)
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.ONE_SIDED_TARGETS, "target")
    assert "no long-term metric has a target for it, sales" in problem.message
    one_department = company().replace('metric = "nps"', 'metric = "nps"\ndepartment = "it"')
    (problem,) = lint(one_department)
    assert "for sales, so" in problem.message


def test_a_target_that_no_owned_event_can_feed_is_a_warning() -> None:
    target = '\n[[target]]\nmetric = "{}"\ndepartment = "art"\nfloor = 0\ninternal = 1\n'
    art = '\n[[department]]\nid = "art"\nname = "Art"\noffice = "front"\nreceiver = "art"\n'
    tables = (art, touchpoint("web"), rule("web", "it"), rule("web", "art", 'kind = "conversion"'))
    assert findings(company(*tables, target.format("conversion_rate"))) == []
    text = company(*tables, target.format("csat"))
    assert findings(text) == [("warning", Code.TARGET_NOT_MEASURED, "target[1].metric")]


def test_findings_come_in_order_of_lines() -> None:
    text = company(touchpoint("gone"), touchpoint("web"), rule("web", "it"), rule("web", "it"), rule("nowhere", "it"))
    lines = [known(problem.line) for problem in lint(text)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_volume_that_each_department_has_to_reach_alone_is_a_warning_with_its_line() -> None:
    target = '\n[[target]]\nmetric = "traffic"\nfloor = 0\ninternal = 1750000\n'
    text = company(target)
    (problem,) = [problem for problem in lint(text) if problem.code == Code.VOLUME_FOR_ALL]
    assert (problem.severity, problem.line) == ("warning", text.splitlines().index('metric = "traffic"') + 1)
    assert "traffic has a target of 1,750,000 a day without a department" in problem.message
    assert findings(text.replace('metric = "traffic"', 'metric = "traffic"\ndepartment = "company"')) == []

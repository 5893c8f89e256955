"""What a registry says about governance, against itself: limits, silos, programmes, target groups, facets."""

import pytest

from metrics.lint.lint import lint
from metrics.registry import Code
from tests.metrics.registry_text import OTHERS, company, findings, rule, touchpoint

LIMIT = 'policy = "shared"\nmax_effective_owners = 1.5'
CARE = '\n[[department]]\nid = "care"\nname = "Customer service"\noffice = "front"\nreceiver = "care"\n'
CX = '\n[[department]]\nid = "cx"\nname = "Customer Experience"\noffice = "front"\nreceiver = "cx"\n'


def program(name: str, owner: str, target: int, *more: str, pattern: str = "web") -> str:
    top = f'\n[[program]]\nname = "{name}"\nowner = "{owner}"\ntouchpoints = ["{pattern}"]\nmetric = "nps"\n'
    return "\n".join((top + f"target = {target}", *more, ""))


def test_more_effective_owners_than_the_limit_are_a_warning() -> None:
    web = touchpoint("web") + rule("web", "it", "contributors = { sales = 0.5 }")
    assert findings(company(web)) == []
    crowded = company(web).replace('policy = "team"', LIMIT)
    [problem] = lint(crowded)
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.TOO_MANY_OWNERS, "ownership[1]")
    assert "2.00 effective owners, the policy allows 1.5" in problem.message
    assert findings(crowded.replace("sales = 0.5", "sales = 0.1")) == []


def test_the_most_specific_policy_counts() -> None:
    web = touchpoint("web.cart") + rule("web.*", "it", "contributors = { sales = 0.5 }")
    free = '\n[[touchpoint_policy]]\ntouchpoint = "web.*"\npolicy = "shared"\n'
    tight = free.replace('"web.*"', '"*"') + "max_effective_owners = 1\n"
    assert findings(company(web, free).replace('policy = "team"', LIMIT, 1)) == []
    assert [code for _, code, _ in findings(company(web, tight))] == [Code.TOO_MANY_OWNERS]


def test_a_team_is_one_owner_where_the_policy_is_team() -> None:
    team = '\n[[team]]\nid = "both"\nname = "Both"\noffice = "front"\nreceiver = "both"\n'
    team += "members = { it = 0.5, sales = 0.5 }\n"
    text = company(team, touchpoint("web"), rule("web", "both")).replace(
        '"team"\n', '"team"\nmax_effective_owners = 1\n', 1
    )
    assert findings(text) == []
    assert [code for _, code, _ in findings(text.replace('policy = "team"', 'policy = "shared"'))] == [
        Code.TOO_MANY_OWNERS
    ]


def test_a_new_silo_is_named() -> None:
    most = "".join(touchpoint(f"web.{name}") for name in "abcd") + rule("web.*", "cx")
    text = company(CX, CARE, most)
    assert ("warning", Code.NEW_SILO, "department[3].id") in findings(text)
    shared = company(CX, CARE, most, rule("web.a", "care"))
    assert Code.NEW_SILO not in {code for _, code, _ in findings(shared)}


def test_a_silo_that_the_file_ends_is_none() -> None:
    most = "".join(touchpoint(f"web.{name}") for name in "abcd")
    rules = rule("web.*", "cx", "to = 2026-06-01") + rule("web.*", "care", "from = 2026-06-01")
    assert findings(company(CX, CARE, most, rules)) == []


def test_two_programs_for_the_same_metric_and_touchpoint_are_a_warning() -> None:
    web = touchpoint("web") + rule("web", "it")
    [problem] = lint(company(web, program("a", "it", 45), program("b", "sales", 30)))
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.PROGRAM_DUPLICATE, "program[2]")
    assert "program[1] (a) is to bring nps of web to 45 for 'it', this one to 30 for 'sales'" in problem.message


@pytest.mark.parametrize(
    "other",
    [
        program("b", "it", 45),
        program("b", "sales", 30, pattern="other.*"),
        program("b", "sales", 30).replace('"nps"', '"csat"'),
        program("b", "sales", 30, "from = 2026-07-01"),
    ],
)
def test_programs_that_do_not_meet_are_fine(other: str) -> None:
    web = touchpoint("web") + rule("web", "it")
    assert findings(company(web, program("a", "it", 45, "from = 2026-01-01", "to = 2026-07-01"), other)) == []


def test_policies_and_programs_that_match_nothing_are_a_warning() -> None:
    nowhere = '\n[[touchpoint_policy]]\ntouchpoint = "wbe.*"\npolicy = "team"\n'
    assert findings(company(nowhere, program("a", "it", 4, pattern="fax"))) == [
        ("warning", Code.UNDECLARED_TOUCHPOINT, "touchpoint_policy[1].touchpoint"),
        ("warning", Code.UNDECLARED_TOUCHPOINT, "program[1].touchpoints"),
    ]


def test_a_segment_outside_the_declared_ones_is_a_warning() -> None:
    web = touchpoint("web") + rule("web", "it") + rule("web", "sales", 'segment = "smb"')
    assert findings(company(web)) == []
    declared = '\n[[segment]]\nid = "large"\nname = { en = "Large firms" }\n'
    assert findings(company(web, declared)) == [("warning", Code.UNDECLARED_SEGMENT, "ownership[2].segment")]


def test_owners_of_different_facets_do_not_conflict() -> None:
    facets = rule("web", "sales", 'facet = "voice"') + rule("web", "it", 'facet = "delivery"')
    assert findings(company(touchpoint("web"), rule("web", "it"), facets)) == []


def test_two_owners_of_one_facet_conflict_once() -> None:
    facets = rule("web", "sales", 'facet = "voice"') + rule("web", "it", 'facet = "voice"')
    assert findings(company(touchpoint("web"), rule("web", "it"), facets)) == [
        ("error", Code.RULE_CONFLICT, "ownership[2]")
    ]


def test_a_conflict_of_whole_touchpoints_is_reported_once_whatever_the_facets() -> None:
    wholes = rule("web", "it") + rule("web", "sales")
    facets = rule("web", "sales", 'facet = "voice"') + rule("web", "it", 'facet = "delivery"')
    assert findings(company(touchpoint("web"), wholes, facets)) == [("error", Code.RULE_CONFLICT, "ownership[1]")]


def test_a_touchpoint_with_owners_of_facets_alone_has_no_owner_of_its_events() -> None:
    [problem] = lint(company(touchpoint("web"), rule("web", "it", 'facet = "voice"')))
    assert problem.code == Code.TOUCHPOINT_UNOWNED
    assert "without facet" in problem.remedy


def test_a_sponsor_of_every_rule_will_do() -> None:
    text = company().replace('sponsor = "cmo"\n', "")
    by_rule = text.replace('owner = "it"\n', 'owner = "it"\nsponsor = "a"\n').replace(
        'owner = "sales"\n', 'owner = "sales"\nsponsor = "b"\n'
    )
    assert [code for _, code, _ in findings(text)] == [Code.NO_SPONSOR]
    assert findings(by_rule) == []
    assert OTHERS in text

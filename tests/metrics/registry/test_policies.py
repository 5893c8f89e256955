"""Teams, policies by touchpoint, programmes, target groups, spend: what is read, and what is wrong with it."""

import pytest

from metrics.lint.lint import lint
from metrics.registry import Code, Programme, Segment, SpendCategories, TouchpointPolicy, lines_of, parse
from tests.metrics.registry_text import COMPANY_OF_TWO, MINIMAL, findings, only_problem_of, rule, touchpoint, with_rule

TEAM = '\n[[team]]\nid = "digital"\nname = "Digital"\noffice = "front"\nmembers = { it = 0.5, sales = 0.5 }\n'
PROGRAM = '\n[[program]]\nname = "Fewer steps"\nowner = "it"\ntouchpoints = ["web.*"]\nmetric = "nps"\ntarget = 45\n'


def test_what_governance_adds_becomes_typed_values() -> None:
    registry = parse(
        COMPANY_OF_TWO.replace('policy = "single"', 'policy = "shared"\nmax_effective_owners = 2.5')
        + '\n[[department]]\nid = "courier"\nname = "Courier"\noffice = "back"\nkind = "partner"\n'
        + TEAM
        + '\n[[touchpoint_policy]]\ntouchpoint = "web.*"\npolicy = "team"\nmax_effective_owners = 1\n'
        + PROGRAM
        + '\n[[segment]]\nid = "smb"\nname = { en = "Small firms" }\n'
        + '\n[spend]\ndeclared = ["surveys"]\nhidden = ["rework"]\n'
        + rule("web.*", "digital", 'facet = "voice"', 'consulted = ["courier"]', 'sponsor = "cto"')
    )
    assert registry.max_effective_owners == 2.5
    assert [(department.id, department.kind) for department in registry.departments] == [
        ("it", "department"),
        ("sales", "department"),
        ("courier", "partner"),
        ("digital", "team"),
    ]
    assert registry.departments[3].members == {"it": 0.5, "sales": 0.5}
    assert registry.policies == (TouchpointPolicy("web.*", "team", 1.0),)
    assert registry.programmes == (Programme("Fewer steps", "it", ("web.*",), "nps", 45.0, None, None),)
    assert registry.segments == (Segment("smb", {"en": "Small firms"}),)
    assert registry.spend == SpendCategories(("surveys",), ("rework",))
    [owned] = registry.ownerships
    assert (owned.owner, owned.facet, owned.consulted, owned.sponsor) == ("digital", "voice", ("courier",), "cto")


def test_a_file_without_any_of_it_says_nothing_about_it() -> None:
    registry = parse(with_rule('touchpoint = "*"\nowner = "it"'))
    assert (registry.policies, registry.programmes, registry.segments) == ((), (), ())
    assert (registry.max_effective_owners, registry.spend) == (None, SpendCategories())
    assert {department.kind for department in registry.departments} == {"department"}
    [owned] = registry.ownerships
    assert (owned.facet, owned.consulted, owned.sponsor) == (None, (), None)


def test_a_team_has_its_own_lines() -> None:
    text = COMPANY_OF_TWO + TEAM
    lines = lines_of(text, parse(text))
    assert lines.find("department", 2, "id") == 10
    assert lines.find("team", 1, "members") == 19


@pytest.mark.parametrize(
    ("text", "code", "path", "says"),
    [
        (TEAM.replace("sales = 0.5", "sales = 0.4"), Code.BAD_MEMBERS, "team[1].members", "add up to 0.9"),
        (TEAM.replace("members = { it = 0.5, sales = 0.5 }", ""), Code.MISSING_KEY, "team[1].members", "add members"),
        (TEAM.replace("sales = 0.5", "slaes = 0.5"), Code.UNKNOWN_DEPARTMENT, "team[1].members.slaes", "'sales'"),
        (TEAM.replace("it = 0.5", "it = 1.5"), Code.BAD_SHARE, "team[1].members.it", "not between 0 and 1"),
        (TEAM.replace("{ it = 0.5, sales = 0.5 }", '"it"'), Code.BAD_TYPE, "team[1].members", "a table of shares"),
        (TEAM.replace('"digital"', '"it"'), Code.DUPLICATE_ID, "team[1].id", "it is already in department[1]"),
        (TEAM + TEAM, Code.DUPLICATE_ID, "team[2].id", "digital is already in team[1]"),
        (TEAM.replace('"digital"', '"company"'), Code.RESERVED_ID, "team[1].id", "choose another id"),
        (PROGRAM.replace('"it"', '"art"'), Code.UNKNOWN_DEPARTMENT, "program[1].owner", "unknown department 'art'"),
        (
            PROGRAM.replace('["web.*"]', '["web.*", "a b"]'),
            Code.BAD_ID,
            "program[1].touchpoints",
            "not a touchpoint pat",
        ),
        (PROGRAM.replace('touchpoints = ["web.*"]', ""), Code.MISSING_KEY, "program[1].touchpoints", "add touchpoints"),
        (PROGRAM.replace('["web.*"]', '"web.*"'), Code.BAD_TYPE, "program[1].touchpoints", "an array of strings"),
        (PROGRAM.replace('["web.*"]', '["web.*", " "]'), Code.BAD_VALUE, "program[1].touchpoints", "has an empty text"),
        (PROGRAM.replace('"nps"', '"joy"'), Code.UNKNOWN_METRIC, "program[1].metric", "unknown metric 'joy'"),
        (PROGRAM.replace("target = 45", ""), Code.MISSING_KEY, "program[1].target", "add target = 45"),
        (PROGRAM + "from = 2026-02-01\nto = 2026-01-01", Code.EMPTY_PERIOD, "program[1].from", "is not before"),
        ('[[segment]]\nname = { en = "x" }', Code.MISSING_KEY, "segment[1].id", 'add id = "smb"'),
        ('[[segment]]\nid = "x"\nname = { en = "x" }\n' * 2, Code.DUPLICATE_ID, "segment[2].id", "keep one"),
        (f'[[segment]]\nid = "{"x" * 65}"\nname = {{ en = "x" }}', Code.BAD_VALUE, "segment[1].id", "at most 64"),
        ("spend = 3", Code.BAD_TYPE, "spend", "must be a table"),
        ('[spend]\ndeclared = ["a"]\nhidden = ["a"]', Code.BAD_VALUE, "spend.hidden", "in one of the two"),
        ("max_effective_owners = 0.5", Code.BAD_LIMIT, "max_effective_owners", "0.5 is below 1"),
        (
            '[[touchpoint_policy]]\ntouchpoint = "*"\npolicy = "team"\n' * 2,
            Code.DUPLICATE_POLICY,
            "touchpoint_policy[2].touchpoint",
            "is already in touchpoint_policy[1]",
        ),
        (
            '[[touchpoint_policy]]\ntouchpoint = "*"\npolicy = "duo"',
            Code.BAD_VALUE,
            "touchpoint_policy[1].policy",
            "duo",
        ),
        (
            '[[department]]\nid = "a"\nname = "A"\noffice = "back"\nkind = "god"',
            Code.BAD_VALUE,
            "department[3].kind",
            "team",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_its_key(text: str, code: Code, path: str, says: str) -> None:
    top, rest = (text, "") if text.startswith(("spend", "max")) else ("", text)
    problem = only_problem_of(COMPANY_OF_TWO.replace(MINIMAL, f"{MINIMAL}{top}\n") + rest)
    assert (problem.code, problem.path) == (code, path)
    assert says in str(problem)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ('consulted = ["it"]', Code.ROLE_TWICE, "'it' already has a role in this rule"),
        ('contributors = { sales = 0.1 }\nconsulted = ["sales"]', Code.ROLE_TWICE, "owner, contributor or consulted"),
        ('consulted = ["art"]', Code.UNKNOWN_DEPARTMENT, "unknown department 'art'"),
        ('consulted = "sales"', Code.BAD_TYPE, "an array of strings"),
    ],
)
def test_a_department_has_one_role_in_a_rule(line: str, code: Code, says: str) -> None:
    problem = only_problem_of(with_rule(f'touchpoint = "*"\nowner = "it"\n{line}'))
    assert (problem.code, problem.path) == (code, "ownership[1].consulted")
    assert says in str(problem)


def test_a_facet_is_one_of_three() -> None:
    problem = only_problem_of(with_rule('touchpoint = "*"\nowner = "it"\nfacet = "tone"'))
    assert (problem.code, problem.path) == (Code.BAD_VALUE, "ownership[1].facet")
    assert "voice, delivery, oversight" in str(problem)


def test_inline_tables_of_governance_do_no_harm() -> None:
    text = "segment = [{ id = 'smb', name = { en = 'x' } }]\n" + COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")
    assert parse(text).segments[0].id == "smb"
    assert lint(text)


def test_a_team_and_its_members_are_not_idle() -> None:
    only_team = COMPANY_OF_TWO + TEAM + touchpoint("web") + rule("web", "digital")
    assert not [finding for finding in findings(only_team) if finding[1] == Code.IDLE_DEPARTMENT]
    idle = COMPANY_OF_TWO + TEAM + touchpoint("web") + rule("web", "it")
    assert [finding[2] for finding in findings(idle) if finding[1] == Code.IDLE_DEPARTMENT] == [
        "department[2].id",
        "team[1].id",
    ]

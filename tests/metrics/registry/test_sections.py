"""Each section of a registry file: what is wrong in it is reported with its key, its line and a remedy."""

import pytest

from metrics.registry import Code, RegistryError, parse
from tests.metrics.registry_text import COMPANY_OF_TWO, MINIMAL, only_problem_of, problems_of, with_rule, with_target


@pytest.mark.parametrize(
    ("line", "code", "key", "says"),
    [
        ('id = "IT"', Code.BAD_ID, "id", "'IT' is not a department id"),
        ('id = "i.t"', Code.BAD_ID, "id", "lower-case letters"),
        ('id = "unowned"', Code.RESERVED_ID, "id", "choose another id"),
        ('id = "company"', Code.RESERVED_ID, "id", "choose another id"),
        ('office = "middle"', Code.BAD_VALUE, "office", "front, back"),
        ("name = 3", Code.BAD_TYPE, "name", "must be a string"),
        ('name = ""', Code.BAD_VALUE, "name", "is empty"),
        ("receiver = true", Code.BAD_TYPE, "receiver", "not a boolean True"),
        ('recever = "x"', Code.UNKNOWN_KEY, "recever", "did you mean 'receiver'?"),
    ],
)
def test_what_is_wrong_with_a_department_is_reported(line: str, code: Code, key: str, says: str) -> None:
    lines = {"id": 'id = "it"', "name": 'name = "IT"', "office": 'office = "back"'}
    lines[line.partition(" ")[0]] = line
    problem = only_problem_of(MINIMAL + "[[department]]\n" + "\n".join(lines.values()))
    assert (problem.code, problem.path) == (code, f"department[1].{key}")
    assert problem.line == 4 + list(lines).index(key)
    assert says in str(problem)


@pytest.mark.parametrize(
    ("line", "code", "key", "says"),
    [
        ('id = "web..checkout"', Code.BAD_ID, "id", "like 'web.checkout'"),
        ('id = "web.*"', Code.BAD_ID, "id", "is not a touchpoint id"),
        (f'id = "{"w" * 129}"', Code.BAD_ID, "id", "..."),
        ('name = "Checkout"', Code.BAD_TYPE, "name", 'write name = { en = "Checkout"'),
        ("name = {}", Code.BAD_VALUE, "name", "at least one language"),
        ("name = { en = 1 }", Code.BAD_VALUE, "name", "each with a text"),
        ('stage = "befor"', Code.BAD_VALUE, "stage", "did you mean 'before'?"),
        ('channel = "radio"', Code.BAD_VALUE, "channel", "online, offline"),
    ],
)
def test_what_is_wrong_with_a_touchpoint_is_reported(line: str, code: Code, key: str, says: str) -> None:
    lines = {
        "id": 'id = "web.checkout"',
        "name": 'name = { en = "Checkout" }',
        "stage": 'stage = "during"',
        "channel": 'channel = "online"',
    }
    lines[line.partition(" ")[0]] = line
    problem = only_problem_of(MINIMAL + "[[touchpoint]]\n" + "\n".join(lines.values()))
    assert (problem.code, problem.path) == (code, f"touchpoint[1].{key}")
    assert problem.line == 4 + list(lines).index(key)
    assert says in str(problem)


def test_every_key_of_a_touchpoint_is_required() -> None:
    problems = problems_of(MINIMAL + "[[touchpoint]]\n")
    assert [problem.path for problem in problems] == [
        f"touchpoint[1].{key}" for key in ("id", "name", "stage", "channel")
    ]
    assert {problem.code for problem in problems} == {Code.MISSING_KEY}


@pytest.mark.parametrize(
    ("lines", "code", "key", "says"),
    [
        ('touchpoint = "web*"', Code.BAD_ID, "touchpoint", "a prefix that ends in '.*'"),
        ('touchpoint = ".*"', Code.BAD_ID, "touchpoint", "is not a touchpoint pattern"),
        ('touchpoint = "web.*.cart"', Code.BAD_ID, "touchpoint", "is not a touchpoint pattern"),
        ('segment = ""', Code.BAD_VALUE, "segment", "is empty"),
        (f'region = "{"r" * 65}"', Code.BAD_VALUE, "region", "has 65 characters, so no event can match"),
        ('kind = "visits"', Code.UNKNOWN_KIND, "kind", "did you mean 'visit'?"),
        ('owner = "sale"', Code.UNKNOWN_DEPARTMENT, "owner", "did you mean 'sales'?"),
        ('owner = "unowned"', Code.UNKNOWN_DEPARTMENT, "owner", "known: it, sales"),
        ("contributors = 0.3", Code.BAD_TYPE, "contributors", "must be a table of shares"),
        ("contributors = { it = 0.0 }", Code.BAD_SHARE, "contributors.it", "0 is not between 0 and 1"),
        ("contributors = { it = -0.1 }", Code.BAD_SHARE, "contributors.it", "-0.1 is not between"),
        ("contributors = { it = 1e308 }", Code.BAD_SHARE, "contributors.it", "is not between"),
        ("contributors = { it = nan }", Code.BAD_VALUE, "contributors.it", "not a finite number"),
        ('contributors = { it = "0.3" }', Code.BAD_TYPE, "contributors.it", "must be a number, not a string '0.3'"),
        ("contributors = { art = 0.1 }", Code.UNKNOWN_DEPARTMENT, "contributors.art", "add a [[department]]"),
        ("contributors = { sales = 0.1 }", Code.OWNER_CONTRIBUTES, "contributors.sales", "the owner itself"),
        ("from = 2026-01-01T00:00:00", Code.BAD_INSTANT, "from", "add the offset, like 2026-01-01T00:00:00Z"),
        ("from = 2026-01-01T00:00:01Z", Code.BAD_INSTANT, "from", "not a whole minute"),
        ("to = 2026-01-01T00:00:00.5Z", Code.BAD_INSTANT, "to", "not a whole minute"),
        ("from = 0001-01-01T00:00:00+10:00", Code.BAD_INSTANT, "from", "outside the calendar"),
        ("from = 00:00:00", Code.BAD_TYPE, "from", "not a time 00:00:00"),
        ('from = "2026-01-01"', Code.BAD_TYPE, "from", "without quotes, like from = 2026-01-01"),
        ("from = 2026-01-01\nto = 2026-01-01", Code.EMPTY_PERIOD, "from", "is not before to"),
        ("until = 2026-01-01", Code.UNKNOWN_KEY, "until", "unknown key 'until'"),
    ],
)
def test_what_is_wrong_with_a_rule_is_reported(lines: str, code: Code, key: str, says: str) -> None:
    text = {"touchpoint": 'touchpoint = "web.*"', "owner": 'owner = "sales"'}
    text[lines.partition(" ")[0]] = lines
    problem = only_problem_of(with_rule("\n".join(text.values())))
    assert (problem.code, problem.path) == (code, f"ownership[1].{key}")
    assert problem.line == 16 + list(text).index(key.partition(".")[0])
    assert says in str(problem)


def test_shares_that_leave_nothing_for_the_owner_are_rejected() -> None:
    three = COMPANY_OF_TWO + '[[department]]\nid = "art"\nname = "Art"\noffice = "front"\n'
    rule = '[[ownership]]\ntouchpoint = "*"\nowner = "art"\ncontributors = { it = 0.5, sales = 0.5 }\n'
    problem = only_problem_of(three + rule)
    assert (problem.code, problem.path) == (Code.BAD_SHARE, "ownership[1].contributors")
    assert "add up to 1," in problem.message


def test_a_rule_in_a_file_without_departments_is_reported() -> None:
    problem = only_problem_of(MINIMAL + '[[ownership]]\ntouchpoint = "*"\nowner = "it"\n')
    assert problem.message == "unknown department 'it' (none is declared)"


@pytest.mark.parametrize(
    ("line", "code", "key", "says"),
    [
        ('metric = "npss"', Code.UNKNOWN_METRIC, "metric", "did you mean 'nps'?"),
        ('department = "art"', Code.UNKNOWN_DEPARTMENT, "department", "unknown department 'art'"),
        ('floor = "0"', Code.BAD_TYPE, "floor", "without quotes"),
        ("floor = true", Code.BAD_TYPE, "floor", "not a boolean"),
        ("floor = inf", Code.BAD_VALUE, "floor", "inf is not a finite number"),
        ("floor = -1" + "0" * 400, Code.BAD_VALUE, "floor", "not a finite number"),
        ("internal = 0", Code.BAD_TARGET, "internal", "0 is not above floor 0"),
        ("customer = -3.5", Code.BAD_TARGET, "customer", "-3.5 is not above floor 0"),
        ("weight = -1", Code.BAD_TARGET, "weight", "-1 is negative"),
        ("wight = 1", Code.UNKNOWN_KEY, "wight", "did you mean 'weight'?"),
    ],
)
def test_what_is_wrong_with_a_target_is_reported(line: str, code: Code, key: str, says: str) -> None:
    lines = {"metric": 'metric = "nps"', "floor": "floor = 0", "internal": "internal = 40"}
    lines[line.partition(" ")[0]] = line
    problem = only_problem_of(with_target("\n".join(lines.values())))
    assert (problem.code, problem.path) == (code, f"target[1].{key}")
    assert problem.line == 16 + list(lines).index(key)
    assert says in str(problem)


def test_a_target_needs_a_metric_a_floor_and_an_internal_target() -> None:
    assert [problem.path for problem in problems_of(with_target(""))] == [
        "target[1].floor",
        "target[1].internal",
        "target[1].metric",
    ]


def test_a_target_may_weigh_nothing() -> None:
    assert parse(with_target('metric = "nps"\nfloor = 0\ninternal = 1\nweight = 0')).targets[0].weight == 0


def test_a_company_may_name_the_zone_of_its_clocks() -> None:
    assert parse(MINIMAL).timezone == "UTC"
    found = parse(MINIMAL + 'timezone = "Europe/Rome"')
    assert (found.timezone, found.zone.name) == ("Europe/Rome", "Europe/Rome")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [('timezone = "Europe/Roma"', Code.BAD_TIMEZONE, "did you mean 'Europe/Rome'?"),
     ('timezone = "CET+1"', Code.BAD_TIMEZONE, ""),
     ('timezone = "+01:00"', Code.BAD_TIMEZONE, 'write the name of the IANA database, like "Europe/Rome"'),
     ('timezone = "../../etc/passwd"', Code.BAD_TIMEZONE, "is not a time zone"),
     ("timezone = 1", Code.BAD_TYPE, "Europe/Rome")],
)  # fmt: skip
def test_what_is_no_time_zone_is_reported_with_what_was_probably_meant(line: str, code: Code, says: str) -> None:
    with pytest.raises(RegistryError) as refused:
        parse(MINIMAL + line)
    [problem] = refused.value.problems
    assert (problem.code, problem.path, problem.line) == (code, "timezone", 3)
    assert says in str(problem)

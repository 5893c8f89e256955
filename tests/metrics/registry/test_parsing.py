"""The registry file as a whole: what is read from it, and that all its problems come at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.registry import Code, Horizons, Ownership, RegistryError, Target, Touchpoint, lines_of, parse
from tests.known import known
from tests.metrics.registry_text import COMPANY_OF_TWO, MINIMAL, only_problem_of, problems_of, with_rule

ROOT = Path(__file__).parents[3]


FULL = (
    COMPANY_OF_TWO.replace("[[department]]", 'sponsor = "cmo"\n[horizons]\nshort = "12h"\n\n[[department]]', 1)
    + """
[[touchpoint]]
id = "web.checkout"
name = { en = "Checkout", it = "Cassa" }
stage = "during"
channel = "online"

[[ownership]]
touchpoint = "web.*"
segment = "smb"
region = "it-north"
kind = "nps"
owner = "sales"
contributors = { it = 0.3 }
from = 2026-01-01
to = 2026-07-01T12:30:00+02:00

[[target]]
metric = "nps"
department = "sales"
floor = 0
internal = 40
customer = 55
weight = 2
"""
)


def test_a_full_file_becomes_typed_values() -> None:
    registry = parse(FULL)
    assert (registry.version, registry.policy, registry.sponsor) == ("1", "single", "cmo")
    assert registry.horizons == Horizons(short_s=12 * 3_600.0, long_s=90 * 86_400.0)
    assert [(d.id, d.name, d.office, d.receiver) for d in registry.departments] == [
        ("it", "IT", "back", None),
        ("sales", "Sales", "front", "sales-oncall"),
    ]
    assert registry.touchpoints == (Touchpoint("web.checkout", {"en": "Checkout", "it": "Cassa"}, "during", "online"),)
    assert registry.ownerships == (
        Ownership(
            touchpoint="web.*",
            segment="smb",
            region="it-north",
            kind="nps",
            owner="sales",
            contributors={"it": 0.3},
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_to=datetime(2026, 7, 1, 10, 30, tzinfo=UTC),
            position=0,
            line=25,
        ),
    )
    assert known(registry.ownerships[0].valid_to).tzinfo is UTC
    assert registry.targets == (Target("nps", "sales", 0.0, 40.0, 55.0, 2.0),)


def test_what_is_optional_takes_its_default() -> None:
    registry = parse(
        with_rule('touchpoint = "*"\nowner = "it"') + '[[target]]\nmetric = "ces"\nfloor = 3\ninternal = 6'
    )
    assert registry.sponsor is None
    assert registry.horizons == Horizons(604_800.0, 7_776_000.0)
    assert registry.targets == (Target("ces", None, 3.0, 6.0, None, 1.0),)
    (rule,) = registry.ownerships
    assert (rule.segment, rule.region, rule.kind, rule.valid_from, rule.valid_to) == (None,) * 5
    assert rule.contributors == {}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = "\ufeff" + with_rule('touchpoint = "*"\nowner = "it"').replace("\n", "\r\n")
    assert parse(text).ownerships[0].line == 15


@pytest.mark.parametrize(
    ("text", "line"), [('version = "1"\npolicy = \n', 2), ('version = "', None), ("a = " + "1" * 5_000, None)]
)
def test_a_syntax_error_names_its_line(text: str, line: int | None) -> None:
    problem = only_problem_of(text)
    assert (problem.code, problem.path, problem.line) == (Code.TOML_SYNTAX, "file", line)
    assert "(at line" not in problem.message


def test_deep_nesting_is_an_error_of_the_file_not_of_the_program() -> None:
    assert "nested too deeply" in only_problem_of("a = " + "[" * 100_000).message


def test_all_problems_come_at_once_in_order_of_lines() -> None:
    problems = problems_of(
        'version = 7\npolicy = "singel"\n[[department]]\nid = "IT"\n[[ownership]]\ntouchpoint = "*"\nowner = "nobody"\n'
    )
    assert [(problem.line, problem.code) for problem in problems] == [
        (1, Code.BAD_TYPE),
        (2, Code.BAD_VALUE),
        (3, Code.MISSING_KEY),
        (3, Code.MISSING_KEY),
        (4, Code.BAD_ID),
        (7, Code.UNKNOWN_DEPARTMENT),
    ]


@pytest.mark.parametrize(
    ("text", "code", "path", "says"),
    [
        ('policy = "single"', Code.MISSING_KEY, "version", "above the first [table]"),
        ('version = "1"', Code.MISSING_KEY, "policy", "single, shared, team"),
        ('version = " "\npolicy = "team"', Code.BAD_VALUE, "version", "is empty"),
        (
            'version = 2026-11-22\npolicy = "team"',
            Code.BAD_TYPE,
            "version",
            "not a date 2026-11-22; write it in quotes",
        ),
        ('version = "1"\npolicy = "many"', Code.BAD_VALUE, "policy", "unknown policy 'many'; use one of: single"),
        (MINIMAL + 'sponser = "cmo"', Code.UNKNOWN_KEY, "sponser", "did you mean 'sponsor'?"),
        (MINIMAL + "sponsor = 1", Code.BAD_TYPE, "sponsor", "must be a string, not an integer 1"),
        (MINIMAL + 'horizons = "7d"', Code.BAD_TYPE, "horizons", "must be a table"),
        (MINIMAL + '[department]\nid = "it"', Code.BAD_TYPE, "department", "write [[department]], in two brackets"),
        (MINIMAL + "ownership = [1]", Code.BAD_TYPE, "ownership", "must be an array of tables"),
        (MINIMAL + '[horizons]\nmiddle = "7d"', Code.UNKNOWN_KEY, "horizons.middle", "use one of: short, long"),
        (MINIMAL + '[horizons]\nshort = "0d"', Code.BAD_HALF_LIFE, "horizons.short", "'0d' is not a half-life above 0"),
        (MINIMAL + '[horizons]\nlong = "1.5d"', Code.BAD_HALF_LIFE, "horizons.long", '"30m"'),
        (MINIMAL + '[horizons]\nlong = "7w"', Code.BAD_HALF_LIFE, "horizons.long", "'7w'"),
        (MINIMAL + '[horizons]\nlong = "-7d"', Code.BAD_HALF_LIFE, "horizons.long", "'-7d'"),
        (MINIMAL + "[horizons]\nlong = 7", Code.BAD_HALF_LIFE, "horizons.long", "in quotes"),
    ],
)
def test_what_is_wrong_at_the_top_is_reported(text: str, code: Code, path: str, says: str) -> None:
    problem = only_problem_of(text)
    assert (problem.severity, problem.code, problem.path) == ("error", code, path)
    assert says in str(problem)


def test_a_repeated_id_names_the_first_use() -> None:
    again = '[[department]]\nid = "it"\nname = "IT again"\noffice = "back"\n'
    problem = only_problem_of(COMPANY_OF_TWO + again)
    assert (problem.code, problem.path, problem.line) == (Code.DUPLICATE_ID, "department[3].id", 15)
    assert "department[1]" in problem.message


def test_two_targets_for_the_same_metric_and_department_are_rejected() -> None:
    target = '[[target]]\nmetric = "nps"\nfloor = 0\ninternal = 40\n'
    assert len(parse(COMPANY_OF_TWO + target + target + 'department = "it"\n').targets) == 2
    problem = only_problem_of(COMPANY_OF_TWO + target + target)
    assert (problem.code, problem.path) == (Code.DUPLICATE_TARGET, "target[2].metric")
    assert "nps for all departments is already in target[1]" in problem.message


TARGET = '[[target]]\nmetric = "nps"\nfloor = 0\ninternal = 40\n'


def test_a_target_may_follow_another_but_not_overlap_it() -> None:
    following = parse(COMPANY_OF_TWO + TARGET + "to = 2026-07-01\n" + TARGET + "from = 2026-07-01\n").targets
    assert [(target.valid_from, target.valid_to) for target in following] == [
        (None, datetime(2026, 7, 1, tzinfo=UTC)), (datetime(2026, 7, 1, tzinfo=UTC), None),
    ]  # fmt: skip
    problem = only_problem_of(COMPANY_OF_TWO + TARGET + "to = 2026-07-02\n" + TARGET + "from = 2026-07-01\n")
    first, second = (COMPANY_OF_TWO.count("\n") + line for line in (1, 6))
    assert (problem.code, problem.path, problem.line) == (Code.TARGET_OVERLAP, "target[2]", second)
    assert f"nps for all departments has another target at the same time, target[1] (line {first})" in problem.message


def test_a_target_that_ends_before_it_begins_is_an_error() -> None:
    problem = only_problem_of(COMPANY_OF_TWO + TARGET + "from = 2026-07-01\nto = 2026-07-01\n")
    assert (problem.code, problem.path) == (Code.EMPTY_PERIOD, "target[1].from")


def test_rules_written_inline_are_read_without_line_numbers() -> None:
    rules = 'ownership = [{ touchpoint = "*", owner = "it" }]\n'
    registry = parse(rules + COMPANY_OF_TWO)
    assert registry.ownerships[0].line is None
    assert lines_of(rules + COMPANY_OF_TWO, registry).find("department", 2, "id") == 11


def test_the_sample_registry_names_its_fifteen_touchpoints_in_three_languages() -> None:
    registry = parse((ROOT / "deploy" / "registry.toml").read_text(encoding="utf-8"))
    assert len(registry.touchpoints) == 15
    assert all(set(touchpoint.name) == {"en", "it", "es"} for touchpoint in registry.touchpoints)
    assert {touchpoint.stage for touchpoint in registry.touchpoints} == {"before", "during", "after"}
    assert {department.office for department in registry.departments} == {"front", "back"}


@given(st.text(alphabet='[]={}."\n#*abdeiprt1-', max_size=60))
def test_no_text_makes_parse_fail_in_another_way_than_a_registry_error(text: str) -> None:
    with pytest.raises(RegistryError) as raised:
        parse(COMPANY_OF_TWO.replace('"1"', "1") + text)
    assert raised.value.problems

"""Rules that compete, and rules that decide nothing."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.catalogue import KINDS
from metrics.lint.lint import lint
from metrics.registry import Code, parse
from metrics.registry.attribution import Attribution
from tests.known import known
from tests.metrics.registry_text import company, findings, rule, touchpoint

DATES = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")


def test_two_rules_that_only_their_order_distinguishes_are_an_error_at_the_one_that_loses() -> None:
    text = company(touchpoint("web"), rule("web", "it"), rule("web", "sales"))
    (problem,) = lint(text)
    assert (problem.severity, problem.code, problem.path) == ("error", Code.RULE_CONFLICT, "ownership[1]")
    assert text.splitlines()[known(problem.line) - 1] == "[[ownership]]"
    assert "ownership[2] (line 27)" in problem.message


def test_rules_of_equally_many_different_filters_conflict_where_both_match() -> None:
    smb, es = rule("web", "it", 'segment = "smb"'), rule("web", "sales", 'region = "es"')
    text = company(touchpoint("web"), rule("web", "it"), smb, es)
    assert findings(text) == [("error", Code.RULE_CONFLICT, "ownership[2]")]


def test_a_rule_with_the_filters_of_both_settles_a_conflict() -> None:
    smb, es = rule("web", "it", 'segment = "smb"'), rule("web", "sales", 'region = "es"')
    both = rule("web", "it", 'segment = "smb"', 'region = "es"')
    assert findings(company(touchpoint("web"), rule("web", "it"), smb, es, both)) == []


def test_a_conflict_is_settled_only_while_the_more_specific_rule_holds() -> None:
    smb, es = rule("web", "it", 'segment = "smb"'), rule("web", "sales", 'region = "es"')
    both = rule("web", "it", 'segment = "smb"', 'region = "es"', "from = 2026-01-01")
    text = company(touchpoint("web"), rule("web", "it"), smb, es, both)
    assert findings(text) == [("error", Code.RULE_CONFLICT, "ownership[2]")]


@pytest.mark.parametrize("filters", [('segment = "smb"', 'segment = "consumer"'), ('kind = "nps"', 'kind = "csat"')])
def test_rules_that_no_event_matches_both_do_not_conflict(filters: tuple[str, str]) -> None:
    first, second = filters
    text = company(touchpoint("web"), rule("web", "it"), rule("web", "it", first), rule("web", "sales", second))
    assert findings(text) == []


def test_three_tied_rules_are_two_conflicts() -> None:
    text = company(touchpoint("web.a"), rule("web.*", "it"), rule("web.*", "sales"), rule("web.*", "it"))
    assert findings(text) == [
        ("error", Code.RULE_CONFLICT, "ownership[1]"),
        ("error", Code.RULE_CONFLICT, "ownership[2]"),
    ]


def test_a_change_of_owner_without_an_end_is_a_warning_at_the_older_rule() -> None:
    text = company(touchpoint("web"), rule("web", "it"), rule("web", "sales", "from = 2026-01-01"))
    (problem,) = lint(text)
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.RULE_OVERLAP, "ownership[1]")
    assert "end this rule with to" in problem.remedy


def test_a_change_of_owner_with_an_end_is_no_finding() -> None:
    text = company(touchpoint("web"), rule("web", "it", "to = 2026-01-01"), rule("web", "sales", "from = 2026-01-01"))
    assert findings(text) == []


def test_an_overlap_of_different_filters_asks_for_a_rule_with_both() -> None:
    smb = rule("web", "it", 'segment = "smb"')
    text = company(
        touchpoint("web"), rule("web", "it"), smb, rule("web", "sales", 'region = "es"', "from = 2026-01-01")
    )
    (problem,) = lint(text)
    assert (problem.severity, problem.code, problem.path) == ("warning", Code.RULE_OVERLAP, "ownership[2]")
    assert "the filters of both" in problem.remedy


def test_an_overlap_that_leaves_the_owner_as_it_is_is_no_finding() -> None:
    later = rule("web", "it", "from = 2026-01-01", "contributors = { sales = 0.2 }")
    assert findings(company(touchpoint("web"), rule("web", "it"), later)) == []


def test_a_rule_with_kinds_that_others_take_one_by_one_is_never_reached() -> None:
    each = [rule("web", "sales", f'kind = "{kind}"') for kind in KINDS]
    text = company(touchpoint("web"), rule("web", "it"), *each)
    assert findings(text) == [("warning", Code.RULE_NEVER_REACHED, "ownership[1]")]
    assert findings(company(touchpoint("web"), rule("web", "it"), *each[1:])) == []


@st.composite
def rules(draw: st.DrawFn) -> str:
    filters = [("segment", ("smb", "big")), ("region", ("es", "it")), ("kind", ("nps", "csat")), ("from", DATES[:2])]
    more = []
    for key, values in [*filters, ("to", DATES[2:])]:
        value = draw(st.none() | st.sampled_from(values))
        if value is not None:
            more.append(f"{key} = {value}" if key in {"from", "to"} else f'{key} = "{value}"')
    return rule(draw(st.sampled_from(("web", "web.*", "*"))), draw(st.sampled_from(("it", "sales"))), *more)


@given(st.lists(rules(), min_size=1, max_size=6))
def test_conflicts_are_reported_exactly_where_some_event_has_one(some_rules: list[str]) -> None:
    text = company(touchpoint("web"), *some_rules)
    registry = parse(text)
    attribution = Attribution(registry)
    combinations = product(("web", "web.x", "x"), ("", "smb", "big"), ("", "es", "it"), ("nps", "csat", "ces"))
    instants = (0, *attribution.boundaries)
    events = [(*combination, at_s) for combination in combinations for at_s in instants]
    reported = {problem.code for problem in lint(text)}
    assert (Code.RULE_CONFLICT in reported) == any(attribution.is_conflict(*event) for event in events)
    deciding = {rule.position for event in events if (rule := attribution.rule(*event))}
    if Code.RULE_CONFLICT not in reported:
        idle = {rule.position for rule in registry.ownerships[: len(some_rules)]} - deciding
        assert (Code.RULE_NEVER_REACHED in reported) == bool(idle)

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.lines import Line, clarity, owned_touchpoints
from metrics.governance.responsibility import (
    Division,
    experience_departments,
    lines_at,
    service_departments,
    without_sponsor,
)
from metrics.registry import Department, Registry, parse
from metrics.registry.attribution import Attribution
from tests.metrics.governance.given import law
from tests.metrics.registry_text import COMPANY_OF_TWO, company, rule, touchpoint

NOW_S = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
TEAM = '\n[[team]]\nid = "both"\nname = "Both"\noffice = "front"\nmembers = { it = 0.25, sales = 0.75 }\n'


def lines_of(*tables: str, events: dict[tuple[str, str, str, str], int] | None = None) -> list[Line]:
    return [line for line in lines_at(parse(COMPANY_OF_TWO + "".join(tables)), NOW_S, events)]  # noqa: C416  (a list)


def test_a_touchpoint_with_one_rule_is_one_clear_line() -> None:
    [line] = lines_of(touchpoint("web"), rule("web", "it"), events={("web", "smb", "es", "nps"): 7})
    assert (line.touchpoint, line.facet, line.slice, line.accountable) == ("web", "", ("", "", ""), ("it",))
    assert (line.shares, line.events, line.is_clear) == ({"it": 1.0}, 7, True)


def test_each_slice_that_the_rules_distinguish_has_its_line() -> None:
    result = lines_of(
        touchpoint("web"),
        rule("web", "it"),
        rule("web", "sales", 'segment = "smb"'),
        events={("web", "smb", "", "nps"): 5, ("web", "big", "es", "csat"): 3},
    )
    assert [(line.slice, line.accountable, line.events) for line in result] == [
        (("", "", ""), ("it",), 3),
        (("smb", "", ""), ("sales",), 5),
    ]


def test_two_rules_that_tie_only_where_they_meet_are_found_there() -> None:
    result = lines_of(
        touchpoint("web"),
        rule("web", "it"),
        rule("web", "it", 'segment = "smb"'),
        rule("web", "sales", 'region = "es"'),
    )
    assert [line.slice for line in clarity(result).contested] == [("smb", "es", "")]


def test_facets_have_lines_of_their_own_where_one_is_named() -> None:
    result = lines_of(
        touchpoint("web"), touchpoint("shop"), rule("*", "it"), rule("web", "sales", 'facet = "voice"'),
        events={("web", "", "", "nps"): 4},
    )  # fmt: skip
    assert [(line.touchpoint, line.facet, line.accountable, line.events) for line in result] == [
        ("web", "voice", ("sales",), 4),
        ("web", "delivery", ("it",), 0),
        ("web", "oversight", ("it",), 0),
        ("shop", "", ("it",), 0),
    ]
    assert owned_touchpoints(result) == pytest.approx({"sales": 1 / 3, "it": 1 + 2 / 3})


def test_orphans_are_the_touchpoints_that_nobody_has_and_those_that_nobody_declared() -> None:
    result = lines_of(touchpoint("web"), touchpoint("fax"), rule("web", "it"), events={("kiosk", "", "", "nps"): 9})
    assert [line.touchpoint for line in clarity(result).orphans] == ["fax", "kiosk"]
    assert clarity(result).orphan_events.value == 1.0


def test_a_rule_counts_while_it_holds() -> None:
    result = lines_of(
        touchpoint("web"), rule("web", "it", "to = 2026-06-01"), rule("web", "sales", "from = 2026-06-01")
    )
    assert [line.accountable for line in result] == [("sales",)]


def test_a_team_is_one_owner_or_its_members() -> None:
    registry = parse(COMPANY_OF_TWO + TEAM + rule("web", "both", "contributors = { it = 0.2 }"))
    [owned] = registry.ownerships
    division = Division(registry)
    assert division.shares(owned, "team") == {"both": 0.8, "it": 0.2}
    assert division.shares(owned, "shared") == pytest.approx({"it": 0.4, "sales": 0.6})


def test_the_policy_of_a_pattern_is_the_most_specific_one() -> None:
    policies = '\n[[touchpoint_policy]]\ntouchpoint = "web.*"\npolicy = "team"\nmax_effective_owners = 3\n'
    division = Division(parse(COMPANY_OF_TWO + policies))
    assert division.policy("web.cart") == ("team", 3.0)
    assert division.policy("web.*") == ("team", 3.0)
    assert division.policy("shop") == ("single", None)
    assert division.policy("*") == ("single", None)


def test_departments_are_recognised_by_what_they_are_called() -> None:
    def named(id: str, name: str) -> Department:
        return Department(id, name, "front", None)

    some = [
        named("customer-experience", "CX"),
        named("care", "Customer Care"),
        named("cxo", "Officers"),
        named("ux_cx", "Esperienza"),
        named("it", "IT"),
        named("servizio", "Servizio clienti"),
    ]
    assert experience_departments(some) == {"customer-experience", "ux_cx"}
    assert service_departments(some) == {"care", "servizio"}


def test_touchpoints_that_nobody_sponsors_are_named() -> None:
    rules = rule("web", "it", 'sponsor = "cto"') + rule("shop", "it")
    text = COMPANY_OF_TWO + touchpoint("web") + touchpoint("shop") + touchpoint("fax") + rules
    assert without_sponsor(parse(text), NOW_S) == ("shop", "fax")
    assert without_sponsor(parse(company()), NOW_S) == ()


@law
@given(st.data())
def test_the_line_names_who_owns_the_events(data: st.DataObject) -> None:
    patterns = st.sampled_from(["*", "web.*", "web.cart"])
    filters = st.sampled_from(["", 'segment = "smb"', 'region = "es"', 'kind = "nps"'])
    made = [
        rule(data.draw(patterns), data.draw(st.sampled_from(["it", "sales"])), data.draw(filters))
        for _ in range(data.draw(st.integers(1, 5)))
    ]
    registry: Registry = parse(COMPANY_OF_TWO + touchpoint("web.cart") + "".join(made))
    event = (
        data.draw(st.sampled_from(["", "smb"])),
        data.draw(st.sampled_from(["", "es"])),
        data.draw(st.sampled_from(["nps", "csat"])),
    )
    counts = {("web.cart", *event): 1}
    [line] = [line for line in lines_at(registry, NOW_S, counts) if line.events]
    owner = Attribution(registry).owner("web.cart", *event, NOW_S)
    assert owner in line.accountable or (owner == "unowned" and not line.accountable)

"""The registry as people read it: who owns what at an instant, and what another one would change."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.registry import parse
from streams.registry.file import sample
from streams.registry.views import differences, owners_at
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

NOW_S = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
SAMPLE = sample().read_text(encoding="utf-8")


def test_each_touchpoint_is_told_with_its_owner_and_who_else_works_on_it() -> None:
    rows = owners_at(parse(SAMPLE), NOW_S)
    by_touchpoint = {(row["touchpoint"], row["events"]): row for row in rows}
    assert by_touchpoint["web.site", "all others"]["owner"] == "marketing"
    assert by_touchpoint["web.site", "all others"]["shares"] == "marketing 70% it 30%"
    assert by_touchpoint["web.site", "ces"]["owner"] == "it"
    assert by_touchpoint["service.switchboard", "es"]["owner"] == "sales"
    assert by_touchpoint["product.manual", "all others"]["owner"] == "product"
    assert {row["sponsor"] for row in rows} == {"Chief Customer Officer"}


def test_facets_orphans_ties_and_roles_are_told() -> None:
    text = COMPANY_OF_TWO + touchpoint("web") + touchpoint("fax") + touchpoint("desk")
    text += rule("web", "it", 'consulted = ["sales"]', 'sponsor = "cto"') + rule("web", "sales", 'facet = "voice"')
    text += rule("desk", "it") + rule("desk", "sales")
    rows = [
        (r["touchpoint"], r["facet"], r["owner"], r["consulted"], r["sponsor"]) for r in owners_at(parse(text), NOW_S)
    ]
    assert rows == [
        ("web", "voice", "sales", "", ""),
        ("web", "delivery", "it", "sales", "cto"),
        ("web", "oversight", "it", "sales", "cto"),
        ("fax", "", "unowned", "", ""),
        ("desk", "", "sales and it", "", ""),
    ]


def test_a_registry_does_not_differ_from_itself_however_its_rules_are_written() -> None:
    assert differences(parse(SAMPLE), parse(SAMPLE.replace('version = "2026-11-22"', 'version = "x"')), NOW_S) == []
    one = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")
    other = COMPANY_OF_TWO + touchpoint("web") + rule("*", "it")
    assert differences(parse(one), parse(other), NOW_S) == []


def test_what_changes_is_told_in_words() -> None:
    before = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")
    after = (
        COMPANY_OF_TWO.replace('"single"', '"team"\nmax_effective_owners = 2', 1).replace('name = "IT"', 'name = "ICT"')
        + touchpoint("web")
        + touchpoint("fax")
        + rule("web", "sales", "contributors = { it = 0.25 }")
        + '\n[[target]]\nmetric = "nps"\nfloor = 0\ninternal = 40\n'
    )
    rows = [tuple(row.values()) for row in differences(parse(before), parse(after), NOW_S)]
    assert rows == [
        ("owner", "web (all others)", "it", "sales (sales 75% it 25%)"),
        ("owner", "fax (all others)", "", "unowned"),
        ("policy", "", "single", "team"),
        ("max_effective_owners", "", "", "2.0"),
        ("department", "it", "name IT, office back, kind department", "name ICT, office back, kind department"),
        ("touchpoint", "fax", "", "name {'en': 'X'}, stage before, channel online"),
        ("target", "nps for all departments", "", "metric nps, floor 0.0, internal 40.0, weight 1.0"),
    ]


def test_a_change_in_time_is_a_difference_also_before_it_holds() -> None:
    before = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")
    after = before + rule("web", "sales", "from = 2026-07-01")
    [row] = differences(parse(before), parse(after), NOW_S)
    assert tuple(row.values()) == ("owner over time", "web (all others)", "it", "it; sales from 2026-07-01")
    rows = differences(parse(before), parse(after), NOW_S + 31 * 86_400)
    assert [row["what"] for row in rows] == ["owner", "owner over time"]


@pytest.mark.parametrize(
    ("was", "now", "before", "after"),
    [
        ("from = 2026-01-01", "from = 2026-02-01", "unowned; it from 2026-01-01", "unowned; it from 2026-02-01"),
        ("to = 2026-07-01", "to = 2026-08-01", "it; unowned from 2026-07-01", "it; unowned from 2026-08-01"),
        ("to = 2026-07-01", "", "it; unowned from 2026-07-01", "it"),
        (
            "from = 2026-01-01T06:00:00Z", "from = 2026-01-01", "unowned; it from 2026-01-01T06:00:00Z",
            "unowned; it from 2026-01-01",
        ),
    ],
)  # fmt: skip
def test_a_changed_date_of_a_rule_is_a_difference_though_it_changes_no_owner_of_now(
    was: str, now: str, before: str, after: str
) -> None:
    one, other = (parse(COMPANY_OF_TWO + touchpoint("web") + rule("web", "it", dated)) for dated in (was, now))
    [row] = differences(one, other, NOW_S)
    assert tuple(row.values()) == ("owner over time", "web (all others)", before, after)


def test_a_changed_date_that_another_rule_hides_is_none() -> None:
    hidden = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")
    one, other = (parse(hidden + rule("*", "sales", f"from = 2026-0{month}-01")) for month in (1, 2))
    assert differences(one, other, NOW_S) == []


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["it", "sales"]), min_size=1, max_size=3),
    st.lists(st.sampled_from(["it", "sales"]), min_size=1, max_size=3),
)
def test_there_and_back_are_the_same_differences(one: list[str], other: list[str]) -> None:
    a, b = (
        parse(COMPANY_OF_TWO + "".join(touchpoint(f"t{i}") + rule(f"t{i}", owner) for i, owner in enumerate(owners)))
        for owners in (one, other)
    )
    there, back = differences(a, b, NOW_S), differences(b, a, NOW_S)
    assert sorted((row["which"], row["before"], row["after"]) for row in there) == sorted(
        (row["which"], row["after"], row["before"]) for row in back
    )


def test_another_time_zone_is_a_difference() -> None:
    text = COMPANY_OF_TWO.replace('policy = "single"', 'policy = "single"\ntimezone = "Europe/Rome"', 1)
    [row] = differences(parse(COMPANY_OF_TWO), parse(text), 0)
    assert (row["what"], row["before"], row["after"]) == ("timezone", "UTC", "Europe/Rome")

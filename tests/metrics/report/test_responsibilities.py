from dataclasses import replace

import pytest

from metrics.governance.counted import Counted
from metrics.governance.estimates import Moments, moments
from metrics.report.findings import Claim, Finding, Material
from metrics.report.responsibilities import changes, responsibilities
from tests.metrics.registry_text import rule, touchpoint
from tests.metrics.report.given import CHANGE_S, DAY, SHOP, SINCE_S, WEB, decided, material, registry

FIRST = SINCE_S // DAY
MOVED = touchpoint("web") + rule("web", "it", "to = 2026-03-01") + rule("web", "sales", "from = 2026-03-01") + SHOP


def days(after: float = 0.0, drift: float = 0.0) -> dict[int, Moments]:
    """Answers of four months around one level; `after` is added from the change on, `drift` each day up to it."""
    return {
        FIRST + i: moments([0.5 + 0.02 * (i % 3) + drift * min(i, 59) + after * (i >= 59)] * 9 + [0.4])
        for i in range(120)
    }


def changed(web: dict[int, Moments] | None) -> Material:
    counted = Counted(days={"shop": days()} | ({"web": web} if web else {}))
    return material(registry(MOVED), counted)


@pytest.mark.parametrize(
    ("web", "kind"),
    [
        (days(after=0.1), "change_helped"),
        (days(after=-0.1), "change_hurt"),
        (days(), "change_no_effect"),
        (days(after=0.1, drift=0.004), "change_unclear"),
        ({FIRST + 3: moments([0.5] * 9)}, "change_unclear"),
        (None, "owner_changed"),
    ],
)
def test_a_change_of_owner_is_told_with_what_came_of_it(web: dict[int, Moments] | None, kind: str) -> None:
    [found] = decided(list(changes(changed(web))))
    assert (found.kind, found.touchpoint, found.other, found.department) == (kind, "web", "it", "sales")
    assert found.since_s == CHANGE_S


def test_the_effect_is_told_in_points_of_a_hundred() -> None:
    [found] = changes(changed(days(after=0.1)))
    assert isinstance(found, Claim)
    assert found.yes.estimate is not None
    assert found.yes.estimate.value == pytest.approx(9, abs=0.5)
    assert found.no is not None
    assert found.no.estimate == found.yes.estimate


def test_only_the_last_of_two_changes_has_an_effect_of_its_own() -> None:
    tables = MOVED.replace("from = 2026-03-01", "from = 2026-03-01\nto = 2026-04-01") + rule(
        "web", "it", "from = 2026-04-01"
    )
    counted = Counted(days={"web": days(after=0.1), "shop": days()})
    kinds = [one.kind for one in decided(list(changes(material(registry(tables), counted))))]
    assert len(kinds) == 2
    assert kinds[1] == "owner_changed"
    assert kinds[0].startswith("change_")


def test_a_change_outside_of_the_period_and_one_of_a_rule_alone_are_none() -> None:
    outside = MOVED.replace("2026-03-01", "2025-03-01")
    assert list(changes(material(registry(outside)))) == []
    same = touchpoint("web") + rule("web", "it", "to = 2026-03-01") + rule("web", "it", "from = 2026-03-01")
    assert list(changes(material(registry(same)))) == []


def test_a_change_for_one_kind_of_events_alone_is_told() -> None:
    exception = WEB + rule("web", "sales", 'region = "es"', 'kind = "nps"', "from = 2026-03-01")
    [found] = decided(list(changes(material(registry(exception)))))
    assert (found.kind, found.touchpoint, found.part) == ("owner_changed", "web", "es nps")


def test_a_change_of_the_whole_is_not_told_again_of_a_part() -> None:
    tables = MOVED + rule("web", "it", 'kind = "ces"', "from = 2026-04-01")
    found = decided(list(changes(material(registry(tables)))))
    assert [(one.part, one.other, one.department) for one in found] == [("ces", "sales", "it"), ("", "it", "sales")]


def test_versions_of_the_registry_are_told() -> None:
    found = list(changes(material(versions=(("v2", CHANGE_S),))))
    assert found == [Finding("registry_changed", other="v2", since_s=CHANGE_S)]


def said(tables: str, counted: Counted | None = None) -> dict[str, Finding]:
    return {one.kind: one for one in responsibilities(material(registry(tables), counted))}


def test_two_cooks_are_named_once_with_the_events_that_they_share() -> None:
    tables = WEB + SHOP + rule("shop", "it")
    counted = Counted(slices={("shop", "", "", "nps"): 40})
    found = said(tables, counted)["two_accountable"]
    assert (found.touchpoint, found.other) == ("shop", "it sales")
    assert found.estimate is not None
    assert (found.estimate.value, found.estimate.n) == (2, 40)


def test_too_many_cooks_for_the_policy_are_told_beside_its_limit() -> None:
    tables = touchpoint("web") + rule("web", "it", "contributors = { sales = 0.4 }")
    limited = registry(
        tables + '\n[[touchpoint_policy]]\ntouchpoint = "*"\npolicy = "shared"\nmax_effective_owners = 1.5\n'
    )
    [found] = [one for one in responsibilities(material(limited)) if one.kind == "crowded"]
    assert (found.department, found.against) == ("it", 1.5)
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(1 / 0.52)


def test_orphans_come_with_the_most_events_first_and_their_share_of_all() -> None:
    counted = Counted(
        slices={("fax", "", "", "nps"): 3, ("kiosk", "", "", "nps"): 30},
        owned={("fax", "unowned"): 3, ("kiosk", "unowned"): 30, ("web", "it"): 67},
    )
    found = list(responsibilities(material(registry(), counted)))
    assert [one.touchpoint for one in found if one.kind == "orphan"] == ["kiosk", "fax"]
    [share] = [one for one in found if one.kind == "orphan_events"]
    assert share.estimate is not None
    assert share.estimate.value == 0.33


def test_a_new_silo_an_idle_department_and_programmes_that_clash_are_told() -> None:
    more = "".join(
        f'\n[[department]]\nid = "{name}"\nname = "{name}"\noffice = "front"\n' for name in ("cx", "service", "art")
    )
    program = '\n[[program]]\nname = "{}"\nowner = "{}"\ntouchpoints = ["*"]\nmetric = "nps"\ntarget = {}\n'
    tables = more + touchpoint("web") + touchpoint("shop") + rule("*", "cx") + program.format("a", "it", 50)
    found = said(tables + program.format("b", "sales", 30))
    assert found["new_silo"].department == "cx"
    assert found["no_responsibility"].department == "art"
    assert found["redundant_programs"].other == "a / b"
    opposed = said(tables + program.format("b", "sales", 30), Counted(levels={"nps": 40.0}))
    assert opposed["opposed_programs"].other == "a / b"


def test_touchpoints_without_a_sponsor_are_counted() -> None:
    bare = replace(registry(), sponsor=None)
    [found] = [one for one in responsibilities(material(bare)) if one.kind == "no_sponsor"]
    assert found.estimate is not None
    assert found.estimate.value == 2


def test_clear_lines_are_good_news() -> None:
    assert said(WEB + SHOP).keys() == {"clear_lines"}
    assert "clear_lines" not in said(WEB + touchpoint("fax"))

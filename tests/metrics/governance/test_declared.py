import pytest

from metrics.governance.declared import declared_figures
from metrics.governance.responsibility import lines_at
from metrics.registry import parse
from tests.metrics.registry_text import COMPANY_OF_TWO, TARGETS, rule, touchpoint

DAY = 86_400
SINCE_S, AT_S = 20_454 * DAY, 20_544 * DAY  # 2026-01-01 to 2026-04-01
CX = '\n[[department]]\nid = "cx"\nname = "Customer experience"\noffice = "front"\n'
CARE = CX.replace('"cx"', '"care"').replace("experience", "care")


def figures_of(tables: str, levels: dict[str, float] | None = None) -> dict[tuple[str, str], float | None]:
    registry = parse(COMPANY_OF_TWO + tables)
    result = declared_figures(registry, lines_at(registry, AT_S - 1), levels or {}, SINCE_S, AT_S)
    return {(item.measure, item.subject): item.estimate.value for item in result}


def program(name: str, owner: str, target: float, *more: str) -> str:
    lines = (
        f'name = "{name}"',
        f'owner = "{owner}"',
        'touchpoints = ["web.*"]',
        'metric = "nps"',
        f"target = {target}",
    )
    return "\n".join(("\n[[program]]", *lines, *more, ""))


def test_a_department_for_the_experience_that_owns_most_while_service_owns_none_is_a_new_silo() -> None:
    owned = touchpoint("web.a") + touchpoint("web.b") + touchpoint("shop") + rule("web.*", "cx") + rule("shop", "sales")
    assert figures_of(CX + CARE + owned)["new_silo", "cx"] == pytest.approx(2 / 3)
    shared = owned + touchpoint("desk") + rule("desk", "care")
    assert ("new_silo", "cx") not in figures_of(CX + CARE + shared)


def test_programmes_that_get_in_each_others_way_are_reported_with_how_much_they_share() -> None:
    two = touchpoint("web.a") + touchpoint("web.b") + program("up", "it", 50) + program("down", "sales", 30)
    assert figures_of(two)["redundant_programs", "up / down"] == 2
    assert figures_of(two, {"nps": 40})["opposed_programs", "up / down"] == 2
    assert ("redundant_programs", "up / down") not in figures_of(two, {"nps": 40})


@pytest.mark.parametrize(("when", "runs"), [("to = 2026-01-01", 0), ("from = 2026-04-01", 0), ("to = 2026-01-02", 1)])
def test_only_programmes_that_ran_in_the_period_count(when: str, runs: int) -> None:
    two = touchpoint("web.a") + program("one", "it", 50) + program("other", "sales", 50, when)
    assert len([key for key in figures_of(two) if key[0] == "redundant_programs"]) == runs


def test_how_far_the_registry_is_filled_in_is_reported_by_part() -> None:
    named = touchpoint("web").replace('en = "X"', 'en = "X", it = "X", es = "X"')
    result = figures_of(named + touchpoint("fax") + rule("web", "it", 'sponsor = "cfo"') + TARGETS)
    assert {subject: value for (measure, subject), value in result.items() if measure == "completeness"} == {
        "names in every language": 0.5,
        "owners": 0.5,
        "sponsors": 0.5,
        "receivers of alerts": 0.5,
        "targets": 0.2,
        "customers' targets": 0.0,
    }

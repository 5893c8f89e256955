from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics.catalogue import FACETS
from metrics.governance.periods import owned_slices
from metrics.registry import Registry, parse
from metrics.registry.attribution import Attribution
from streams.registry.views import owners_at
from tests.metrics.registry_text import rule as rule_of
from tests.metrics.registry_text import touchpoint

REGISTRY = """
version = "v1"
policy = "single"

[[department]]
id = "marketing"
name = "Marketing"
office = "front"

[[department]]
id = "sales"
name = "Sales"
office = "front"

[[touchpoint]]
id = "web.site"
name = { en = "Web site" }
stage = "before"
channel = "online"
"""


def rule(owner: str, more: str = "") -> str:
    return f'\n[[ownership]]\ntouchpoint = "web.site"\nowner = "{owner}"\n{more}\n'


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


AT_S = second("2026-04-02")


def periods(rules: str, at_s: int = AT_S) -> list[list[tuple[int | None, int | None, str]]]:
    found = owned_slices(parse(REGISTRY + rules), at_s, {})["web.site"]
    return [[(one.start_s, one.end_s, one.owner) for one in part.periods] for part in found]


def test_periods_follow_each_other_without_gaps_and_a_gap_of_rules_is_nobodys() -> None:
    april, may = second("2026-04-01"), second("2026-05-01")
    rules = rule("marketing", "to = 2026-04-01") + rule("sales", "from = 2026-05-01")
    assert periods(rules) == [[(None, april, "marketing"), (april, may, "unowned"), (may, None, "sales")]]


def test_two_rules_of_one_owner_in_turn_are_one_period_unless_the_work_is_divided_otherwise() -> None:
    april = second("2026-04-01")
    same = rule("sales", "to = 2026-04-01") + rule("sales", "from = 2026-04-01")
    assert periods(same) == [[(None, None, "sales")]]
    shared = rule("sales", "to = 2026-04-01") + rule("sales", "from = 2026-04-01\ncontributors = { marketing = 0.4 }")
    assert periods(shared) == [[(None, april, "sales"), (april, None, "sales")]]
    [part] = owned_slices(parse(REGISTRY + shared), AT_S, {})["web.site"]
    assert part.at(AT_S).shares == {"sales": 0.6, "marketing": 0.4}
    assert part.at(april - 1).shares == {"sales": 1.0}


def test_events_are_those_of_the_slices_that_rules_tell_apart() -> None:
    registry = parse(REGISTRY + rule("sales") + rule("marketing", 'segment = "b2b"'))
    sent = {("web.site", "b2b", "north", "nps"): 3, ("web.site", "b2c", "", "nps"): 5, ("fair.stand", "", "", "nps"): 2}
    found = owned_slices(registry, AT_S, sent)
    assert {part.line.slice: (part.at(AT_S).owner, part.line.events) for part in found["web.site"]} == {
        ("", "", ""): ("sales", 5),
        ("b2b", "", ""): ("marketing", 3),
    }
    [stand] = found["fair.stand"]
    assert (stand.at(AT_S).owner, stand.at(AT_S).shares, stand.line.events) == ("unowned", {}, 2)


@pytest.mark.parametrize("slices", [owned_slices, lambda registry, at_s, _: owners_at(registry, at_s)])
def test_rules_are_read_as_often_however_many_touchpoints_there_are(
    monkeypatch: pytest.MonkeyPatch, slices: Callable[[Registry, int, dict[Any, int]], object]
) -> None:
    made = list[str | None]()
    init = Attribution.__init__

    def counted(self: Attribution, registry: Registry, *, facet: str | None = None) -> None:
        made.append(facet)
        init(self, registry, facet=facet)

    monkeypatch.setattr(Attribution, "__init__", counted)
    more = (touchpoint(f"t{number}") + rule_of(f"t{number}", "sales") for number in range(40))
    registry = parse(REGISTRY + "".join(more))
    slices(registry, AT_S, {})
    assert len(made) <= 2 + len(FACETS), "one of events and of each facet for the lines, and one for their owners"

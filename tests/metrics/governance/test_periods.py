from datetime import UTC, datetime

from metrics.governance.periods import owned_slices
from metrics.registry import parse

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

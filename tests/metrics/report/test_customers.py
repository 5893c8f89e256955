from datetime import UTC, datetime
from typing import Literal

import pytest

from metrics.figures.balances import Balance
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, Scores
from metrics.governance.estimates import Estimate, Moments
from metrics.governance.perception import Answers
from metrics.governance.transitions import Transition
from metrics.report.customers import drifts, hand_offs, listening, perception, success
from metrics.report.findings import Claim, Finding, MetricInAlarm
from tests.metrics.registry_text import TARGETS, rule, touchpoint
from tests.metrics.report.given import AT_S, DAY, SHOP, SINCE_S, WEB, decided, material, registry

MOVES: tuple[tuple[Literal["up", "down"], float], ...] = (("down", 1.3), ("up", 0.6), ("down", 0.5), ("down", -2.0))
"""Alarms, and the part of each that comes from what changed hands: only more than half of it explains one."""
HORIZONS: tuple[tuple[Literal["short", "long"], float], ...] = (("short", 5.0), ("long", 8.0))


def test_what_drifts_is_told_with_the_figure_before_and_since() -> None:
    at = datetime.fromtimestamp(AT_S, UTC)
    rows = [
        Balance(at, "as_was", "it", "nps", "long", horizon, value, 1, 9, 50, 40.0, "") for horizon, value in HORIZONS
    ]
    found = list(
        drifts(
            material(
                balances=rows,
                watched={("it", "nps")},
                drifts=(
                    MetricInAlarm("it", "nps", "down", AT_S - 9, before=40.0, after=-5.0, n=50),
                    MetricInAlarm("it", "csat", "up", AT_S - 99, before=60.0, after=80.0, n=29),
                ),
            )
        )
    )
    assert [(one.kind, one.metric, one.since_s, one.before, one.is_uncertain) for one in found] == [
        ("drift_up", "csat", AT_S - 99, 60.0, True),
        ("drift_down", "nps", AT_S - 9, 40.0, False),
    ]
    # The one of the drift, not the one of the short horizon.
    assert found[1].estimate == Estimate(-5.0, None, 50, 50.0)


@pytest.mark.parametrize(
    ("before", "after", "metric", "newest_s", "kind"),
    [
        (40.0, -5.0, "nps", SINCE_S, "drift_down"),
        (40.0, -5.0, "nps", SINCE_S - 60, "drift_unclear"),
        (None, -5.0, "nps", SINCE_S, "drift_unclear"),
        (40.0, None, "nps", SINCE_S, "drift_unclear"),
        (40.0, 0.0, "traffic", SINCE_S - 60, "drift_down"),
    ],
)
def test_where_one_side_has_no_observation_nothing_is_said_to_fall(
    before: float | None, after: float | None, metric: str, newest_s: int, kind: str
) -> None:
    at, newest = (datetime.fromtimestamp(second, UTC) for second in (AT_S, newest_s))
    row = Balance(at, "as_was", "it", metric, "long", "long", 5.0, 1, 9, 50, 40.0, "", last_at=newest)
    alarm = MetricInAlarm("it", metric, "down", SINCE_S - 9 * DAY, before=before, after=after, n=50)
    [found] = [one for one in drifts(material(balances=[row], drifts=(alarm,))) if one.kind != "unwatched"]
    assert found.kind == kind
    if kind == "drift_unclear":
        assert (found.estimate, found.of.tone) == (None, "open")


def test_a_drift_that_touchpoints_brought_by_changing_hands_is_told_as_that() -> None:
    alarms = [
        MetricInAlarm("it", "nps", direction, AT_S - n, share, ("shop", "web"), 40.0, 20.0, 90)
        for n, (direction, share) in enumerate(MOVES, start=1)
    ]
    found = list(drifts(material(drifts=tuple(alarms))))
    assert [(one.kind, one.other, one.against) for one in reversed(found)] == [
        ("moved_down", "shop web", 1.0),
        ("moved_up", "shop web", 0.6),
        ("drift_down", "", None),
        ("drift_down", "", None),
    ]
    assert {one.of.tone for one in found if one.kind.startswith("moved")} == {"plain"}


def test_metrics_without_a_baseline_are_named_and_those_without_an_observation_are_not() -> None:
    at = datetime.fromtimestamp(AT_S, UTC)
    rows = [
        Balance(at, "as_was", name, metric, "long", "short", 5.0, 1, 9, n, 40.0, "")
        for name, metric, n in (
            ("it", "nps", 50),
            ("it", "csat", 70),
            ("sales", "nps", 90),
            ("sales", "ces", 0),
            ("company", "nps", 140),
            ("unowned", "nps", 9),
        )
    ]
    [found] = list(drifts(material(balances=rows, watched={("it", "csat")})))
    assert (found.kind, found.other) == ("unwatched", "sales/nps it/nps")
    assert found.estimate is not None
    assert found.estimate.value == 2


def answered(n: int, mean: float) -> Moments:
    return Moments(n, n * mean, n * (mean**2 + 0.02))


def handed(across: float, n: int = 60, giver: str = "it") -> list[Finding]:
    found = (
        Transition("sales", "sales", 300, answered(300, 0.8), 1),
        Transition(giver, "sales", n, answered(n, across), 1),
    )
    return decided(list(hand_offs(material(counted=Counted(transitions=found)))))


def test_a_hand_off_after_which_customers_are_less_content_names_who_should_talk() -> None:
    [found] = handed(0.6)
    assert (found.kind, found.department, found.other) == ("bad_hand_off", "sales", "it")
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(-20)


def test_one_after_which_they_are_more_content_is_good_news_and_a_small_gap_is_none() -> None:
    assert [one.kind for one in handed(0.9)] == ["good_hand_off"]
    assert handed(0.785, n=100_000) == []


def test_few_answers_blame_nobody_and_nobody_cannot_be_talked_to() -> None:
    [found] = handed(0.3, n=12)
    assert (found.kind, found.department, found.other) == ("hand_offs_unclear", "", "")
    assert handed(0.3, giver="unowned") == []


def test_a_hand_off_to_a_touchpoint_that_is_liked_less_is_not_a_bad_one() -> None:
    found = (
        Transition("sales", "sales", 300, answered(300, 0.9), 1),
        Transition("sales", "sales", 40, answered(40, 0.5), 2),
        Transition("it", "sales", 200, answered(200, 0.5), 2),
    )
    assert decided(list(hand_offs(material(counted=Counted(transitions=found))))) == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({60.0: 50, 30.0: 10}, "expect_more"),
        ({60.0: 10, 30.0: 50}, "expect_less"),
        ({60.0: 31, 30.0: 29}, None),
        ({60.0: 30, 30.0: 30}, None),
        ({60.0: 20}, None),
    ],
)
def test_what_customers_call_success_stands_against_the_target(values: dict[float, int], kind: str | None) -> None:
    counted = Counted(success={"nps": values})
    found = decided(list(success(material(registry(WEB + SHOP + TARGETS), counted))))
    assert [(one.kind, one.metric, one.against) for one in found] == ([(kind, "nps", 40)] if kind else [])


def test_that_nobody_asked_customers_is_an_open_question_where_there_are_targets() -> None:
    assert [one.kind for one in decided(list(success(material(registry(WEB + TARGETS)))))] == ["no_success_answers"]
    assert list(success(material())) == []


def asked(*answers: Answers, tables: str = WEB + SHOP) -> list[Finding]:
    return decided(list(perception(material(registry(tables), Counted(answers=answers)))))


def test_a_role_of_which_most_name_another_department_is_told_with_whom_it_names() -> None:
    [found] = asked(
        Answers("web", "", "clerk", "sales", 30),
        Answers("web", "", "clerk", "it", 4),
        Answers("web", "", "clerk", "don't know", 99),
    )
    assert (found.kind, found.department, found.other, found.role) == ("mistaken_owner", "it", "sales", "clerk")
    assert found.estimate is not None
    assert (found.estimate.value, found.estimate.n) == (pytest.approx(4 / 34), 34)


@pytest.mark.parametrize(
    ("named", "unknowing", "support"),
    [
        ({"sales": 31, "it": 9}, 0, "majority"),
        ({"sales": 31, "it": 9}, 22, "plurality"),
        ({"sales": 20, "it": 4, "nobody": 16}, 0, "plurality"),
        ({"sales": 20, "nobody": 20}, 0, "minority"),
        ({"sales": 20, "it": 20, "nobody": 40}, 0, "plurality"),
        ({"sales": 30, "it": 35, "nobody": 30}, 0, "minority"),
    ],
)
def test_how_many_name_another_owner_counts_all_that_were_asked(
    named: dict[str, int], unknowing: int, support: str
) -> None:
    given = [Answers("web", "", "clerk", name, n) for name, n in (named | {"don't know": unknowing}).items()]
    [found] = asked(*given)
    assert (found.kind, found.support) == ("mistaken_owner", support)


def test_few_answers_and_a_touchpoint_without_one_owner_say_nothing_of_a_role() -> None:
    assert asked(Answers("web", "", "clerk", "sales", 29)) == []
    contested = touchpoint("web") + rule("web", "it") + rule("web", "sales")
    assert asked(Answers("web", "", "clerk", "nobody", 90), tables=contested) == []
    assert asked(Answers("fax", "", "clerk", "it", 90)) == []


def test_agreement_of_most_is_good_news_and_no_answers_are_an_open_question() -> None:
    found = asked(Answers("web", "voice", "clerk", "it", 60), Answers("web", "", "clerk", "sales", 9))
    assert [one.kind for one in found] == ["agreement"]
    assert [one.kind for one in asked()] == ["no_ownership_answers"]


def test_a_role_that_names_the_owner_alone_is_a_question_without_a_finding() -> None:
    claims = list(perception(material(counted=Counted(answers=(Answers("web", "", "clerk", "it", 60),)))))
    assert [one.p for one in claims if isinstance(one, Claim)] == [pytest.approx(1)]


def test_cases_that_wait_and_those_that_customers_call_closed_are_told() -> None:
    closed = [Case("it", AT_S - 9 * DAY, AT_S - 8 * DAY, True, True) for _ in range(40)]
    waiting = [Case("sales", AT_S - (n + 1) * DAY) for n in range(6)] + [Case("it", AT_S - DAY)]
    counted = Counted(
        cases=(*closed, *waiting), scores={"web": Scores(29, 2), "shop": Scores(90, 2), "fax": Scores(1, 0)}
    )
    found = list(listening(material(counted=counted)))
    assert [(one.kind, one.department, one.touchpoint) for one in found] == [
        ("confirmed", "it", ""),
        ("open_cases", "sales", ""),
        ("unheard", "unowned", "fax"),
        ("unheard", "it", "web"),
    ]
    assert found[1].against == 6

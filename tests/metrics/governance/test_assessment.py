import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from metrics.governance.assessment import assess
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, GovernanceFigure, Scores
from metrics.governance.estimates import Estimate, Moments, moments
from metrics.governance.journeys import Path
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from metrics.governance.transitions import Transition
from metrics.registry import Registry, parse
from tests.known import known
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

DAY = 86_400
SINCE_S = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
CHANGE_S = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
AT_S = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
ART = '\n[[department]]\nid = "art"\nname = "Art"\noffice = "front"\n'
TEAM = '\n[[team]]\nid = "duo"\nname = "Duo"\noffice = "front"\nmembers = { it = 0.5, sales = 0.5 }\n'
TARGETS = "".join(
    f'\n[[target]]\nmetric = "{metric}"\nfloor = 0\ninternal = 40\n{more}\n'
    for metric, more in (("nps", "customer = 55\nweight = 3"), ("traffic", ""))
)
SPEND = '\n[spend]\ndeclared = ["surveys"]\nhidden = ["rework"]\n'
TABLES = (
    touchpoint("web")
    + touchpoint("shop")
    + touchpoint("fax")
    + touchpoint("desk")
    + rule("web", "it", "to = 2026-03-01")
    + rule("web", "sales", "contributors = { it = 0.4 }", "from = 2026-03-01")
    + rule("shop", "sales")
    + rule("desk", "sales")
    + rule("desk", "it")
)
REGISTRY = parse(
    COMPANY_OF_TWO.replace('"single"', '"shared"\nmax_effective_owners = 1.5', 1) + ART + TARGETS + SPEND + TABLES
)


def figures_of(counted: Counted, registry: Registry = REGISTRY) -> dict[tuple[str, str], Estimate]:
    figures = assess(registry, counted, SINCE_S, AT_S)
    result: dict[tuple[str, str], Estimate] = {(figure.measure, figure.subject): figure.estimate for figure in figures}
    assert len(result) == len(figures)
    assert all(isinstance(figure, GovernanceFigure) for figure in figures)
    return result


def test_lines_of_responsibility_are_named_with_what_is_wrong_with_them() -> None:
    result = figures_of(Counted())
    assert result["accountable", "desk"].value == 2
    assert result["effective_owners_above_policy", "web"].value == pytest.approx(1 / 0.52)
    assert ("orphan", "fax") in result
    assert result["no_responsibility", "art"].value == 1
    assert result["clear_lines", ""].value == 0.25
    assert result["coordination", ""].value == 1.0
    assert {subject for measure, subject in result if measure == "no_sponsor"} == {"web", "shop", "fax", "desk"}
    assert result["churn", ""].value == pytest.approx(1 / 4 * 365.25 / 120)


def test_members_of_a_team_that_answers_for_something_have_responsibility() -> None:
    registry = parse(COMPANY_OF_TWO.replace('"single"', '"team"') + TEAM + touchpoint("web") + rule("web", "duo"))
    assert not [key for key in figures_of(Counted(), registry) if key[0] == "no_responsibility"]


def test_dispersion_is_over_touchpoints_events_and_money() -> None:
    spends = (Spend("it", "web", "rework", "EUR", Decimal(30)), Spend("sales", "web", "surveys", "EUR", Decimal(10)))
    owned = {("web", "it"): 60, ("shop", "sales"): 20, ("undeclared", "sales"): 20, ("fax", "unowned"): 100}
    result = figures_of(Counted(owned=owned, spends=spends))
    assert result["orphan_events", ""].value == 0.5
    assert result["effective_owners", "events"].value == pytest.approx(1 / 0.52)
    assert result["effective_owners", "events before"].value == pytest.approx(16 / 10)
    assert result["effective_owners", "touchpoints"].value == pytest.approx(9 / 6.5)
    assert result["effective_owners", "spend EUR"].value == pytest.approx(1.6)
    assert result["hidden_spend", "EUR"].value == 0.75


def test_spend_is_counted_in_postings_and_its_owners_are_those_of_the_spend_on_the_experience() -> None:
    spends = (
        Spend("it", "web", "rework", "EUR", Decimal(3_000_000), 400),
        Spend("sales", "shop", "surveys", "EUR", Decimal(3_000_000), 255),
        Spend("unowned", "fax", "rework", "EUR", Decimal(9_000_000), 7),
        Spend("sales", "shop", "advertising", "EUR", Decimal(9_000_000), 9),
    )
    result = figures_of(Counted(spends=spends))
    assert result["effective_owners", "spend EUR"] == Estimate(2.0, None, 655, 655.0)
    assert (result["hidden_spend", "EUR"].n, result["hidden_spend", "EUR"].value) == (662, 0.8)


def test_where_no_money_is_known_to_be_for_the_experience_it_has_no_owners() -> None:
    spends = (Spend("sales", "shop", "advertising", "EUR", Decimal(9), 9),)
    assert ("effective_owners", "spend EUR") not in figures_of(Counted(spends=spends))


def test_answers_are_held_against_the_declared_owner() -> None:
    answers = (
        Answers("web", "", "manager", "sales", 6),
        Answers("web", "", "clerk", "it", 4),
        Answers("fax", "", "clerk", "nobody", 2),
        Answers("fax", "", "manager", "nobody", 2),
        Answers("kiosk", "voice", "clerk", "nobody", 1),
        Answers("shop", "voice", "clerk", "sales", 1),
    )
    result = figures_of(Counted(answers=answers))
    assert result["perception_agreement", "web"].value == 0.6
    assert result["perception_distance", "web"].value == pytest.approx(0)
    assert result["perception_agreement", "fax"].value == 1
    assert result["perception_agreement", "kiosk voice"].value == 1
    assert result["perception_agreement", "shop voice"].value == 1
    assert result["kappa", "clerk / manager"].n == 2


def test_where_nobody_listens_has_a_figure_as_well() -> None:
    result = figures_of(Counted(scores={"web": Scores(40, 4), "kiosk": Scores(10, 1)}))
    assert result["answers", "fax"].value == 0
    assert result["bad_share", "web"].value == 0.1
    assert ("bad_share", "fax") not in result
    assert result["answers", "kiosk"].value == 10


def test_cases_are_reported_by_owner() -> None:
    result = figures_of(Counted(cases=(Case("it", AT_S - 200, AT_S - 100, True, True), Case("hr", AT_S - 50))))
    assert (result["open_cases", "it"].value, result["open_cases", "hr"].value) == (0, 1)
    assert ("oldest_case_s", "it") not in result
    assert result["oldest_case_s", "hr"].value == 50
    assert result["confirmed_by_customer", "it"].value == 1


def test_hand_offs_have_a_figure_for_the_company_each_department_and_each_pair() -> None:
    scores = Moments(40, 20.0, 12.0)
    result = figures_of(
        Counted(transitions=(Transition("it", "it", 30, scores), Transition("sales", "it", 10, scores)))
    )
    assert result["hand_off_share", ""].value == 0.25
    assert (result["transitions", "it > it"].value, result["transitions", "sales > it"].value) == (0.75, 0.25)
    assert result["transitions", "sales > it"].n == 40
    assert result["ei_index", "sales"].value == 1
    assert result["hand_off_satisfaction_gap", "sales > it"].value == 0


def test_credit_by_every_rule_sums_to_one() -> None:
    paths = (Path(("it", "sales"), 30, 10), Path(("it",), 5, 40), Path(("sales", "it", "sales"), 4, 6))
    result = figures_of(Counted(paths=paths))
    for rule_name in ("last", "first", "linear", "position", "markov", "shapley"):
        parts = [known(one.value) for (measure, _), one in result.items() if measure == f"credit_{rule_name}"]
        assert sum(parts) == pytest.approx(1)
    assert result["credit_last", "sales"].value == pytest.approx(34 / 39)
    assert not [key for key in figures_of(Counted(paths=(Path(("it",), 0, 9),))) if key[0].startswith("credit")]


def test_what_customers_call_success_stands_against_the_target() -> None:
    result = figures_of(Counted(success={"nps": {50.0: 40}}))
    assert result["long_term_weight_declared", ""].value == 0.75
    assert result["success_learnt", "nps"].value == 50
    assert result["expectation_gap", "nps"].value == -10
    assert ("expectation_gap", "traffic") not in result
    assert ("long_term_weight_declared", "") not in figures_of(Counted(), parse(COMPANY_OF_TWO))


def test_a_change_of_owner_is_held_against_touchpoints_that_kept_theirs() -> None:
    first = SINCE_S // DAY
    flat = {first + i: moments([0.4 + 0.1 * (i % 3)] * 9) for i in range(120)}
    risen = {
        day: Moments(one.n, one.total + 0.9 * (day * DAY >= CHANGE_S), one.squares + 1.0) for day, one in flat.items()
    }
    result = figures_of(Counted(days={"web": risen, "shop": flat}))
    assert result["change_effect", "web"].value == pytest.approx(0.1)
    assert result["change_moved", "web"].value == pytest.approx(0.1, abs=0.02)
    assert result["change_trend_before", "web"].value == pytest.approx(0, abs=1e-9)
    assert ("change_effect", "shop") not in result
    rows = {
        (row.measure, row.subject): row
        for row in assess(REGISTRY, Counted(days={"web": risen, "shop": flat}), SINCE_S, AT_S)
    }
    assert rows["change_synthetic", "web"].reason == "too_few_donors"
    assert rows["change_effect", "web"].reason == ""
    assert ("change_placebo_p", "web") not in rows


def test_a_change_of_owner_is_held_against_a_synthetic_control_and_placebos() -> None:
    first, draws = SINCE_S // DAY, random.Random(1)
    days = {
        name: {first + i: moments([draws.gauss(0.5, 0.1) for _ in range(9)]) for i in range(120)}
        for name in ("web", *(f"shop.{n}" for n in range(25)))
    }
    days["web"] = {
        day: Moments(one.n, one.total + 0.9 * (day * DAY >= CHANGE_S), one.squares + 1.0)
        for day, one in days["web"].items()
    }
    rows = {(row.measure, row.subject): row for row in assess(REGISTRY, Counted(days=days), SINCE_S, AT_S)}
    effect, p = rows["change_synthetic", "web"], rows["change_placebo_p", "web"]
    assert (effect.reason, p.reason, p.estimate.n) == ("", "", 25)
    assert effect.estimate.value == pytest.approx(0.1, abs=0.02)
    assert effect.estimate.differs
    assert p.estimate.value == pytest.approx(1 / 26)
    weeks = [row for (measure, _), row in rows.items() if measure == "change_week"]
    assert [row.subject for row in weeks] == [f"web week {row.week:+d}" for row in weeks]
    first_week = known(weeks[0].week)
    assert [row.week for row in weeks] == list(range(first_week, first_week + len(weeks)))
    after = [known(row.estimate.value) for row in weeks if known(row.week) >= 0]
    assert sum(after) / len(after) == pytest.approx(effect.estimate.value)
    leads = rows["change_leads_p", "web"]
    assert (leads.reason, leads.estimate.n) == ("", 25)
    assert known(leads.estimate.value) > 0.05


def test_what_is_counted_besides_paths_has_its_figures() -> None:
    counted = Counted(decayed={"it": 3.0, "sales": 1.0}, departments=moments([1, 2, 3]), changes=moments([0, 1, 2]))
    result = figures_of(counted)
    assert result["credit_time_decay", "it"].value == 0.75
    assert (result["departments_per_journey", ""].value, result["hand_offs_per_journey", ""].value) == (2, 1)
    assert not [key for key in figures_of(Counted()) if key[0] == "credit_time_decay"]


def test_a_promoter_has_a_price_by_touchpoint_and_department_where_there_is_spend() -> None:
    gained = Promoters((300, 1000), (450, 1000), 2000)
    spends = (Spend("it", "web", "rework", "EUR", Decimal(9000)), Spend("it", "fax", "rework", "EUR", Decimal(9)))
    promoters = {"web": gained, "department it": gained, "shop": gained, "fax": Promoters((0, 0), (0, 0), 0)}
    result = figures_of(Counted(spends=spends, promoters=promoters))
    assert {key[1] for key in result if key[0] == "cost_per_promoter"} == {"web EUR", "department it EUR"}
    assert result["cost_per_promoter", "web EUR"].value == pytest.approx(30)


def test_the_weight_of_the_long_term_as_lived_stands_next_to_the_declared_one() -> None:
    spends = (Spend("it", "web", "rework", "EUR", Decimal(9), 30),)
    result = figures_of(Counted(spends=spends, alarms={"nps": 9, "traffic": 3}))
    assert result["long_term_weight_lived", "alerts"].value == 0.75
    assert result["long_term_weight_lived", "spend EUR"].value == 0
    assert result["long_term_weight_lived", ""].value == 0.375
    assert result["long_term_weight_gap", ""].value == pytest.approx(-0.375)
    assert (result["long_term_weight_lived", "spend EUR"].n, result["long_term_weight_lived", ""].n) == (30, 42)
    assert result["long_term_weight_lived", ""].n_eff == pytest.approx(4 / (1 / 30 + 1 / 12))
    assert ("long_term_weight_lived", "") not in figures_of(Counted())


def test_one_alert_is_no_weight_of_the_long_term() -> None:
    result = figures_of(Counted(alarms={"traffic": 1}))
    for measure in ("long_term_weight_lived", "long_term_weight_gap"):
        assert result[measure, ""] == Estimate(None, None, 1, 1.0)
    assert result["long_term_weight_lived", "alerts"] == Estimate(None, None, 1, 1.0)
    assert result["long_term_weight_declared", ""].value is not None


def test_a_pair_is_compared_like_with_like_as_well() -> None:
    scores = Moments(40, 20.0, 12.0)
    result = figures_of(
        Counted(transitions=(Transition("it", "it", 30, scores, 1), Transition("sales", "it", 10, scores, 2)))
    )
    assert result["hand_off_satisfaction_gap", "sales > it"].value == 0
    assert result["hand_off_like_gap", "sales > it"].value is None

"""A report of a company in which nothing is wrong claims nothing, as often as its level promises."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any, get_args

import pytest

from metrics.catalogue import Term
from metrics.figures.balances import Balance
from metrics.figures.scorecards import scorecards
from metrics.governance.counted import Counted
from metrics.governance.estimates import moments
from metrics.governance.evidence import LEVEL, holm, p_value
from metrics.governance.handoffs import like_with_like
from metrics.governance.perception import Answers
from metrics.governance.transitions import Transition
from metrics.report.assembly import MOST_OF_A_SECTION, claims, make
from metrics.report.customers import LEAST_GAP
from metrics.report.findings import FINDING_KINDS, MetricInAlarm, Section
from metrics.report.localise import LANGUAGES, localise
from tests.metrics.registry_text import TARGETS
from tests.metrics.report.calm import REGISTRY, calm
from tests.metrics.report.given import AT_S, DAY, SHOP, SINCE_S, WEB, material, registry

SEEDS = 200
SOMETHING = Counted(slices={("web", "", "", "visit"): 1})
"""One visit: there were events."""
GUIDE = (Path(__file__).parents[3] / "docs" / "governance.md").read_text()
CLAIMED = {
    "change_hurt", "change_helped", "bad_hand_off", "good_hand_off", "myopia", "expect_more", "expect_less",
    "mistaken_owner",
}  # fmt: skip


@pytest.fixture(scope="module")
def histories() -> list[tuple[set[str], list[tuple[str, float]]]]:
    """Of each seed: the kinds that the report claims, and its questions with their p-values."""
    return told(SEEDS, repeating=False)


@pytest.fixture(scope="module")
def regulars() -> list[tuple[set[str], list[tuple[str, float]]]]:
    """The same of companies whose customers come again."""
    return told(SEEDS // 4, repeating=True)


def told(seeds: int, repeating: bool) -> list[tuple[set[str], list[tuple[str, float]]]]:
    found = []
    for seed in range(seeds):
        one = calm(seed, repeating)
        said = {finding.kind for finding in make(one).findings}
        found.append((said, [(claim.yes.kind, claim.p) for claim in claims(one)]))
    return found


@pytest.mark.long
def test_a_calm_company_is_told_that_something_is_the_matter_no_more_often_than_promised(
    histories: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    false = sum(bool(said & CLAIMED) for said, _ in histories)
    without = sum(any(p <= LEVEL for _, p in tested) for _, tested in histories)
    assert false <= SEEDS * LEVEL + 2 * sqrt(SEEDS * LEVEL * (1 - LEVEL))
    assert without > SEEDS / 2
    assert f"in {false} of {SEEDS} reports" in GUIDE
    assert f"in {without} of them" in GUIDE


@pytest.mark.long
def test_customers_who_come_again_are_one_observation_each_and_a_calm_company_of_them_is_told_nothing(
    regulars: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    false = sum(bool(said & CLAIMED) for said, _ in regulars)
    assert false <= len(regulars) * LEVEL + 2 * sqrt(len(regulars) * LEVEL * (1 - LEVEL))
    p_values = [p for _, tested in regulars for kind, p in tested if kind.endswith("hand_off")]
    assert len(p_values) == len(regulars) * 20
    assert sum(p <= LEVEL for p in p_values) / len(p_values) <= LEVEL + 3 * sqrt(LEVEL * (1 - LEVEL) / len(p_values))


@pytest.mark.long
def test_steps_of_one_customer_taken_for_independent_would_make_claims(
    regulars: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    false = 0
    for seed in range(len(regulars)):
        pairs = [replace(pair, by_customer=()) for pair in calm(seed, repeating=True).counted.transitions]
        gaps = [pair.gap for pair in like_with_like(pairs) if abs(pair.gap.value or 0) >= LEAST_GAP]
        false += any(holm([p_value(gap, freedom=gap.n_eff - 1) for gap in gaps]))
    assert false > len(regulars) / 4


@pytest.mark.long
def test_each_kind_of_question_is_answered_with_yes_by_chance_as_often_as_its_interval_says(
    histories: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    tested: Counter[str] = Counter()
    yes: Counter[str] = Counter()
    for _, questions in histories:
        for kind, p in questions:
            family = kind.replace("good", "bad").replace("helped", "hurt").replace("less", "more")
            tested[family] += 1
            yes[family] += p <= LEVEL
    assert set(tested) == {"change_hurt", "bad_hand_off", "expect_more", "mistaken_owner"}
    for family, n in tested.items():
        assert yes[family] / n <= LEVEL + 3 * sqrt(LEVEL * (1 - LEVEL) / n), family


@pytest.mark.long
def test_nothing_bad_is_said_of_a_calm_company_that_is_not_a_claim(
    histories: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    said = set().union(*(kinds for kinds, _ in histories))
    assert {kind for kind in said if FINDING_KINDS[kind].tone == "bad"} <= CLAIMED
    assert {"clear_lines", "agreement", "change_no_effect", "balance"} <= said


def test_the_same_material_gives_the_same_report_to_the_letter() -> None:
    one, other = make(calm(3)), make(calm(3))
    assert one == other
    for language in LANGUAGES.values():
        assert localise(one, REGISTRY, language) == localise(other, REGISTRY, language)


def test_every_section_is_there_and_each_fits_on_its_part_of_the_pages() -> None:
    drifts = tuple(MetricInAlarm("it", "nps", "down", AT_S - n, before=4.0, after=2.0) for n in range(9))
    report = make(material(counted=SOMETHING, drifts=drifts))
    assert [part.section for part in report.parts] == list(get_args(Section))
    [part] = [part for part in report.parts if part.section == "drift"]
    assert (len(part.findings), part.omitted) == (MOST_OF_A_SECTION["drift"], 9 - MOST_OF_A_SECTION["drift"])
    [part] = [
        part
        for part in make(material(counted=SOMETHING, drifts=drifts), is_complete=True).parts
        if part.section == "drift"
    ]
    assert (len(part.findings), part.omitted) == (9, 0)


def test_what_nobody_asked_or_counted_is_not_known() -> None:
    known = {part.section: part.is_known for part in make(material(counted=SOMETHING)).parts}
    assert {section for section, is_known in known.items() if not is_known} == {
        "drift",
        "talk",
        "success",
        "money",
        "perception",
    }
    unknown = [part.section for part in make(calm(1)).parts if not part.is_known]
    assert unknown == ["drift"]
    assert all(part.is_known for part in make(replace(calm(1), watched={("it", "nps")})).parts)


def test_of_a_time_without_events_nothing_is_judged_but_what_is_declared() -> None:
    at = datetime.fromtimestamp(AT_S, UTC)
    before = at - timedelta(days=200)
    terms: tuple[tuple[str, Term], ...] = (("nps", "long"), ("traffic", "short"))
    rows = [
        Balance(at, "as_was", "it", metric, term, term, 90.0, 80, 95, 900, 700.0, "", last_at=before)
        for metric, term in terms
    ]
    fallen = MetricInAlarm("it", "nps", "down", AT_S - 300 * DAY, before=80.0, after=40.0, n=900)
    parts: dict[str, Any] = {
        "of": registry(WEB + SHOP + TARGETS),
        "balances": rows,
        "cards": scorecards(rows, registry(WEB + SHOP + TARGETS).targets),
        "drifts": (fallen,),
        "watched": {("it", "nps")},
    }
    judged, empty = make(material(counted=SOMETHING, **parts)), make(material(**parts))
    assert {"balance", "on_target", "drift_unclear"} <= {finding.kind for finding in judged.findings}
    assert {finding.of.section for finding in empty.findings} == {"open"}
    assert (judged.has_events, empty.has_events) == (True, False)
    for language in LANGUAGES.values():
        nothing = {part.section: part.nothing for part in localise(empty, registry(), language).paragraphs}
        judged_of = {part for part, said in nothing.items() if said == language.no_events}
        assert judged_of == set(get_args(Section)) - {"lines", "open"}
        assert nothing["lines"] == language.nothing["lines"]


def test_that_nothing_falls_is_said_only_where_something_watched_was_observed() -> None:
    at, before = (datetime.fromtimestamp(second, UTC) for second in (AT_S, SINCE_S - DAY))
    for newest, is_known in ((before, False), (at, True)):
        row = Balance(at, "as_was", "it", "nps", "long", "long", 5.0, 1, 9, 50, 40.0, "", last_at=newest)
        report = make(material(counted=SOMETHING, balances=[row], watched={("it", "nps")}))
        assert {part.section: part.is_known for part in report.parts}["drift"] is is_known


def test_what_too_few_were_asked_is_not_known_either() -> None:
    few = Counted(
        answers=(Answers("web", "", "clerk", "sales", 29),),
        success={"nps": {40.0: 29}},
        transitions=(
            Transition("it", "it", 29, moments([0.5] * 29), 1),
            Transition("sales", "it", 99, moments([0.5] * 99), 1),
        ),
    )
    known = {part.section: part.is_known for part in make(material(registry(WEB + SHOP + TARGETS), few)).parts}
    assert not any(known[section] for section in ("talk", "success", "perception"))


def test_of_what_does_not_fit_the_bad_comes_first() -> None:
    tones = [[finding.of.tone for finding in part.findings] for part in make(calm(1)).parts]
    order = ("bad", "good", "plain", "open")
    assert all(sorted(some, key=order.index) == some for some in tones)


def test_no_kind_of_finding_is_about_a_person() -> None:
    assert not [kind for kind in FINDING_KINDS if re.search("person|employee|agent|customer_id", kind)]

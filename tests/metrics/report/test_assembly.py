"""A report of a company in which nothing is wrong claims nothing, as often as its level promises."""

import re
from collections import Counter
from math import sqrt
from pathlib import Path
from typing import get_args

import pytest

from metrics.governance.evidence import LEVEL
from metrics.report.assembly import MOST_OF_A_SECTION, claims, make
from metrics.report.findings import FINDING_KINDS, MetricInAlarm, Section
from metrics.report.localise import LANGUAGES, localise
from tests.metrics.report.calm import REGISTRY, calm
from tests.metrics.report.given import AT_S, material

SEEDS = 200
GUIDE = (Path(__file__).parents[3] / "docs" / "governance.md").read_text()
CLAIMED = {
    "change_hurt", "change_helped", "bad_hand_off", "good_hand_off", "myopia", "expect_more", "expect_less",
    "mistaken_owner",
}  # fmt: skip


@pytest.fixture(scope="module")
def histories() -> list[tuple[set[str], list[tuple[str, float]]]]:
    """Of each seed: the kinds that the report claims, and its questions with their p-values."""
    found = []
    for seed in range(SEEDS):
        one = calm(seed)
        said = {finding.kind for finding in make(one).findings}
        found.append((said, [(claim.yes.kind, claim.p) for claim in claims(one)]))
    return found


def test_a_calm_company_is_told_that_something_is_the_matter_no_more_often_than_promised(
    histories: list[tuple[set[str], list[tuple[str, float]]]],
) -> None:
    false = sum(bool(said & CLAIMED) for said, _ in histories)
    without = sum(any(p <= LEVEL for _, p in tested) for _, tested in histories)
    assert false <= SEEDS * LEVEL + 2 * sqrt(SEEDS * LEVEL * (1 - LEVEL))
    assert without > SEEDS / 2
    assert f"in {false} of {SEEDS} reports" in GUIDE
    assert f"in {without} of them" in GUIDE


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
    drifts = tuple(MetricInAlarm("it", "nps", "down", AT_S - n) for n in range(9))
    report = make(material(drifts=drifts))
    assert [part.section for part in report.parts] == list(get_args(Section))
    [part] = [part for part in report.parts if part.section == "drift"]
    assert (len(part.findings), part.omitted) == (MOST_OF_A_SECTION["drift"], 9 - MOST_OF_A_SECTION["drift"])


def test_what_nobody_asked_or_counted_is_not_known() -> None:
    known = {part.section: part.is_known for part in make(material()).parts}
    assert {section for section, is_known in known.items() if not is_known} == {
        "talk",
        "success",
        "money",
        "perception",
    }
    assert all(part.is_known for part in make(calm(1)).parts)


def test_of_what_does_not_fit_the_bad_comes_first() -> None:
    tones = [[finding.of.tone for finding in part.findings] for part in make(calm(1)).parts]
    order = ("bad", "good", "plain", "open")
    assert all(sorted(some, key=order.index) == some for some in tones)


def test_no_kind_of_finding_is_about_a_person() -> None:
    assert not [kind for kind in FINDING_KINDS if re.search("person|employee|agent|customer_id", kind)]

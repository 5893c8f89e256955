"""Surrogates: planted relations are read with their sign and lag, and calm companies are told nothing."""

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.subjects import Tally
from metrics.governance.customers import Floats
from metrics.governance.surrogates import SurrogatePair, Surrogates, read_surrogates
from metrics.governance.weeks import Part, WeeklyFigures, weekly_figures
from tests.known import known
from tests.metrics.governance.given import law

WEEKS = 104
MANNERS = ("walk", "memory", "season", "trend", "bursts", "noise")
Kinds = dict[str, Tally]
SALES = Part("sales")


def level(generator: np.random.Generator, size: float = 0.3, weeks: int = WEEKS) -> Floats:
    """A level that moves by itself, in one of several manners."""
    noise, manner = generator.normal(size=weeks), MANNERS[generator.integers(len(MANNERS))]
    if manner == "walk":
        moved = np.cumsum(noise) / 4.5
    elif manner == "memory":
        moved = noise / 2
        for week in range(1, weeks):
            moved[week] += 0.85 * moved[week - 1]
    elif manner == "season":
        moved = np.sin(2 * np.pi * np.arange(weeks) / 52.18 + generator.uniform(0, 6)) + 0.3 * noise
    elif manner == "trend":
        moved = generator.normal() * np.arange(weeks) / 40 + 0.3 * noise
    elif manner == "bursts":
        moved = 0.2 * noise
        for week in generator.integers(0, weeks, 5):
            moved[week : week + 3] += 2.5
    else:
        moved = noise / 2
    return size * np.asarray(moved)


def company(seed: int, follows: Mapping[str, float] | None = None, lag: int = 5) -> list[Kinds]:
    """A department's tallies by week, every metric by itself.

    Args:
        seed: Of the draws.
        follows: By kind of a long-term metric, how strongly its level follows that of conversions.
        lag: So many weeks later.
    """
    generator, follows = np.random.default_rng(seed), follows or {}
    sales = level(generator)

    def moved(kind: str) -> Floats:
        later = np.concatenate([np.zeros(lag), sales[:-lag]])
        return level(generator) + follows.get(kind, 0.0) * later

    def share(n: Any, kind: str, usual: float) -> Floats:
        return np.asarray(generator.binomial(n, 1 / (1 + np.exp(-usual - moved(kind)))))

    counts = {
        kind: generator.poisson(np.exp(size + level(generator))) for kind, size in (("visit", 6), ("awareness", 5))
    }
    counts |= {"conversion": generator.poisson(np.exp(4 + sales))}
    counts |= {
        kind: generator.poisson(np.exp(size + moved(kind)))
        for kind, size in (("repeat_purchase", 3.3), ("referral", 2))
    }
    nps, csat, contracts = (generator.poisson(n, WEEKS) for n in (60, 50, 40))
    promoters, satisfied, renewed = share(nps, "nps", -0.2), share(csat, "csat", 0.8), share(contracts, "renewal", 1.0)
    return [
        {kind: Tally(int(n[week]), int(n[week])) for kind, n in counts.items()}
        | {
            "nps": Tally(int(nps[week]), 0, int(promoters[week]), int((nps - promoters)[week] * 0.4)),
            "csat": Tally(int(csat[week]), 0, satisfied=int(satisfied[week])),
            "renewal": Tally(int(renewed[week])),
            "churn": Tally(int((contracts - renewed)[week])),
        }
        for week in range(WEEKS)
    ]


def of_company(seed: int, follows: Mapping[str, float] | None = None) -> Surrogates:
    return read_surrogates(weekly_figures({SALES: company(seed, follows)}))


def pair(found: Surrogates, short: str, long: str) -> SurrogatePair:
    [match] = [item for item in found.pairs if (item.short, item.long) == (short, long)]
    return match


def test_what_follows_is_read_as_the_long_term_that_will_follow() -> None:
    generator = np.random.default_rng(1)
    traffic, answers = generator.normal(6, 0.3, WEEKS), generator.normal(30, 4, WEEKS)
    answers[5:] += 20 * (traffic[:-5] - 6)
    found = read_surrogates(WeeklyFigures(WEEKS, {(SALES, "traffic"): tuple(traffic), (SALES, "nps"): tuple(answers)}))
    match = pair(found, "traffic", "nps")
    assert (match.reading, match.reason, known(match.lag)[0]) == ("long_will_follow", "", 5)
    assert known(match.effect).low <= 20 * np.log(1.1) <= known(match.effect).high
    assert known(match.skill) > 0.3
    [index] = found.indices
    assert (index.department, index.long, index.shorts) == ("sales", "nps", ("traffic",))
    assert index.skill == pytest.approx(match.skill)


def test_purchases_that_are_brought_forward_are_told_as_bought_from_the_future() -> None:
    """Conversions that cost repeat purchases five weeks later: read so where conversions do more than a season does."""
    matches = [pair(of_company(seed, {"repeat_purchase": -2}), "conversions", "repeat_rate") for seed in range(12)]
    read = [match for match in matches if match.reason == ""]
    assert len(read) >= 5
    assert {match.reading for match in read} == {"bought_from_the_future"}
    assert {known(match.lag)[0] for match in read} == {5}
    assert all(known(match.effect).high < 0 for match in read)


def test_at_most_one_calm_company_in_twenty_is_told_anything() -> None:
    """Sixty companies of 20 pairs each; `docs/governance.md` has a longer run."""
    claims = [any(not match.reason for match in of_company(seed).pairs) for seed in range(60)]
    assert sum(claims) <= 3
    assert of_company(0).tested == 20


def test_a_pair_passes_more_easily_alone_than_among_many() -> None:
    """Holm's correction is over all departments, whichever of them are shown."""
    alone = of_company(3, {"repeat_purchase": -0.5})
    crowd = {SALES: company(3, {"repeat_purchase": -0.5})} | {
        Part(f"d{seed}"): company(seed) for seed in range(100, 104)
    }
    among = read_surrogates(weekly_figures(crowd))
    assert (alone.tested, among.tested) == (20, 100)
    same = [match for match in among.pairs if match.department == "sales"]
    assert [match.p for match in same] == [match.p for match in alone.pairs]
    assert {match.long for match in same if not match.reason} <= {
        match.long for match in alone.pairs if not match.reason
    }


def test_the_reason_says_why_nothing_can_be_told() -> None:
    generator = np.random.default_rng(2)
    values = {
        (Part("it"), "traffic"): tuple(generator.normal(size=WEEKS)),
        (Part("it"), "awareness"): (1.0,) * WEEKS,
        (Part("it"), "nps"): tuple(generator.normal(size=WEEKS)),
        (Part("it"), "csat"): (nan,) * 60 + tuple(generator.normal(size=WEEKS - 60)),
    }
    found = read_surrogates(WeeklyFigures(WEEKS, values))
    reasons = {(match.short, match.long): match.reason for match in found.pairs}
    assert reasons["awareness", "nps"] == "never_moved"
    assert reasons["traffic", "csat"] == "too_few_weeks"
    assert reasons["traffic", "nps"] in ("no_skill", "not_proved")
    assert {match.reading for match in found.pairs} == {"cannot_be_told"}
    assert (found.tested, found.indices) == (1, ())
    assert read_surrogates(WeeklyFigures(0)).pairs == ()


def by_touchpoint(seed: int, touchpoints: int = 6, follows: float = 0.0, lag: int = 4) -> Surrogates:
    """Touchpoints with visits and conversions of their own; answers about the department may follow visits at `t0`."""
    generator = np.random.default_rng(1_000 + seed)
    levels = [level(generator) for _ in range(touchpoints)]
    tallies: dict[Part, list[Kinds]] = {Part("sales", f"t{n}"): [] for n in range(touchpoints)}
    usual = company(seed)
    moved = level(generator) + follows * np.concatenate([np.zeros(lag), levels[0][:-lag]])
    for week in range(WEEKS):
        for n, part in enumerate(tallies):
            visits, sold = (int(generator.poisson(np.exp(size + levels[n][week]))) for size in (5, 3))
            tallies[part].append({"visit": Tally(visits, visits), "conversion": Tally(sold, sold)})
        answers = usual[week]["nps"].n
        promoters = int(generator.binomial(answers, 1 / (1 + np.exp(0.2 - moved[week]))))
        usual[week] |= {"nps": Tally(answers, 0, promoters, int((answers - promoters) * 0.4))}
    return read_surrogates(weekly_figures({**tallies, SALES: usual}), by_touchpoint=True)


def test_the_touchpoint_that_foretells_is_named_and_the_others_are_not() -> None:
    read = [match for seed in range(8) for match in by_touchpoint(seed, follows=4).pairs if not match.reason]
    assert {(match.touchpoint, match.long, match.reading) for match in read} == {("t0", "nps", "long_will_follow")}
    assert sum(match.short == "traffic" for match in read) >= 3
    found = by_touchpoint(0, follows=4)
    assert {match.touchpoint for match in found.pairs} == {f"t{n}" for n in range(6)}
    assert found.tested == len(found.pairs) == 6 * 3 * 5
    for index in found.indices:
        assert dict.fromkeys(index.touchpoints) == {"t0": None}


@pytest.mark.long
def test_at_most_one_calm_company_in_twenty_is_told_anything_of_its_touchpoints() -> None:
    """Thirty companies of 90 pairs each; `docs/governance.md` has a longer run."""
    assert sum(any(not match.reason for match in by_touchpoint(seed).pairs) for seed in range(30)) <= 3


@law
@given(st.integers(0, 30))
def test_what_is_told_has_every_figure_and_what_is_not_has_none(seed: int) -> None:
    for match in of_company(seed, {"nps": 1.5}).pairs:
        figures = (match.lag, match.effect, match.recent, match.expected)
        assert all(figure is None for figure in figures) == bool(match.reason)
        for figure in filter(None, (match.effect, match.expected)):
            assert figure.low <= figure.value <= figure.high
        if match.effect is not None:
            assert match.effect.low * match.effect.high > 0
            assert (match.reading == "long_will_follow") == (match.effect.value > 0)

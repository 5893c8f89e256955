"""Which figures become series: a function of which there are, within the limit, and the company's always."""

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from metrics.catalogue import HORIZONS, METRICS
from metrics.figures.series_budget import FAMILIES, OF_CARDS, OF_METRICS, Family, SeriesBudget, SeriesSubject, within
from metrics.registry import COMPANY, UNOWNED

NAMES = [COMPANY, UNOWNED, *(f"d{number}" for number in range(8))]
COMPANYS = 5 * len(HORIZONS) * len(METRICS) + 3
SUBJECTS = st.lists(
    st.builds(
        lambda name, metric, horizon: SeriesSubject(name, metric.name, metric.term, horizon),
        st.sampled_from(NAMES), st.sampled_from(list(METRICS.values())), st.sampled_from(HORIZONS),
    ),
    unique=True,
)  # fmt: skip
Shown = set[tuple[Family, SeriesSubject | str]]


def shown(budget: SeriesBudget, figures: Collection[SeriesSubject], cards: Collection[str]) -> Shown:
    found: Shown = {(family, of) for family in OF_METRICS for of in figures if budget.shows(family, of)}
    return found | {(family, name) for family in OF_CARDS for name in cards if name not in budget.departments}


def size(of: Shown) -> int:
    return sum(OF_CARDS.get(family, 1) for family, _ in of)


@given(SUBJECTS, st.integers(0, 400), st.permutations(NAMES[2:5]))
def test_there_are_as_many_as_the_limit_allows_and_what_is_left_out_is_counted(
    figures: list[SeriesSubject], limit: int, order: list[str]
) -> None:
    cards = {of.department for of in figures}
    budget = within(limit, figures, cards, order)
    kept, every = shown(budget, figures, cards), shown(SeriesBudget(), figures, cards)
    of_company = {(family, of) for family, of in every if COMPANY in (of, getattr(of, "department", of))}
    assert of_company <= kept
    assert size(kept) <= max(limit, size(of_company))
    for family in FAMILIES:
        counted = size({series for series in every - kept if series[0] == family})
        assert budget.left_out.get(family, 0) == counted


@given(SUBJECTS, st.integers(0, 400), st.randoms())
def test_neither_the_order_of_figures_nor_of_scrapes_matters(
    figures: list[SeriesSubject],
    limit: int,
    random: "st.Random",  # type: ignore[name-defined]
) -> None:
    cards = sorted({of.department for of in figures})
    shuffled = random.sample(figures, len(figures))
    assert within(limit, figures, cards, ["d3"]) == within(limit, shuffled, cards[::-1], ["d3"])


@given(SUBJECTS, st.integers(0, 400), st.integers(0, 100))
def test_a_higher_limit_leaves_out_nothing_that_a_lower_one_shows(
    figures: list[SeriesSubject], limit: int, more: int
) -> None:
    cards = {of.department for of in figures}
    low, high = (shown(within(each, figures, cards, NAMES), figures, cards) for each in (limit, limit + more))
    assert low <= high


@given(SUBJECTS, st.integers(0, 400))
def test_a_family_is_left_out_of_all_departments_that_are_shown_or_of_none(
    figures: list[SeriesSubject], limit: int
) -> None:
    cards = {of.department for of in figures}
    budget = within(limit, figures, cards, NAMES)
    for family in OF_METRICS:
        for metric in METRICS.values():
            for horizon in HORIZONS:
                answers = {
                    budget.shows(family, of)
                    for of in figures
                    if (of.metric, of.horizon) == (metric.name, horizon)
                    and of.department not in {COMPANY, *budget.departments}
                }
                assert len(answers) < 2


def test_a_thousand_departments_keep_their_values_on_both_horizons_within_the_usual_limit() -> None:
    figures = [
        SeriesSubject(f"d{number}", metric.name, metric.term, horizon)
        for number in range(1000)
        for metric in list(METRICS.values())[:7]
        for horizon in HORIZONS
    ]
    budget = within(50_000, figures, {of.department for of in figures}, [])
    assert not budget.departments
    assert set(budget.left_out) == {
        "cx_metric_last_timestamp_seconds",
        "cx_metric_ci_low",
        "cx_metric_ci_high",
        "cx_metric_n_eff",
    }
    assert all(budget.shows("cx_metric_value", of) for of in figures)

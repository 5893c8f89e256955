from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from metrics.catalogue import HORIZONS
from metrics.figures.balances import Balance
from metrics.figures.scorecards import Scorecard
from streams.figures.series import FigureSeries
from streams.figures.snapshot import Snapshot
from tests.streams.given import NOON

BALANCE = Balance(
    NOON,
    "as_was",
    "sales",
    "nps",
    "long",
    "long",
    42.5,
    30.0,
    50.0,
    100,
    80.0,
    "",
    NOON - timedelta(days=9),
    NOON - timedelta(hours=1),
)
CARD = Scorecard(NOON, "as_was", "sales", 80.0, 50.0, -30.0, 0.6, None, None)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def a_snapshot(**changes: object) -> Snapshot:
    rows = [
        BALANCE,
        replace(BALANCE, metric="csat", value=None, ci_low=None, ci_high=None, n_eff=3.0, suppressed="n_eff<5"),
    ]
    cards = [CARD, replace(CARD, department="company", long_index=None, outcome_balance=None)]
    both = {"as_was": rows, "as_is": [replace(BALANCE, view="as_is", department="marketing")]}
    return replace(Snapshot(NOON, both, {"as_was": cards, "as_is": []}, "v1"), **changes)  # type: ignore[arg-type]


def showing(snapshot: Callable[[], Snapshot | None], limit: int = 1000, order: Sequence[str] = ()) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FigureSeries(snapshot, limit, lambda: order))
    return registry


def samples(registry: CollectorRegistry) -> Samples:
    """What a scrape gives: value by name and labels."""
    return {(s.name, frozenset(s.labels.items())): s.value for family in registry.collect() for s in family.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_every_series_of_the_contract_is_exposed_with_a_help_text() -> None:
    text = generate_latest(showing(a_snapshot)).decode()
    for name in (
        "cx_metric_value", "cx_metric_ci_low", "cx_metric_ci_high", "cx_metric_n_eff",
        "cx_metric_last_timestamp_seconds", "cx_index",
        "cx_outcome_balance", "cx_balances_updated_timestamp_seconds", "cx_series_left_out",
    ):  # fmt: skip
        assert f"# HELP {name} " in text


def test_figures_are_those_of_the_snapshot_as_it_was_owned() -> None:
    values = samples(showing(a_snapshot))
    labels = {"department": "sales", "metric": "nps", "horizon": "long"}
    names = ("cx_metric_value", "cx_metric_ci_low", "cx_metric_ci_high", "cx_metric_n_eff")
    assert [values[key(name, **labels)] for name in names] == [42.5, 30.0, 50.0, 80.0]
    assert values[key("cx_metric_last_timestamp_seconds", **labels)] == NOON.timestamp() - 3600
    assert values[key("cx_index", department="sales", term="short")] == 80
    assert values[key("cx_index", department="sales", term="long")] == 50
    assert values[key("cx_outcome_balance", department="sales")] == -30
    assert values[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp()
    assert not [labels for _, labels in values if ("department", "marketing") in labels]


def test_a_suppressed_figure_has_no_series_but_its_sample_size_is_shown() -> None:
    values = samples(showing(a_snapshot))
    assert {name for name, labels in values if ("metric", "csat") in labels} == {
        "cx_metric_n_eff", "cx_metric_last_timestamp_seconds",
    }  # fmt: skip
    assert key("cx_index", department="company", term="long") not in values
    assert key("cx_outcome_balance", department="company") not in values


def test_a_worker_without_a_snapshot_shows_no_figures() -> None:
    assert not [
        name for name, _ in samples(showing(lambda: None)) if name.startswith(("cx_metric", "cx_index", "cx_bal"))
    ]


def test_each_scrape_reads_the_snapshot_of_the_moment() -> None:
    current: list[Snapshot | None] = [None]
    registry = showing(lambda: current[0])
    current[0] = a_snapshot()
    assert samples(registry)[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp()
    current[0] = a_snapshot(at=NOON + timedelta(hours=1))
    assert samples(registry)[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp() + 3600
    current[0] = None
    assert key("cx_balances_updated_timestamp_seconds") not in samples(registry)


def test_labels_are_departments_and_other_closed_sets_only() -> None:
    names = {name for _, labels in samples(showing(a_snapshot)) for name, _ in labels}
    assert names == {"department", "metric", "horizon", "term", "family"}


def a_company(departments: int, **changes: Any) -> Snapshot:
    """A figure on both horizons of each department and of the company."""
    names = ["company", *(f"d{number}" for number in range(departments))]
    rows = [replace(BALANCE, department=name, horizon=horizon, **changes) for name in names for horizon in HORIZONS]
    cards = [replace(CARD, department=name) for name in names]
    return Snapshot(NOON, {"as_was": rows}, {"as_was": cards}, "v1")


def left_out(values: Samples) -> dict[str, float]:
    return {
        dict(labels)["family"]: count
        for (name, labels), count in values.items()
        if name == "cx_series_left_out" and count
    }


def test_beyond_the_limit_series_are_left_out_and_counted_and_the_log_says_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = showing(lambda: a_company(10), 120)  # of 11 times 13
    values = samples(registry)
    assert left_out(values) == {
        "cx_metric_last_timestamp_seconds": 10, "cx_metric_ci_low": 10, "cx_metric_ci_high": 10,
    }  # fmt: skip
    assert key("cx_metric_ci_low", department="d3", metric="nps", horizon="short") not in values
    assert key("cx_metric_ci_low", department="d3", metric="nps", horizon="long") in values
    assert key("cx_metric_ci_low", department="company", metric="nps", horizon="short") in values
    samples(registry)
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("series of figures are left out, for there would be more than 120 (CXB_SERIES_LIMIT): 10 of")


def test_what_is_left_out_stays_the_same_while_values_come_and_go() -> None:
    latest = [a_company(10)]
    registry = showing(lambda: latest[0], 90, [f"d{number}" for number in range(10)])
    before = left_out(samples(registry))
    latest[0] = a_company(10, value=None, ci_low=None, ci_high=None, n_eff=0.0, suppressed="stale")
    assert left_out(samples(registry)) == before
    latest[0] = a_company(10, value=-7.0, n=9, n_eff=900.0)
    assert left_out(samples(registry)) == before


def test_whole_departments_are_left_out_from_the_end_of_the_registry(caplog: pytest.LogCaptureFixture) -> None:
    order = ["d7", "d1", "d0", "d2", "d3", "d4", "d5", "d6", "d8", "d9"]
    values = samples(showing(lambda: a_company(10), 30, order))
    shown = {dict(labels).get("department") for name, labels in values if name.startswith(("cx_metric", "cx_index"))}
    assert shown == {"company", "d7", "d1", "d0"}
    assert "all of 7 departments among them" in caplog.text
    # The weighed sample of the long horizon decides about alarms.
    assert key("cx_metric_n_eff", department="d7", metric="nps", horizon="long") in values


def test_a_worker_that_refreshes_no_more_has_nothing_left_out() -> None:
    latest: list[Snapshot | None] = [a_company(10)]
    registry = showing(lambda: latest[0], 90)
    assert left_out(samples(registry))
    latest[0] = None
    assert not [name for name, _ in samples(registry) if name == "cx_series_left_out"]

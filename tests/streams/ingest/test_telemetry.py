from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from faust.types import TP
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from metrics.catalogue import KINDS
from metrics.events import facts
from metrics.events.rejection import Reason
from metrics.figures.balances import Balance
from metrics.figures.scorecards import Scorecard
from streams.figures.snapshot import Snapshot
from streams.ingest.telemetry import SECONDS, Figures, Telemetry
from streams.registry.file import CompiledRegistry
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

BALANCE = Balance(NOON, "as_was", "sales", "nps", "long", "long", 42.5, 30.0, 50.0, 100, 80.0, "")
CARD = Scorecard(NOON, "as_was", "sales", 80.0, 50.0, -30.0, 0.6, None, None)
NO_FACTS: facts.Columns = [[] for _ in facts.COLUMNS]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(telemetry: Telemetry) -> Samples:
    """What a scrape gives: value by name and labels."""
    families = text_string_to_metric_families(telemetry.exposition().decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def a_snapshot(**changes: object) -> Snapshot:
    rows = [
        BALANCE,
        replace(BALANCE, metric="csat", value=None, ci_low=None, ci_high=None, n_eff=3.0, suppressed="n_eff<5"),
    ]
    cards = [CARD, replace(CARD, department="company", long_index=None, outcome_balance=None)]
    both = {"as_was": rows, "as_is": [replace(BALANCE, view="as_is", department="marketing")]}
    return replace(Snapshot(NOON, both, {"as_was": cards, "as_is": []}, "v1"), **changes)  # type: ignore[arg-type]


@pytest.fixture
def telemetry(compiled: CompiledRegistry) -> Telemetry:
    made = Telemetry()
    made.declare(compiled.registry)
    return made


def showing(snapshot: Callable[[], Snapshot | None]) -> Telemetry:
    telemetry = Telemetry()
    telemetry.registry.register(Figures(snapshot))
    return telemetry


def test_every_series_of_the_contract_is_exposed_with_a_help_text(compiled: CompiledRegistry) -> None:
    telemetry = showing(a_snapshot)
    telemetry.lags({0: 1})
    text = telemetry.exposition().decode()
    for name in (
        "cx_events_total", "cx_rejected_total", "cx_unowned_events_total", "cx_metric_value", "cx_metric_ci_low",
        "cx_metric_ci_high", "cx_metric_n_eff", "cx_index", "cx_outcome_balance",
        "cx_balances_updated_timestamp_seconds", "cx_insert_seconds", "cx_event_landing_seconds",
        "cx_consumer_lag_events",
    ):  # fmt: skip
        assert f"# HELP {name} " in text
    assert "_created" not in text


def test_every_reason_department_and_kind_is_there_at_zero_before_it_is_seen(telemetry: Telemetry) -> None:
    found = samples(telemetry)
    for reason in Reason:
        assert found[key("cx_rejected_total", reason=reason.value)] == 0
    for department in ("marketing", "sales", "logistics", "unowned"):
        for kind in KINDS:
            assert found[key("cx_events_total", department=department, kind=kind)] == 0
    for name in ("cx_unowned_events_total", "cx_ingest_stalled", "cx_unknown_fields_total", "cx_erased_events_total"):
        assert found[key(name)] == 0
    assert found[key("cx_registry_valid")] == 1


def test_landed_facts_are_counted_by_owner_and_kind(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    events = [
        event(1),
        event(2),
        event(3, "visit"),
        event(4, touchpoint="nowhere"),
        event(5, touchpoint="delivery.van"),
    ]
    telemetry.landed(facts_of(events, compiled), [], 0.2, NOON.timestamp())
    found = samples(telemetry)
    assert found[key("cx_events_total", department="sales", kind="nps")] == 2
    assert found[key("cx_events_total", department="sales", kind="visit")] == 1
    assert found[key("cx_events_total", department="logistics", kind="nps")] == 1
    assert found[key("cx_events_total", department="unowned", kind="nps")] == 1
    assert found[key("cx_unowned_events_total")] == 1
    assert (found[key("cx_insert_seconds_count")], found[key("cx_insert_seconds_sum")]) == (1, 0.2)


def test_how_long_landing_took_leaves_out_history_and_foreign_clocks(telemetry: Telemetry) -> None:
    now_ms = int(NOON.timestamp() * 1000)
    stamps = [now_ms - 400, now_ms - 2_000, now_ms + 5_000, now_ms - 86_400_000]
    telemetry.landed(NO_FACTS, stamps, 0.1, NOON.timestamp())
    found = samples(telemetry)
    assert found[key("cx_event_landing_seconds_count")] == 2
    assert found[key("cx_event_landing_seconds_sum")] == pytest.approx(2.4)


@given(st.lists(st.sampled_from([0, 1, 49, 50, 51, 250, 999, 1_000, 4_321, 60_000, 299_999, 300_000])))
@settings(deadline=None)
def test_many_delays_at_once_are_counted_as_one_by_one(delays_ms: list[int]) -> None:
    telemetry, one_by_one = Telemetry(), CollectorRegistry()
    histogram = Histogram("cx_event_landing_seconds", "", buckets=SECONDS, registry=one_by_one)
    now_ms = 1_800_000_000_000
    telemetry.landed(NO_FACTS, [now_ms - delay_ms for delay_ms in delays_ms], 0.1, now_ms / 1000)
    for delay_ms in delays_ms:
        histogram.observe(now_ms / 1000 - (now_ms - delay_ms) / 1000)
    found = samples(telemetry)
    wanted = [sample for family in one_by_one.collect() for sample in family.samples]
    assert {sample.name.rpartition("_")[2] for sample in wanted} == {"bucket", "count", "sum"}
    for sample in wanted:
        assert found[key(sample.name, **sample.labels)] == pytest.approx(sample.value)


def test_refusals_are_counted_by_reason(telemetry: Telemetry) -> None:
    telemetry.refused([Reason.NOT_JSON, Reason.TOO_OLD, Reason.NOT_JSON])
    assert samples(telemetry)[key("cx_rejected_total", reason="not_json")] == 2


def test_invented_touchpoints_and_fields_make_no_new_series(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    before = set(samples(telemetry))
    invented = [
        event(
            n, touchpoint=f"t{n}.x", segment=f"s{n}", region=f"r{n}", journey=f"j{n}", customer=f"c{n}", source=f"q{n}"
        )
        for n in range(1000)
    ]
    telemetry.landed(facts_of(invented, compiled), [int(NOON.timestamp() * 1000)] * 1000, 0.1, NOON.timestamp())
    telemetry.refused([Reason.UNKNOWN_KIND] * 1000)
    assert set(samples(telemetry)) == before
    assert samples(telemetry)[key("cx_unowned_events_total")] == 1000


def test_lags_of_partitions_that_have_gone_are_forgotten(telemetry: Telemetry) -> None:
    telemetry.lags({0: 5, 1: 7})
    telemetry.lags({1: 0, 2: 3})
    found = {labels: value for (name, labels), value in samples(telemetry).items() if name == "cx_consumer_lag_events"}
    assert found == {frozenset({("partition", "1")}): 0, frozenset({("partition", "2")}): 3}


def test_targets_are_told_for_each_department_and_follow_the_registry(telemetry: Telemetry) -> None:
    text = '[[target]]\nmetric = "nps"\nfloor = 0\ninternal = 40\n'
    special = f'{text}[[target]]\nmetric = "nps"\ndepartment = "sales"\nfloor = 0\ninternal = 30\ncustomer = 55\n'
    telemetry.declare(rules_of(REGISTRY.partition("[[target]]")[0] + special).registry)
    found = samples(telemetry)
    assert found[key("cx_target", department="sales", metric="nps", level="internal")] == 30
    assert found[key("cx_target", department="sales", metric="nps", level="customer")] == 55
    assert found[key("cx_target", department="company", metric="nps", level="internal")] == 40
    assert key("cx_target", department="company", metric="nps", level="customer") not in found
    telemetry.declare(rules_of(REGISTRY.partition("[[target]]")[0]).registry)
    assert not [name for name, _ in samples(telemetry) if name == "cx_target"]


def test_lost_records_of_an_assigned_partition_are_there_at_zero(telemetry: Telemetry) -> None:
    telemetry.lags({4: 0})
    assert samples(telemetry)[key("cx_records_lost_total", partition="4")] == 0


def test_the_process_tells_its_memory_and_when_it_started() -> None:
    found = samples(Telemetry())
    assert found[key("process_resident_memory_bytes")] > 0
    assert found[key("process_start_time_seconds")] > 0


def test_lost_records_are_counted_by_partition(telemetry: Telemetry) -> None:
    telemetry.records_lost(TP("t", 3), 12)
    telemetry.records_lost(TP("t", 3), 1)
    assert samples(telemetry)[key("cx_records_lost_total", partition="3")] == 13


def test_figures_are_those_of_the_snapshot_as_it_was_owned() -> None:
    found = samples(showing(a_snapshot))
    labels = {"department": "sales", "metric": "nps", "horizon": "long"}
    names = ("cx_metric_value", "cx_metric_ci_low", "cx_metric_ci_high", "cx_metric_n_eff")
    assert [found[key(name, **labels)] for name in names] == [42.5, 30.0, 50.0, 80.0]
    assert found[key("cx_index", department="sales", term="short")] == 80
    assert found[key("cx_index", department="sales", term="long")] == 50
    assert found[key("cx_outcome_balance", department="sales")] == -30
    assert found[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp()
    assert not [labels for _, labels in found if ("department", "marketing") in labels]


def test_a_suppressed_figure_has_no_series_but_its_sample_size_is_told() -> None:
    found = samples(showing(a_snapshot))
    assert {name for name, labels in found if ("metric", "csat") in labels} == {"cx_metric_n_eff"}
    assert key("cx_index", department="company", term="long") not in found
    assert key("cx_outcome_balance", department="company") not in found


def test_a_worker_without_a_snapshot_shows_no_figures() -> None:
    assert not [
        name for name, _ in samples(showing(lambda: None)) if name.startswith(("cx_metric", "cx_index", "cx_bal"))
    ]


def test_each_scrape_reads_the_snapshot_of_the_moment() -> None:
    current: list[Snapshot | None] = [None]
    telemetry = showing(lambda: current[0])
    current[0] = a_snapshot()
    assert samples(telemetry)[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp()
    current[0] = a_snapshot(at=NOON + timedelta(hours=1))
    assert samples(telemetry)[key("cx_balances_updated_timestamp_seconds")] == NOON.timestamp() + 3600
    current[0] = None
    assert key("cx_balances_updated_timestamp_seconds") not in samples(telemetry)


def test_labels_are_departments_metrics_and_other_closed_sets_only() -> None:
    names = {name for _, labels in samples(showing(a_snapshot)) for name, _ in labels}
    assert names <= {"department", "kind", "reason", "metric", "horizon", "term", "partition", "le", "level"}


def test_invented_values_in_events_make_no_new_series(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    before = samples(telemetry).keys()
    invented = [event(number, touchpoint=f"invented-{number}.page", segment=f"s-{number}") for number in range(100_000)]
    telemetry.landed(facts_of(invented, compiled), [], 0.1, 0.0)
    assert samples(telemetry).keys() == before
    assert samples(telemetry)[key("cx_unowned_events_total")] == 100_000

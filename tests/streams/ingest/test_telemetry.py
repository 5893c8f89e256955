import pytest
from faust.types import TP
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from metrics.catalogue import KINDS
from metrics.events import facts
from metrics.events.rejection import Reason
from streams.ingest.telemetry import MOST_SOURCES, SECONDS, Telemetry, install
from streams.registry.file import CompiledRegistry
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(telemetry: Telemetry) -> Samples:
    """What a scrape gives: value by name and labels."""
    families = text_string_to_metric_families(telemetry.exposition().decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.fixture(autouse=True)
def _as_in_a_worker() -> None:
    install()


@pytest.fixture
def telemetry(compiled: CompiledRegistry) -> Telemetry:
    made = Telemetry()
    made.declare(compiled.registry, 0.0)
    return made


def test_every_series_of_the_contract_is_exposed_with_a_help_text() -> None:
    telemetry = Telemetry()
    telemetry.lags({0: 1})
    text = telemetry.exposition().decode()
    for name in (
        "cx_events_total", "cx_rejected_total", "cx_unowned_events_total", "cx_insert_seconds",
        "cx_event_landing_seconds", "cx_consumer_lag_events",
    ):  # fmt: skip
        assert f"# HELP {name} " in text
    assert "_created" not in text


def test_every_reason_department_and_kind_is_there_at_zero_before_it_is_seen(telemetry: Telemetry) -> None:
    scraped = samples(telemetry)
    for reason in Reason:
        assert scraped[key("cx_rejected_total", reason=reason.value)] == 0
    for department in ("marketing", "sales", "logistics", "unowned"):
        for kind in KINDS:
            assert scraped[key("cx_events_total", department=department, kind=kind)] == 0
    for name in ("cx_unowned_events_total", "cx_ingest_stalled", "cx_unknown_fields_total", "cx_erased_events_total"):
        assert scraped[key(name)] == 0
    assert scraped[key("cx_registry_valid")] == 1


def test_sources_without_end_that_send_placeholders_make_a_bounded_number_of_series(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3 * MOST_SOURCES):
        telemetry.count_nobodies({f"source-{number}": 2})
    telemetry.count_nobodies({"source-0": 1})
    counts = {dict(labels)["source"]: value for (name, labels), value in samples(telemetry).items()
              if name == "cx_placeholder_customers_total"}  # fmt: skip
    assert len(counts) == MOST_SOURCES + 1
    assert (counts["source-0"], counts["(other)"]) == (3, 4 * MOST_SOURCES)
    assert [record.message for record in caplog.records].count(
        "source-0 sends placeholders such as null as customer: they count as no customer"
    ) == 1


def test_landed_facts_are_counted_by_owner_and_kind(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    events = [
        event(1),
        event(2),
        event(3, "visit"),
        event(4, touchpoint="nowhere"),
        event(5, touchpoint="delivery.van"),
    ]
    telemetry.landed(facts.tally(facts_of(events, compiled)), [], 0.2, NOON.timestamp())
    scraped = samples(telemetry)
    assert scraped[key("cx_events_total", department="sales", kind="nps")] == 2
    assert scraped[key("cx_events_total", department="sales", kind="visit")] == 1
    assert scraped[key("cx_events_total", department="logistics", kind="nps")] == 1
    assert scraped[key("cx_events_total", department="unowned", kind="nps")] == 1
    assert scraped[key("cx_unowned_events_total")] == 1
    assert (scraped[key("cx_insert_seconds_count")], scraped[key("cx_insert_seconds_sum")]) == (1, 0.2)


def test_how_long_landing_took_leaves_out_history_and_foreign_clocks(telemetry: Telemetry) -> None:
    now_ms = int(NOON.timestamp() * 1000)
    stamps = [now_ms - 400, now_ms - 2_000, now_ms + 5_000, now_ms - 86_400_000]
    telemetry.landed({}, stamps, 0.1, NOON.timestamp())
    scraped = samples(telemetry)
    assert scraped[key("cx_event_landing_seconds_count")] == 2
    assert scraped[key("cx_event_landing_seconds_sum")] == pytest.approx(2.4)


@given(st.lists(st.sampled_from([0, 1, 49, 50, 51, 250, 999, 1_000, 4_321, 60_000, 299_999, 300_000])))
@settings(deadline=None)
def test_many_delays_at_once_are_counted_as_one_by_one(delays_ms: list[int]) -> None:
    telemetry, one_by_one = Telemetry(), CollectorRegistry()
    histogram = Histogram("cx_event_landing_seconds", "", buckets=SECONDS, registry=one_by_one)
    now_ms = 1_800_000_000_000
    telemetry.landed({}, [now_ms - delay_ms for delay_ms in delays_ms], 0.1, now_ms / 1000)
    for delay_ms in delays_ms:
        histogram.observe(now_ms / 1000 - (now_ms - delay_ms) / 1000)
    scraped = samples(telemetry)
    wanted = [sample for family in one_by_one.collect() for sample in family.samples]
    assert {sample.name.rpartition("_")[2] for sample in wanted} == {"bucket", "count", "sum"}
    for sample in wanted:
        assert scraped[key(sample.name, **sample.labels)] == pytest.approx(sample.value)


def test_rejected_events_are_counted_by_reason(telemetry: Telemetry) -> None:
    telemetry.count_rejected([Reason.NOT_JSON, Reason.TOO_OLD, Reason.NOT_JSON])
    assert samples(telemetry)[key("cx_rejected_total", reason="not_json")] == 2


def test_invented_touchpoints_and_fields_make_no_new_series(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    before = set(samples(telemetry))
    invented = [
        event(
            n, touchpoint=f"t{n}.x", segment=f"s{n}", region=f"r{n}", journey=f"j{n}", customer=f"c{n}", source=f"q{n}"
        )
        for n in range(1000)
    ]
    telemetry.landed(
        facts.tally(facts_of(invented, compiled)), [int(NOON.timestamp() * 1000)] * 1000, 0.1, NOON.timestamp()
    )
    telemetry.count_rejected([Reason.UNKNOWN_KIND] * 1000)
    assert set(samples(telemetry)) == before
    assert samples(telemetry)[key("cx_unowned_events_total")] == 1000


def test_lags_of_partitions_that_have_gone_are_forgotten(telemetry: Telemetry) -> None:
    telemetry.lags({0: 5, 1: 7})
    telemetry.lags({1: 0, 2: 3})
    scraped = {
        labels: value for (name, labels), value in samples(telemetry).items() if name == "cx_consumer_lag_events"
    }
    assert scraped == {frozenset({("partition", "1")}): 0, frozenset({("partition", "2")}): 3}


def test_targets_are_shown_for_each_department_and_follow_the_registry(telemetry: Telemetry) -> None:
    text = '[[target]]\nmetric = "nps"\nfloor = 0\ninternal = 40\n'
    special = f'{text}[[target]]\nmetric = "nps"\ndepartment = "sales"\nfloor = 0\ninternal = 30\ncustomer = 55\n'
    telemetry.declare(rules_of(REGISTRY.partition("[[target]]")[0] + special).registry, 0.0)
    scraped = samples(telemetry)
    assert scraped[key("cx_target", department="sales", metric="nps", level="internal")] == 30
    assert scraped[key("cx_target", department="sales", metric="nps", level="customer")] == 55
    assert scraped[key("cx_target", department="company", metric="nps", level="internal")] == 40
    assert key("cx_target", department="company", metric="nps", level="customer") not in scraped
    telemetry.declare(rules_of(REGISTRY.partition("[[target]]")[0]).registry, 0.0)
    assert not [name for name, _ in samples(telemetry) if name == "cx_target"]


def test_lost_records_of_an_assigned_partition_are_there_at_zero(telemetry: Telemetry) -> None:
    telemetry.lags({4: 0})
    assert samples(telemetry)[key("cx_records_lost_total", partition="4")] == 0


def test_the_process_shows_its_memory_and_when_it_started() -> None:
    scraped = samples(Telemetry())
    assert scraped[key("process_resident_memory_bytes")] > 0
    assert scraped[key("process_start_time_seconds")] > 0


def test_lost_records_are_counted_by_partition(telemetry: Telemetry) -> None:
    telemetry.records_lost(TP("t", 3), 12)
    telemetry.records_lost(TP("t", 3), 1)
    assert samples(telemetry)[key("cx_records_lost_total", partition="3")] == 13


def test_labels_are_departments_metrics_and_other_closed_or_bounded_sets_only(telemetry: Telemetry) -> None:
    telemetry.lags({0: 1})
    names = {name for _, labels in samples(telemetry) for name, _ in labels}
    closed = {"department", "kind", "reason", "metric", "partition", "le", "level", "dimension", "table", "outcome"}
    assert names == closed | {"source", "version", "python", "reader"}


def test_invented_values_in_events_make_no_new_series(telemetry: Telemetry, compiled: CompiledRegistry) -> None:
    before = samples(telemetry).keys()
    invented = [event(number, touchpoint=f"invented-{number}.page", segment=f"s-{number}") for number in range(100_000)]
    telemetry.landed(facts.tally(facts_of(invented, compiled)), [], 0.1, 0.0)
    assert samples(telemetry).keys() == before
    assert samples(telemetry)[key("cx_unowned_events_total")] == 100_000

"""The pipeline: throughput, landing, lag, rejected events and the processes themselves."""

from deploy.grafana.annotations import annotations
from deploy.grafana.gateway import gateway_panels
from deploy.grafana.naming import by_name
from deploy.grafana.panels import Board, Panel, Row, graph, promql, sql, states, table
from deploy.grafana.shared import now


def pipeline() -> Board:
    """Throughput, landing, lag, rejected events and the processes themselves."""
    return Board(
        "cx-pipeline",
        "Pipeline: throughput, landing, lag, rejected events, memory",
        "Whether events come in, land and turn into figures, and what prevents it.",
        (
            Row("Now", now()),
            Row("Throughput", _throughput()),
            Row("Rejected events", _rejected()),
            Row("Gateway", gateway_panels()),
            Row("Processes", _processes()),
        ),
        annotations=annotations(),
        since="now-24h",
        refresh="1m",
    )


def _quantiles(series: str) -> tuple[dict[str, object], ...]:
    return tuple(
        promql(f"histogram_quantile({share}, sum by (le) (rate({series}_bucket[$__rate_interval])))", name)
        for share, name in ((0.5, "median"), (0.99, "99th percentile"))
    )


def _throughput() -> tuple[Panel, ...]:
    return (*_accepted(), *_landing(), *_behind())


def _accepted() -> tuple[Panel, ...]:
    return (
        graph(
            "Accepted events by department",
            "Accepted events a second by the owner at the time of ingest.",
            "cps",
            promql(by_name("sum by (department) (rate(cx_events_total[$__rate_interval]))"), "{{name}}"),
            least=0,
        ),
        graph(
            "Accepted events by kind",
            "Accepted events a second by kind.",
            "cps",
            promql("sum by (kind) (rate(cx_events_total[$__rate_interval]))", "{{kind}}"),
            least=0,
        ),
    )


def _landing() -> tuple[Panel, ...]:
    return (
        graph(
            "Time from publication to landing",
            "From a record's timestamp to its landing in the store, except for backfilled events.",
            "s",
            *_quantiles("cx_event_landing_seconds"),
            least=0,
        ),
        graph(
            "Time of one insert",
            "Above a second, ClickHouse is short of memory or disk, or busy with other work.",
            "s",
            *_quantiles("cx_insert_seconds"),
            least=0,
        ),
    )


def _behind() -> tuple[Panel, ...]:
    return (
        graph(
            "Lag by partition",
            "Records waiting. It grows when events come faster than they land.",
            "none",
            promql("max by (partition) (cx_consumer_lag_events)", "partition {{partition}}"),
            least=0,
        ),
        graph(
            "Minutes recomputed at each refresh",
            "How many minutes of cells had received facts since the previous refresh.",
            "none",
            sql("""SELECT toStartOfMinute(finished_at) AS time, toFloat64(sum(minutes)) AS `Minutes`
                  FROM cx.refreshes WHERE $__timeFilter(finished_at) GROUP BY time ORDER BY time"""),
            least=0,
        ),
    )


def _rejected() -> tuple[Panel, ...]:
    return (
        graph(
            "Rejected events by reason",
            "Rejected events a second. See cxb rejected, fix the publisher, then cxb redrive.",
            "cps",
            promql("sum by (reason) (rate(cx_rejected_total[$__rate_interval]))", "{{reason}}"),
            least=0,
        ),
        graph(
            "Records of sources",
            "Foreign records a second: mapped to events, dropped on purpose, or rejected (cxb sources try shows why).",
            "cps",
            promql(
                'sum by (source, outcome) (rate(cx_source_records_total{source!=""}[$__rate_interval]))',
                "{{source}}: {{outcome}}",
            ),
            least=0,
        ),
        graph(
            "Ignored fields, erased persons, events without an owner",
            "Unknown fields (a typo, or a newer publisher), events of erased persons, and events without an owner.",
            "cps",
            promql("sum(rate(cx_unknown_fields_total[$__rate_interval]))", "ignored fields"),
            promql("sum(rate(cx_erased_events_total[$__rate_interval]))", "erased"),
            promql("sum(rate(cx_erased_rejected_total[$__rate_interval]))", "erased, rejected"),
            promql("sum by (source) (rate(cx_placeholder_customers_total[$__rate_interval]))", "nobody, of {{source}}"),
            promql("sum(rate(cx_unowned_events_total[$__rate_interval]))", "unowned"),
            least=0,
        ),
        table(
            "Rejected events by reason and detail",
            "Those that have not been sent again, most frequent first.",
            """SELECT reason, detail, count() AS events, max(rejected_at) AS last FROM cx.rejected_latest
                  WHERE $__timeFilter(rejected_at) GROUP BY reason, detail ORDER BY events DESC LIMIT 100""",
        ),
    )


def _processes() -> tuple[Panel, ...]:
    return (*_resources(), *_faults())


def _resources() -> tuple[Panel, ...]:
    job = '{job="cx-balance"}'
    return (
        graph(
            "Memory by worker",
            "Resident memory of each worker's process.",
            "bytes",
            promql(f"max by (instance) (process_resident_memory_bytes{job})", "{{instance}}"),
            least=0,
        ),
        graph(
            "CPU by worker",
            "Cores in use; a worker cannot use more than one.",
            "none",
            promql(f"max by (instance) (rate(process_cpu_seconds_total{job}[$__rate_interval]))", "{{instance}}"),
            least=0,
        ),
        graph(
            "Time since start, by worker",
            "It falls to zero when a worker restarts.",
            "s",
            promql(f"time() - max by (instance) (process_start_time_seconds{job})", "{{instance}}"),
            least=0,
        ),
    )


def _faults() -> tuple[Panel, ...]:
    return (
        graph(
            "Records lost, by partition",
            "Removed by the broker before they were read: increase its retention.",
            "none",
            promql("sum by (partition) (cx_records_lost_total)", "partition {{partition}}"),
            least=0,
        ),
        states(
            "Unreachable or invalid",
            "Store or dead-letter topic unreachable, Kafka does not answer, registry or sources invalid.",
            promql(
                'label_replace(max(cx_ingest_stalled), "what", "store unreachable", "", "") or '
                'label_replace(1 - min(cx_broker_answers), "what", "Kafka unreachable", "", "") or '
                'label_replace(1 - min(cx_registry_valid), "what", "registry invalid", "", "") or '
                'label_replace(1 - min(cx_sources_valid), "what", "sources invalid", "", "")',
                "{{what}}",
            ),
            {0: ("no", "green"), 1: ("yes", "red")},
        ),
        graph(
            "Cells and copies",
            "Minutes whose cells differ from the facts (cxb rebuild), and copies that FINAL hides.",
            "none",
            promql("max(cx_cells_mismatched)", "mismatched minutes"),
            promql("max(cx_fact_copies_hidden)", "hidden copies"),
            least=0,
        ),
        graph(
            "Versions",
            "Workers by version: more than one while they are replaced.",
            "none",
            promql("count by (version, python) (cx_build_info)", "{{version}} on Python {{python}}"),
            least=0,
        ),
    )

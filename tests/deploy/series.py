"""The Prometheus series that users rely on, by family name."""

SERIES = frozenset(
    {
        "cx_events_total",
        "cx_rejected_total",
        "cx_unowned_events_total",
        "cx_metric_value",
        "cx_metric_ci_low",
        "cx_metric_ci_high",
        "cx_metric_n_eff",
        "cx_index",
        "cx_outcome_balance",
        "cx_drift_statistic",
        "cx_drift_threshold",
        "cx_drift_state",
        "cx_balances_updated_timestamp_seconds",
        "cx_insert_seconds_bucket",
        "cx_insert_seconds_sum",
        "cx_insert_seconds_count",
        "cx_event_landing_seconds_bucket",
        "cx_event_landing_seconds_sum",
        "cx_event_landing_seconds_count",
        "cx_consumer_lag_events",
    }
)

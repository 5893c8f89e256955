"""The row of the gateway on the pipeline's dashboard: what came by HTTP, how it was answered, what waits."""

from deploy.grafana.panels import Panel, graph, promql, states


def gateway_panels() -> tuple[Panel, ...]:
    """Empty where no gateway runs."""
    return (*_requests(), *_waiting())


def _requests() -> tuple[Panel, ...]:
    return (
        graph(
            "Events by publisher",
            "Events a second that came by HTTP and that Kafka has acknowledged.",
            "cps",
            promql("sum by (publisher) (rate(cx_gateway_events_total[$__rate_interval]))", "{{publisher}}"),
            least=0,
        ),
        graph(
            "Requests by answer",
            "Requests a second by status: 202 is accepted, 4xx is for the publisher to fix, 503 for Kafka.",
            "cps",
            promql("sum by (status) (rate(cx_gateway_requests_total[$__rate_interval]))", "{{status}}"),
            least=0,
        ),
        graph(
            "Wrong events by reason",
            "Events a second that an answer named as wrong; nothing of their request was sent.",
            "cps",
            promql("sum by (reason) (rate(cx_gateway_rejected_total[$__rate_interval])) > 0", "{{reason}}"),
            least=0,
        ),
    )


def _waiting() -> tuple[Panel, ...]:
    rate = "sum by (le) (rate(cx_gateway_request_seconds_bucket[$__rate_interval]))"
    return (
        graph(
            "Time to an answer",
            "From the head of a request to 202: mostly the wait for Kafka's acknowledgement.",
            "s",
            *(
                promql(f"histogram_quantile({share}, {rate})", name)
                for share, name in ((0.5, "median"), (0.99, "99th percentile"))
            ),
            least=0,
        ),
        graph(
            "Bodies in memory",
            "Read, or not acknowledged by Kafka; beyond CXB_GATEWAY_PENDING_BYTES requests get 503.",
            "bytes",
            promql("max by (instance) (cx_gateway_pending_bytes)", "{{instance}}"),
            size=(6, 8),
            least=0,
        ),
        graph(
            "Unacknowledged requests",
            "Those that Kafka has not acknowledged, also those that were answered with 503 meanwhile.",
            "none",
            promql("max by (instance) (cx_gateway_pending_requests)", "{{instance}}"),
            size=(6, 8),
            least=0,
        ),
        states(
            "Kafka or publishers",
            "Kafka does not acknowledge what a gateway sends, or the file of publishers has an error.",
            promql(
                'label_replace(1 - min(cx_gateway_broker_answers), "what", "Kafka unreachable", "", "") or '
                'label_replace(1 - min(cx_gateway_publishers_valid), "what", "publishers invalid", "", "")',
                "{{what}}",
            ),
            {0: ("no", "green"), 1: ("yes", "red")},
        ),
    )

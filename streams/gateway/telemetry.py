"""The series of a gateway, in processing time; they may be summed over gateways."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from metrics.events.rejection import Reason
from metrics.events.scope import FOREIGN_SOURCE, FOREIGN_TOUCHPOINT

ANSWERED_WITH: Final = ("202", "400", "401", "403", "408", "413", "415", "429", "503")
"""The statuses that a request with events is answered with."""
FAULTS: Final = (*(reason.value for reason in Reason), FOREIGN_SOURCE, FOREIGN_TOUCHPOINT)
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class GatewayTelemetry:
    """The series of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "cx_gateway_requests", "Requests with events, by status of the answer", ["status"], registry=self.registry
        )
        self.events = Counter(
            "cx_gateway_events",
            "Events that the broker has acknowledged, by publisher; one that is sent twice is two",
            ["publisher"],
            registry=self.registry,
        )
        self.rejected = Counter(
            "cx_gateway_rejected",
            "Events that the answer names as wrong: fix the publisher. None of their request was sent",
            ["reason"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "cx_gateway_request_seconds",
            "From the head of a request until its answer, of those answered with 202",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._gauge()
        # Declared up front: a rule over a series that does not exist has no result at all.
        for status in (*ANSWERED_WITH, "404"):  # that one of a webhook alone
            self.requests.labels(status)
        for reason in FAULTS:
            self.rejected.labels(reason)

    def _gauge(self) -> None:
        self.pending_bytes = Gauge(
            "cx_gateway_pending_bytes", "Bodies in memory, read or not acknowledged", registry=self.registry
        )
        self.pending_requests = Gauge(
            "cx_gateway_pending_requests", "Requests that the broker has not acknowledged", registry=self.registry
        )
        self.broker_answers = Gauge(
            "cx_gateway_broker_answers",
            "1 while the broker acknowledges, as far as requests show: restore it, or the way to it",
            registry=self.registry,
        )
        self.publishers_valid = Gauge(
            "cx_gateway_publishers_valid",
            "0 while the file of publishers has an error, and the last good one is in force: see the log",
            registry=self.registry,
        )
        self.publishers_valid.set(1)

"""Telemetry: the Prometheus series of each worker, with kind, unit, meaning and what to do about it.

They are of this worker, in processing time, and may be summed over workers. Figures, drift and governance have series
of their own, in event time, which only the elected worker shows: see `series` in their rooms.
"""

import gzip
import logging
import math
import platform
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from typing import NamedTuple

import prometheus_client
from faust.types import TP
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import choose_encoder, gzip_accepted
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from metrics.catalogue import ALL_KINDS, NOTE
from metrics.events.rejection import Reason
from metrics.figures.scorecards import targets_by_level
from metrics.registry import COMPANY, UNOWNED, Registry, Target
from metrics.registry.names import OPEN_DIMENSIONS, OTHER
from streams.store.damage import TABLES

logger = logging.getLogger(__name__)

MOST_SOURCES = 100
"""So many sources are told apart in one process; publishers name them as they like."""
LOGIN_OUTCOMES = ("accepted", "wrong", "limited")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


def install() -> None:
    """Keeps the client, for the whole process, from adding a series `*_created` to each counter and histogram."""
    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Scrape(NamedTuple):
    """What a scrape gets."""

    body: bytes
    headers: Mapping[str, str]


class Telemetry:
    """The series of one worker, in a registry of their own."""

    def __init__(self, reader: str = "python") -> None:
        """With everything at 0; `reader` is what reads events here, as `streams.runtime.native` has it."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # process_*: memory, CPU, and when it started
        build = Info("cx_build", "Which cx-balance, Python and reader of events: to compare", registry=self.registry)
        build.info({"version": version("cx-balance"), "python": platform.python_version(), "reader": reader})
        self._count_events()
        self._time_events()
        self._gauge_parts()
        self._gauge_stored()
        self._count_logins()
        self.registry_valid.set(1)
        self.sources_valid.set(1)
        self._declared: tuple[Registry, tuple[Target, ...]] | None = None
        self._lagging: set[int] = set()
        self._sources: set[str] = set()
        # Declared up front: a rule over a series that does not exist has no result at all.
        for reason in Reason:
            self.rejected.labels(reason.value)
        self.placeholders.labels(OTHER)
        self.source_records.labels("", "rejected")  # what no source of its topic takes

    def _count_events(self) -> None:
        self.events = Counter(
            "cx_events", "Accepted events, by owner at ingest", ["department", "kind"], registry=self.registry
        )
        self.rejected = Counter(
            "cx_rejected", "Rejected events: see cxb rejected, fix the publisher", ["reason"], registry=self.registry
        )
        self.unowned = Counter(
            "cx_unowned_events", "Accepted events that no rule owns: add a rule to the registry", registry=self.registry
        )
        self.unknown_fields = Counter(
            "cx_unknown_fields",
            "Fields of events that were ignored: a typo, or a newer publisher",
            registry=self.registry,
        )
        self.source_records = Counter(
            "cx_source_records", "Records of sources: mapped to events, dropped on purpose, rejected",
            ["source", "outcome"], registry=self.registry,
        )  # fmt: skip
        self.erased = Counter(
            "cx_erased_events", "Events of erased persons that came again and were dropped", registry=self.registry
        )
        self.erased_rejected = Counter(
            "cx_erased_rejected", "Rejected events of erased persons that came again and were dropped",
            registry=self.registry,
        )  # fmt: skip
        self.placeholders = Counter(
            "cx_placeholder_customers",
            "Accepted events whose customer stands for nobody (null, unknown, ...): fix the publisher",
            ["source"], registry=self.registry,
        )  # fmt: skip
        self.lost = Counter(
            "cx_records_lost",
            "Records that the broker removed before they were read: raise the topic's retention",
            ["partition"],
            registry=self.registry,
        )

    def _count_logins(self) -> None:
        self.logins = Counter(
            "cx_logins", "Logins, wrong tokens, and attempts that were not looked at after too many wrong ones",
            ["outcome"], registry=self.registry,
        )  # fmt: skip
        for outcome in LOGIN_OUTCOMES:
            self.logins.labels(outcome)

    def _time_events(self) -> None:
        self.insert_seconds = Histogram(
            "cx_insert_seconds", "Time of one insert of facts", buckets=SECONDS, registry=self.registry
        )
        self.landing_seconds = Delays(
            "cx_event_landing_seconds", "Record timestamp to landed; backfilled events are left out"
        )
        self.registry.register(self.landing_seconds)

    def _gauge_parts(self) -> None:
        self.stalled = Gauge(
            "cx_ingest_stalled",
            "1 while the store, the dead-letter topic or the schema registry is away: restore it",
            registry=self.registry,
        )
        self.broker_answers = Gauge(
            "cx_broker_answers", "0 while the group's broker does not answer: restore Kafka", registry=self.registry
        )
        self.registry_valid = Gauge(
            "cx_registry_valid", "0 while the registry file is broken and the last good one is in force: run cxb check",
            registry=self.registry,
        )  # fmt: skip
        self.sources_valid = Gauge(
            "cx_sources_valid",
            "0 while the file of sources is broken and the last good one is in force: run cxb sources check",
            registry=self.registry,
        )

    def _gauge_stored(self) -> None:
        self.mismatched = Gauge(
            "cx_cells_mismatched",
            "Minutes in which facts landed last whose cells differ from a recount: cxb doctor, cxb rebuild",
            registry=self.registry,
        )
        self.clock_behind = Gauge(
            "cx_store_clock_behind_seconds",
            "How far the store's clock is behind the versions that it gave: keep it with NTP", registry=self.registry,
        )  # fmt: skip
        self.copies = Gauge(
            "cx_fact_copies_hidden", "Stored copies of facts of the last hour that FINAL hides", registry=self.registry
        )
        self.other_key_rows = Gauge(
            "cx_other_key_rows",
            "Rows whose customer was hashed with a key that is not given here: cxb doctor; add that key",
            registry=self.registry,
        )
        self.names_over_limit = Gauge(
            "cx_names_over_limit",
            "Names of the last day that the registry does not know and that count as (other): fix the publisher",
            ["dimension"],
            registry=self.registry,
        )
        for dimension in OPEN_DIMENSIONS:
            self.names_over_limit.labels(dimension)
        self.detached = Gauge(
            "cx_store_detached_parts",
            "Damaged parts that ClickHouse set aside when it started: restore or replay",
            ["table"], registry=self.registry,
        )  # fmt: skip
        self.damaged({})
        self._gauge_group()

    def _gauge_group(self) -> None:
        self.lag = Gauge(
            "cx_consumer_lag_events", "Records not yet taken, partitions of this worker", ["partition"],
            registry=self.registry,
        )  # fmt: skip
        self.target = Gauge(
            "cx_target", "What a metric should reach, in its unit; level: floor, internal, customer",
            ["department", "metric", "level"], registry=self.registry,
        )  # fmt: skip

    def damaged(self, parts: Mapping[str, int] | None) -> None:
        """Shows how many parts are damaged, by table; NaN where that cannot be read."""
        for table in TABLES:
            self.detached.labels(table).set(math.nan if parts is None else parts.get(table, 0))

    def declare(self, registry: Registry, now_s: float) -> None:
        """Makes the series of every department, so that they exist at 0, and shows its targets of an instant."""
        targets = registry.targets_at(now_s)
        if self._declared is not None and self._declared[0] is registry and self._declared[1] == targets:
            return
        self._declared = registry, targets
        departments = [item.id for item in registry.departments]
        for department in (*departments, UNOWNED):
            for kind in ALL_KINDS:
                self.events.labels(department, kind)
        self.target.clear()
        for *labels, value in targets_by_level((*departments, UNOWNED, COMPANY), targets):
            self.target.labels(*labels).set(value)

    def landed(
        self, tally: Mapping[tuple[str, str], int], stamps_ms: Sequence[int], seconds: float, now_s: float
    ) -> None:
        """Counts facts that have landed: how many of each department and kind, and when they were published."""
        self.insert_seconds.observe(seconds)
        for (department, kind), count in tally.items():
            self.events.labels(department, kind).inc(count)
            if department == UNOWNED and kind != NOTE:
                self.unowned.inc(count)
        # Live ones share their milliseconds; those of a backlog, each with its own, are not looked at one by one.
        oldest_ms, newest_ms = (now_s - SECONDS[-1]) * 1000, now_s * 1000
        recent = [stamp_ms for stamp_ms in stamps_ms if oldest_ms <= stamp_ms <= newest_ms]
        for stamp_ms, count in Tally(recent).items():
            self.landing_seconds.observe(now_s - stamp_ms / 1000, count)

    def count_rejected(self, reasons: Iterable[Reason]) -> None:
        """Counts rejected events."""
        for reason in reasons:
            self.rejected.labels(reason.value).inc()

    def count_nobodies(self, sources: Mapping[str, int]) -> None:
        """Counts events whose customer stands for nobody, by source; logs each source once."""
        for source, count in sources.items():
            if source not in self._sources and len(self._sources) < MOST_SOURCES:
                self._sources.add(source)
                logger.warning("%s sends placeholders such as null as customer: they count as no customer", source)
            self.placeholders.labels(source if source in self._sources else OTHER).inc(count)

    def records_lost(self, tp: TP, count: int) -> None:
        """Counts records that were gone before they were read."""
        self.lost.labels(str(tp.partition)).inc(count)

    def count_source_records(self, outcomes: Mapping[tuple[str, str], int]) -> None:
        """Counts records of sources by what became of them."""
        for (source, outcome), count in outcomes.items():
            self.source_records.labels(source, outcome).inc(count)

    def lags(self, lags: Mapping[int, int]) -> None:
        """Shows the lag of each partition, its lost records from 0 on, and forgets partitions that have gone."""
        for partition, lag in lags.items():
            self.lag.labels(str(partition)).set(lag)
            self.lost.labels(str(partition))
        for partition in self._lagging - set(lags):
            self.lag.remove(str(partition))
        self._lagging = set(lags)

    def exposition(self) -> bytes:
        """All series, as text in Prometheus's own format."""
        return prometheus_client.generate_latest(self.registry)

    def scrape(self, accept: str, accept_encoding: str) -> Scrape:
        """All series, as a scraper wants them: OpenMetrics or Prometheus's own format, compressed or not."""
        encode, content_type = choose_encoder(accept)
        body, headers = encode(self.registry), {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        if gzip_accepted(accept_encoding):
            return Scrape(gzip.compress(body, compresslevel=1, mtime=0), headers | {"Content-Encoding": "gzip"})
        return Scrape(body, headers)


class Delays(Collector):
    """A histogram that counts many equal delays at once: one at a time they would cost as much as decoding events."""

    def __init__(self, name: str, documentation: str) -> None:
        self._name, self._documentation = name, documentation
        self._counts = [0] * len(SECONDS)
        self._sum_s = 0.0

    def observe(self, delay_s: float, count: int) -> None:
        """Counts a delay, at most the last of the buckets, so many times."""
        self._counts[bisect_left(SECONDS, delay_s)] += count
        self._sum_s += count * delay_s

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The series of the moment."""
        upto = list(accumulate(self._counts))
        buckets = [(_text(bound), float(count)) for bound, count in zip(SECONDS, upto, strict=True)]
        buckets.append(("+Inf", float(upto[-1])))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum_s)


def _text(bound: float) -> str:
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]

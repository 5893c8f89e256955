"""The worker: the one place where its parts are wired together, started and stopped."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from metrics.registry.names import OPEN_DIMENSIONS
from streams.drift.series import DriftSeries
from streams.drift.watcher import DriftWatcher
from streams.errors import ConfigurationError, Unreachable
from streams.figures.refresh import Refresher
from streams.figures.registry_in_force import RegistryRecorder
from streams.figures.series import FigureSeries
from streams.governance.series import GovernanceKpiWatcher, GovernanceSeries
from streams.ingest import telemetry
from streams.ingest.consumer import GroupConsumer
from streams.ingest.customer_keys import CustomerKeyWatch
from streams.ingest.foreign import ForeignRecords, topics_to_read
from streams.ingest.ingest import Ingest
from streams.ingest.strangers import StrangersRecorder
from streams.ingest.telemetry import Telemetry
from streams.kafka import transport
from streams.kafka.client import connected_producer, ensure_topics, topics_there
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.faust_app import create_faust_app
from streams.registry.file import RegistryWatcher, sample
from streams.runtime import memory, native
from streams.runtime.listening import STARTED_WITH_US_S, until_listening
from streams.runtime.process import log_to_stderr, until_signalled
from streams.runtime.retry import retry_while_unreachable
from streams.runtime.shutdown import ShutdownDeadline
from streams.settings.customer_keys import customer_keys, known_key_ids
from streams.settings.settings import Settings
from streams.sources.file import SourcesWatcher
from streams.sources.schema_registry import SchemaRegistry
from streams.store import client, damage, migrations
from streams.store.client import Store
from streams.web.answers import Site
from streams.web.server import serve

logger = logging.getLogger(__name__)

STOP_S: Final = 13.0
STOP_DRAINING_S: Final = 55.0
LAST_REFRESH_S: Final = 3.0


def install() -> None:
    """Sets what holds for the whole process: how it uses memory, and the fast paths of its drivers.

    To be called before threads are started and before numpy is imported.
    """
    memory.few_heaps()
    memory.one_matrix_thread()
    client.install()
    transport.install()
    telemetry.install()


class Worker:
    """A worker of the consumer group: consumer, refresher if elected, metrics and API."""

    def __init__(self, settings: Settings, *, drain: bool, deadline: ShutdownDeadline | None = None) -> None:
        """Reads registry and keys; connects to nothing yet.

        Args:
            settings: All of them.
            drain: Whether stopping first reads all that the broker has accepted: for a broker that forgets, and that is
                started at the same time.
            deadline: Armed when the worker begins to end, if it is the process's one worker.

        Raises:
            ConfigurationError: The registry, the sources or the customer key cannot be used.
        """
        self._settings = settings
        self._drain = drain
        self._deadline = deadline
        self._registry_watcher = RegistryWatcher(settings.registry or sample())
        self._schemas = SchemaRegistry(settings.schema_registry)
        self._sources_watcher = SourcesWatcher(settings.sources, has_schemas=self._schemas.is_set)
        self._keys = customer_keys(settings)
        self._reader = native.reader_of_events(is_wanted=settings.ingest.native)
        self._telemetry = Telemetry(self._reader)
        self._store = Store(settings.clickhouse, client.WORKER)
        self._readers_store = Store(settings.clickhouse, client.READER)
        self._consumer: GroupConsumer | None = None
        self._refresher = Refresher(self._store, self._registry_watcher, settings.refresh, self._is_elected)
        self._telemetry.registry.register(
            FigureSeries(lambda: self._refresher.latest, settings.series_limit, self._departments)
        )
        self._registry_recorder = RegistryRecorder(self._store, self._registry_watcher, self._is_elected)
        drift = settings.drift
        self._drift_watcher = DriftWatcher(
            self._store, self._registry_watcher, drift.policy(), drift.interval_s, self._is_elected
        )
        self._telemetry.registry.register(DriftSeries(lambda: self._drift_watcher.latest))
        self._customer_keys = CustomerKeyWatch(self._store, known_key_ids(settings), self._telemetry, self._is_elected)
        self._governance_kpis = GovernanceKpiWatcher(self._store, self._registry_watcher, self._is_elected)
        self._telemetry.registry.register(GovernanceSeries(lambda: self._governance_kpis.latest))

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then finishes what it has begun.

        Raises:
            Exception: Whatever makes going on unsafe or pointless.
        """
        install()
        async with AsyncExitStack() as stack:
            stack.callback(self._store.close)
            stack.callback(self._readers_store.close)
            http = self._settings.http
            port = await stack.enter_async_context(serve(self._site(), http))
            logger.info(
                "page, API and metrics: http://%s:%d", f"[{http.host}]" if ":" in http.host else http.host, port
            )
            logger.info("events are read by %s code", self._reader)
            starting = asyncio.create_task(self._start(stack))
            stopping: asyncio.Future[Any] = asyncio.create_task(stop.wait())
            stack.callback(stopping.cancel)
            await asyncio.wait([stopping, starting], return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                self._arm_deadline(failed=False)
                starting.cancel()
                return
            consumer, ingest = starting.result()
            self._consumer = consumer
            memory.settled()
            collecting = asyncio.create_task(memory.collect_regularly())
            stack.callback(collecting.cancel)
            strangers = StrangersRecorder(self._store, ingest.strangers)
            vital = self._run_parts(stack, consumer, ingest.run(), strangers.run())
            await asyncio.wait([stopping, *vital], return_when=asyncio.FIRST_COMPLETED)
            ended = [part for part in vital if part.done()]
            self._arm_deadline(failed=bool(ended))
            for part in ended:
                part.result()
            await self._finish(consumer)
            with suppress(TimeoutError):  # a list of names is not worth a late end
                await asyncio.wait_for(strangers.write(), LAST_REFRESH_S)

    def _site(self) -> Site:
        return Site(
            self._readers_store,
            self._registry_watcher,
            self._telemetry,
            lambda: self._refresher.latest,
            self._unready,
            self._settings.drift.budget,
        )

    async def _start(self, stack: AsyncExitStack) -> tuple[GroupConsumer, Ingest]:
        settings = self._settings
        self._telemetry.declare(self._registry_watcher.current.registry, time.time())
        tables = asyncio.create_task(self._make_tables())
        stack.callback(tables.cancel)
        if not settings.migrate_at_start:
            await tables  # a worker that cannot land must not take partitions from those that can
        await self._until_started(settings.kafka.bootstrap_servers)
        await retry_while_unreachable("topics", lambda: ensure_topics(settings.kafka))
        producer = await retry_while_unreachable(
            "producer", lambda: connected_producer(settings.kafka, compression_type="gzip")
        )
        stack.push_async_callback(producer.stop)
        topics = await retry_while_unreachable("topics of sources", self._source_topics)
        consumer, ingest = self._wire(DeadLetters(producer, settings.kafka.dlq_topic), topics)
        stack.push_async_callback(consumer.stop)
        await consumer.join()
        await tables  # where we make them, they are made while the group forms
        consumer.begin()
        logger.info("joining the group %s on %s", settings.kafka.group, settings.kafka.bootstrap_servers)
        return consumer, ingest

    async def _source_topics(self) -> list[str]:
        wanted = self._sources_watcher.current.topics()
        there = await topics_there(self._settings.kafka) if wanted else []
        return topics_to_read(wanted, there, self._settings.kafka)

    def _wire(self, dead_letters: DeadLetters, topics: Sequence[str]) -> tuple[GroupConsumer, Ingest]:
        settings, app = self._settings, create_faust_app(self._settings)
        ingest = Ingest(
            self._store,
            dead_letters,
            self._registry_watcher,
            self._keys,
            settings.ingest,
            self._telemetry,
            commit=transport.consumer_of(app).commit_landed,
            mapping=ForeignRecords(self._sources_watcher, settings.kafka.topic, self._schemas),
        )
        return GroupConsumer(settings, app, ingest, self._telemetry.records_lost, topics), ingest

    def _run_parts(
        self, stack: AsyncExitStack, consumer: GroupConsumer, *more: Coroutine[Any, Any, None]
    ) -> set[asyncio.Future[None]]:
        parts = (
            *more,
            self._registry_watcher.follow(),
            self._sources_watcher.follow(),
            self._registry_recorder.run(),
            self._refresher.run(),
            self._drift_watcher.run(),
            self._governance_kpis.run(),
            self._customer_keys.run(),
            consumer.watch(),
            self._show(consumer),
        )
        tasks = [asyncio.create_task(part) for part in parts]
        for task in tasks:
            stack.callback(task.cancel)
        return {consumer.failure, *tasks}

    async def _until_started(self, address: str) -> None:
        if self._drain:
            await until_listening(address, STARTED_WITH_US_S)

    async def _make_tables(self) -> None:
        await self._until_started(self._settings.clickhouse.url)
        await retry_while_unreachable("tables", lambda: asyncio.to_thread(self._tables))

    def _tables(self) -> None:
        if self._settings.migrate_at_start:
            for migration in migrations.migrate(self._store):
                logger.info("tables: version %d (%s) is in place", migration.version, migration.name)
        missing = {migration.version for migration in migrations.shipped()} - migrations.applied(self._store)
        if missing:
            raise ConfigurationError(f"the tables lack versions {sorted(missing)}: run cxb migrate")
        self._customer_keys.look()
        damage.warn(self._store)

    def _arm_deadline(self, *, failed: bool) -> None:
        if self._deadline is not None:
            # Without a drain nothing is lost by ending early: not landed is not committed.
            self._deadline.arm(STOP_DRAINING_S if self._drain and not failed else STOP_S, int(failed or self._drain))

    async def _finish(self, consumer: GroupConsumer) -> None:
        logger.info("stopping: what has been taken is landed first")
        try:
            await (consumer.drain() if self._drain else consumer.finish())
        except TimeoutError:
            if self._drain:
                raise
            logger.warning("stopped: the store took too long; what has not landed is read again by the next worker")
            return
        if consumer.is_elected():
            # Whoever holds partition 0 next does it if it cannot be done now.
            with suppress(Unreachable, TimeoutError):
                refresh = asyncio.to_thread(self._refresher.refresh, time.monotonic())
                await asyncio.wait_for(refresh, LAST_REFRESH_S)
        logger.info("stopped: everything taken has landed")

    async def _show(self, consumer: GroupConsumer) -> None:
        while True:
            self._telemetry.lags(consumer.lags())
            self._telemetry.broker_answers.set(consumer.broker_answers())
            self._telemetry.mismatched.set(self._refresher.agreement.mismatched)
            self._telemetry.clock_behind.set(self._refresher.clock_behind_s)
            self._telemetry.copies.set(self._refresher.agreement.copies)
            for dimension in OPEN_DIMENSIONS:
                over_limit = self._refresher.names_over_limit.get(dimension, 0)
                self._telemetry.names_over_limit.labels(dimension).set(over_limit)
            self._telemetry.damaged(self._refresher.damaged)
            self._telemetry.registry_valid.set(self._registry_watcher.error is None)
            self._telemetry.sources_valid.set(self._sources_watcher.error is None)
            self._telemetry.declare(self._registry_watcher.current.registry, time.time())
            await asyncio.sleep(1.0)

    def _departments(self) -> list[str]:
        return [department.id for department in self._registry_watcher.current.registry.departments]

    def _is_elected(self) -> bool:
        return self._consumer is not None and self._consumer.is_elected()

    def _unready(self) -> str:
        return "starting" if self._consumer is None else self._consumer.unready()


def run(settings: Settings, *, drain: bool) -> None:
    """Runs a worker in this process until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: A setting, the registry, a key, password or table is wrong.
    """
    log_to_stderr(settings.log_level)
    if settings.log_level != "DEBUG":
        # What they log at each rebalance says nothing to an operator; what goes wrong still shows.
        for name in ("faust", "mode", "aiokafka", "streams.kafka.transport", "streams.kafka.faust_app"):
            logging.getLogger(name).setLevel(logging.WARNING)
    deadline = ShutdownDeadline()
    try:
        asyncio.run(until_signalled(Worker(settings, drain=drain, deadline=deadline).run))
    finally:
        deadline.disarm()

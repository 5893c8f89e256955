"""The pipeline of a worker: consumer group, agent and ingest as one thing that starts, drains and stops."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import faust
from faust.types import TP

from streams.ingest.ingest import Ingest
from streams.kafka.faust_app import create_faust_app
from streams.kafka.transport import Chunk, ChunkConsumer
from streams.settings.settings import Settings

logger = logging.getLogger(__name__)

DRAIN_DEADLINE_S: Final = 45.0
FINISH_DEADLINE_S: Final = 7.0
REVOKED_DEADLINE_S: Final = 2.0
QUIET_FETCHES: Final = 2
WATCH_S: Final = 0.5


class Pipeline:
    """Feeds an ingest from the group's partitions. `failure` is done when something made going on unsafe."""

    def __init__(self, settings: Settings, ingest: Ingest, lost: Callable[[TP, int], None]) -> None:
        """Wires it; joins nothing yet.

        Args:
            settings: Kafka and how to be let in.
            ingest: Takes the chunks.
            lost: Told how many records the broker removed before they were read.
        """
        self._topic = settings.kafka.topic
        self._stuck_after_s = settings.ingest.stuck_after_s
        self._answer_s = settings.clickhouse.timeout_s
        self._ingest = ingest
        self._lost = lost
        self._begun = asyncio.Event()
        self._app: faust.App = create_faust_app(settings, self._take, self._fail)
        self._app.on_partitions_revoked.connect(self._land_revoked, weak=False)
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def _consumer(self) -> ChunkConsumer:
        consumer: ChunkConsumer = self._app.consumer
        return consumer

    async def join(self) -> None:
        """Joins the group. Nothing is taken until `begin`."""
        self._ingest.commit = self._consumer.commit_landed
        await self._app.start()

    def begin(self) -> None:
        """Takes chunks from now on."""
        self._begun.set()

    async def stop(self) -> None:
        """Leaves the group. What has not landed is read again by whoever gets the partitions."""
        await self._app.stop()

    async def drain(self) -> None:
        """Takes and lands all that the broker has accepted.

        Raises:
            TimeoutError: Not within DRAIN_DEADLINE_S.
        """
        self._consumer.quiet_fetches = 0
        try:
            async with asyncio.timeout(DRAIN_DEADLINE_S):
                # The end of the log is asked for as well as met: Tansu tells too early an end, a fetch may be slow.
                while self._consumer.quiet_fetches < QUIET_FETCHES or any(self.lags().values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await self._ingest.finish()
        except TimeoutError as error:
            raise TimeoutError(
                f"not everything was read and landed within {DRAIN_DEADLINE_S:.0f} s: lag {dict(self.lags())}"
            ) from error

    async def finish(self) -> None:
        """Takes no more, and lands what has been taken.

        Raises:
            TimeoutError: Not within FINISH_DEADLINE_S.
        """
        self._consumer.pause_partitions(self._consumer.assignment())
        await asyncio.wait_for(self._ingest.finish(), FINISH_DEADLINE_S)

    def assignment(self) -> set[TP]:
        """The partitions of the event topic that this worker holds."""
        return {TP(tp.topic, tp.partition) for tp in self._consumer.assignment()}

    def is_elected(self) -> bool:
        """Whether this worker is the one to refresh: it holds partition 0."""
        return TP(self._topic, 0) in self.assignment()

    def lags(self) -> Mapping[int, int]:
        """Records not yet taken, by partition, as far as the broker tells."""
        taken = self._ingest.cursors()
        return {tp.partition: self._consumer.unread(tp, taken.get(tp)) for tp in self.assignment()}

    def broker_answers(self) -> bool:
        """Whether the broker that coordinates the group answers."""
        return self._consumer.answers()

    def unready(self) -> str:
        """Why it is not assigned and landing; "" when it is."""
        if self._app._assignment is None or self._app.rebalancing:
            return "joining the consumer group"
        if self._ingest.stalled_since is not None:
            return "the store or the dead-letter topic is away"
        return ""

    async def watch(self) -> None:
        """Watches over the consumer and over progress; returns never.

        Raises:
            RuntimeError: The consumer stopped by itself (its cause is the reason), or nothing has moved for
                `stuck_after_s` (and as long as the store may take to answer, where it is asked) though there is work
                and all that it needs answers.
        """
        seen, moved_s = self._marks(), time.monotonic()
        while not self._app.should_stop:
            await asyncio.sleep(WATCH_S)
            marks, now_s = self._marks(), time.monotonic()
            if marks != seen or not self._has_work() or self._ingest.stalled_since is not None:
                seen, moved_s = marks, now_s
            elif now_s - moved_s > self._stuck_after_s + (self._answer_s if self._ingest.asking else 0):
                raise RuntimeError(
                    f"stuck: no progress for {now_s - moved_s:.0f} s, lag {dict(self.lags())}; "
                    "the process ends so that its supervisor starts it again"
                )
        raise RuntimeError("the Kafka consumer stopped") from self._app.crash_reason

    def _marks(self) -> object:
        # While a batch lands, only its landing is progress: chunks may be taken behind it for long.
        return self._ingest.landed_at, None if self._ingest.landing else self._ingest.cursors()

    def _has_work(self) -> bool:
        return not self._ingest.idle or any(self.lags().values())

    async def _take(self, chunk: Chunk) -> None:
        await self._begun.wait()
        if chunk.gap:
            earliest = await self._consumer.earliest(chunk.tp)
            removed = min(earliest, chunk.gap.stop) - chunk.gap.start
            # Below the log's beginning nothing can be told from what compaction or a transaction left out.
            if removed > 0:
                logger.error(
                    "%s partition %d: up to %d records from offset %d were removed by the broker before they were "
                    "read: raise the topic's retention, and publish them again",
                    chunk.tp.topic, chunk.tp.partition, removed, chunk.gap.start,
                )  # fmt: skip
                self._lost(chunk.tp, removed)
        await self._ingest.take(chunk)

    def _fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_exception(error)

    async def _land_revoked(self, sender: Any, revoked: set[TP], **_: Any) -> None:
        # Landing now spares the next owner from reading it again. Never for long: the whole group waits for us.
        if not self._ingest.idle:
            await asyncio.wait({asyncio.create_task(self._ingest.land())}, timeout=REVOKED_DEADLINE_S)

"""A worker in its consumer group: faust app and ingest as one thing that joins, drains and leaves."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import faust
from faust.types import TP

from streams.ingest.ingest import Ingest, IngestStatus
from streams.kafka.faust_app import add_agent
from streams.kafka.transport import Chunk, consumer_of
from streams.runtime import trace
from streams.settings.settings import Settings

logger = logging.getLogger(__name__)

DRAIN_DEADLINE_S: Final = 45.0
FINISH_DEADLINE_S: Final = 7.0
REVOKED_DEADLINE_S: Final = 2.0
QUIET_FETCHES: Final = 2
WATCH_S: Final = 0.5


class GroupConsumer:
    """Feeds an ingest from the group's partitions. `failure` is done when something made going on unsafe."""

    def __init__(
        self,
        settings: Settings,
        app: faust.App,
        ingest: Ingest,
        lost: Callable[[TP, int], None],
        others: Sequence[str] = (),
    ) -> None:
        """Wires it; joins nothing yet.

        Args:
            settings: The topic, and how long the store may take.
            app: Fetches the chunks; without an agent, not started.
            ingest: Takes the chunks, and commits through the app's consumer.
            lost: Called with how many records the broker removed before they were read.
            others: The topics of sources, which are read besides that of our events.
        """
        self._topic = settings.kafka.topic
        self._stuck_after_s = settings.ingest.stuck_after_s
        self._answer_s = settings.clickhouse.timeout_s
        self._ingest = ingest
        self._lost = lost
        self._begun = asyncio.Event()
        self._app = app
        self._consumer = consumer_of(app)
        add_agent(app, [settings.kafka.topic, *others], self._take, self._fail)
        app.on_partitions_revoked.connect(self._land_revoked, weak=False)
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def join(self) -> None:
        """Joins the group. Nothing is taken until `begin`."""
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
        if trace.to:
            trace.to.write("drain_start")
        try:
            async with asyncio.timeout(DRAIN_DEADLINE_S):
                # Neither is enough: Tansu reports too early an end of the log, and a fetch may be slow.
                while self._consumer.quiet_fetches < QUIET_FETCHES or any(self.lags().values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await self._ingest.finish()
            if trace.to:
                trace.to.write("drain_end", outcome="landed")
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
        """The partitions that this worker holds, of the event topic and of those of sources."""
        return {TP(tp.topic, tp.partition) for tp in self._consumer.assignment()}

    def is_elected(self) -> bool:
        """Whether this worker is the one to refresh: it holds partition 0."""
        return TP(self._topic, 0) in self.assignment()

    def lags(self) -> Mapping[int, int]:
        """Records not yet taken, by partition, as far as the broker shows; of all topics together."""
        taken = self._ingest.status.cursors
        lags = Counter[int]()
        for tp in self.assignment():
            lags[tp.partition] += self._consumer.unread(tp, taken.get(tp))
        return lags

    def broker_answers(self) -> bool:
        """Whether the broker that coordinates the group answers."""
        return self._consumer.answers()

    def unready(self) -> str:
        """Why it is not assigned and landing; "" when it is."""
        if self._app._assignment is None or self._app.rebalancing:
            return "joining the consumer group"
        if self._ingest.status.stalled_since is not None:
            return "the store, the dead-letter topic or the schema registry is away"
        return ""

    async def watch(self) -> None:
        """Watches over the consumer and over progress; returns never.

        Raises:
            RuntimeError: The consumer stopped by itself (its cause is the reason), or nothing has moved for
                `stuck_after_s` (and as long as the store may take to answer a request that it has) though there is
                work and all that it needs answers.
        """
        progress, moved_s = _progress(self._ingest.status), time.monotonic()
        while not self._app.should_stop:
            await asyncio.sleep(WATCH_S)
            status, now_s = self._ingest.status, time.monotonic()
            if progress != _progress(status) or not self._has_work(status) or status.stalled_since is not None:
                progress, moved_s = _progress(status), now_s
            elif now_s - moved_s > self._stuck_after_s + (self._answer_s if status.asking else 0):
                raise RuntimeError(
                    f"stuck: no progress for {now_s - moved_s:.0f} s, lag {dict(self.lags())}; "
                    "the process ends so that its supervisor starts it again"
                )
        raise RuntimeError("the Kafka consumer stopped") from self._app.crash_reason

    def _has_work(self, status: IngestStatus) -> bool:
        return not status.idle or any(self.lags().values())

    async def _take(self, chunk: Chunk) -> None:
        await self._begun.wait()
        if chunk.gap:
            earliest = await self._consumer.earliest(chunk.tp)
            removed = min(earliest, chunk.gap.stop) - chunk.gap.start
            # At most so many: below the log's beginning, it does not show what compaction or a transaction left out.
            if removed > 0:
                logger.error(
                    "%s partition %d: up to %d records from offset %d were removed by the broker before they were "
                    "read: raise the topic's retention, and publish them again",
                    chunk.tp.topic, chunk.tp.partition, removed, chunk.gap.start,
                )  # fmt: skip
                self._lost(chunk.tp, removed)
        if trace.to:
            trace.to.write(
                "take", tp=chunk.tp.partition, first=chunk.first, next=chunk.next_offset,
                generation=chunk.generation, records=len(chunk.records),
            )  # fmt: skip
        await self._ingest.take(chunk)

    def _fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_exception(error)

    async def _land_revoked(self, sender: Any, revoked: set[TP], **_: Any) -> None:
        # Landing now spares the next owner from reading it again. Never for long: the whole group waits for us.
        if not self._ingest.status.idle:
            await asyncio.wait({asyncio.create_task(self._ingest.land())}, timeout=REVOKED_DEADLINE_S)


def _progress(status: IngestStatus) -> object:
    # While a batch lands, only its landing is progress: chunks may be taken behind it for long.
    return status.landed_at, None if status.landing else status.cursors

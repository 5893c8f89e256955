"""The faust app: one agent on chunks of the event topic. All else it does is join the group and keep its beat."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import faust
from faust.tables import TableManager

from metrics.durations import DAY_S
from streams.kafka import fetching
from streams.kafka.client import faust_credentials
from streams.kafka.transport import Chunk, use_chunks
from streams.runtime import native
from streams.settings.settings import Settings

RECORDS_AT_ONCE: Final = 5_000
CHUNKS_WAITING: Final = 4
A_YEAR_S: Final = 365.0 * DAY_S


class App(faust.App):  # type: ignore[misc]  # faust is not typed
    """An app that keeps nothing on disk, and leaves no empty directories behind."""

    def _create_directories(self) -> None:
        pass


class NoTables(TableManager):  # type: ignore[misc]  # faust is not typed
    """We have no tables: the group is joined at once, not after the second that faust waits for some."""

    async def on_start(self) -> None:
        """Starts without the pause."""
        await self._update_channels()
        await self.recovery.start()


def create_faust_app(settings: Settings) -> faust.App:
    """An app that joins the group and fetches chunks, once it has an agent and is started."""
    kafka = settings.kafka
    app = App(
        kafka.group,
        broker=[f"kafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")],
        broker_credentials=faust_credentials(kafka),
        broker_max_poll_records=RECORDS_AT_ONCE,
        consumer_max_fetch_size=fetching.OF_ONE,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_timeout_s,
        broker_heartbeat_interval=kafka.session_timeout_s / 5,
        # A store that is away for hours must not cost us the partitions; heartbeats prove that we live.
        broker_max_poll_interval=A_YEAR_S,
        consumer_metadata_max_age_ms=15_000,  # a topic that gains partitions is noticed within this
        stream_buffer_maxsize=CHUNKS_WAITING,  # counts chunks, not records
        stream_wait_empty=False,
        TableManager=NoTables,
        table_standby_replicas=0,
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        autodiscover=False,
    )
    use_chunks(app, native.module() if settings.ingest.native else None)
    return app


def add_agent(
    app: faust.App,
    topics: Sequence[str],
    take: Callable[[Chunk], Awaitable[None]],
    failed: Callable[[BaseException], None],
) -> None:
    """Has an app feed the chunks of topics to `take`, in order.

    Args:
        app: Not started yet.
        topics: Their names.
        take: Returns when the next chunk may come.
        failed: Called with any error of `take`. The agent takes nothing more: to go on would skip a chunk.
    """
    # acks=False: offsets are committed by us, when records have landed, and by nobody else.
    channel = app.topic(*topics, value_serializer="raw", key_serializer="raw", acks=False)

    async def attend(stream: Any) -> None:
        try:
            async for event in stream.noack().events():
                await take(event.message.value)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            failed(error)
            # Faust would log the error, acknowledge the chunk and go on with the next one.
            await asyncio.Event().wait()

    app.agent(channel, name="ingest")(attend)

"""A plain faust agent, `async for` over single events: rows are gathered, a timer lands what is left."""

import asyncio
from collections.abc import Sequence

import faust

from bench.contestants.faust_app import Reject, run
from bench.job import BATCH, Landing
from metrics.events.rejection import Rejected


def install(app: faust.App, topic: faust.TopicT, landing: Landing, reject: Reject) -> None:
    """Acknowledges an event once its row has landed."""
    gathered: list[tuple[faust.EventT, Sequence[object] | Rejected]] = []
    turn = asyncio.Lock()

    async def land() -> None:
        async with turn:
            taken = gathered.copy()
            gathered.clear()
            await asyncio.to_thread(landing.insert, [row for _, row in taken if not isinstance(row, Rejected)])
            await reject([(event.value, row) for event, row in taken if isinstance(row, Rejected)])
            for event, _ in taken:
                event.ack()

    @app.agent(topic)
    async def ingest(stream: "faust.Stream[bytes]") -> None:
        async for event in stream.noack().events():
            gathered.append((event, landing.row(event.value, int(event.message.timestamp * 1000))))
            if len(gathered) >= BATCH:
                await land()

    @app.timer(1.0)
    async def land_the_rest() -> None:
        await land()


if __name__ == "__main__":
    asyncio.run(run(install))

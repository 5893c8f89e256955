"""A plain faust agent that takes batches, as its documentation advises for bulk inserts."""

import asyncio

import faust

from bench.contestants.faust_app import Reject, run
from bench.job import Landing

TAKEN = 5_000


def install(app: faust.App, topic: faust.TopicT, landing: Landing, reject: Reject) -> None:
    """Takes, inserts; faust acknowledges a batch when the next is asked for."""

    @app.agent(topic)
    async def ingest(stream: "faust.Stream[bytes]") -> None:
        async for events in stream.take_events(TAKEN, within=1.0):
            records = [(event.value, int(event.message.timestamp * 1000)) for event in events]
            rejected = await asyncio.to_thread(landing.land, records)
            await reject([(events[position].value, why) for position, why in rejected])


if __name__ == "__main__":
    asyncio.run(run(install))

"""Publishes events with aiokafka, and reads them back: see ../README.md for the arguments."""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


# the example begins
async def publish(brokers: str, topic: str, codec: str, acks: str) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers,
        acks={"0": 0, "1": 1}.get(acks, "all"),
        enable_idempotence=acks == "idempotent",
        compression_type=None if codec == "none" else codec,
    )
    async with producer:
        sent = []
        for line in sys.stdin:
            customer, event = line.rstrip("\n").split("\t", 1)
            sent.append(await producer.send(topic, event.encode(), key=customer.encode()))
        for future in sent:
            await future  # raises where an event was not taken: send it again


# the example ends


async def consume(brokers: str, topic: str, group: str, count: str) -> None:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=brokers, group_id=group, auto_offset_reset="earliest")
    async with consumer:
        for _ in range(int(count)):
            print((await consumer.getone()).value.decode())
        await consumer.commit()


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    asyncio.run({"publish": publish, "consume": consume}[command](*rest))

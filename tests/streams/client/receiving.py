"""A topic as a consumer finds it, and a service in a process of its own that publishes."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer

from streams.settings.settings import KafkaSettings
from tests.metrics.contract.judging import rejection_of

SERVICE = """
import os, sys
from streams.client.events import ContactEvent
from streams.client.publisher import Publisher
from streams.settings.settings import KafkaSettings

directory, bootstrap, topic, count, end = sys.argv[1:]
publisher = Publisher(directory, KafkaSettings(bootstrap_servers=bootstrap, topic=topic))
deliveries = [
    publisher.publish(ContactEvent(source="service", event_id=f"{end}-{number}", touchpoint="web"))
    for number in range(int(count))
]
if end == "killed":
    for delivery in deliveries:
        delivery.kept(30)
    print("kept", flush=True)
    sys.stdin.read()
"""


def settings_of(bootstrap: str, topic: str) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=bootstrap, topic=topic)


def service(directory: Path, kafka: KafkaSettings, count: int, end: str) -> subprocess.Popen[str]:
    """Starts a service that publishes so many events; it is `left` to end by itself, or `killed` once they are kept."""
    command = [sys.executable, "-W", "error", "-c", SERVICE, str(directory), kafka.bootstrap_servers, kafka.topic]
    return subprocess.Popen([*command, str(count), end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def received(kafka: KafkaSettings) -> Counter[str]:
    """How often each event is in the topic, by id. Copies of one are the same to the byte, so they are one fact."""
    consumer = AIOKafkaConsumer(kafka.topic, bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        copies: dict[str, set[bytes]] = {}
        times: Counter[str] = Counter()
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    assert rejection_of(record.value) is None
                    event = msgspec.json.decode(record.value)
                    assert record.key == event.get("customer", event["event_id"]).encode()
                    times[event["event_id"]] += 1
                    copies.setdefault(event["event_id"], set()).add(record.value)
    finally:
        await consumer.stop()
    assert [name for name, values in copies.items() if len(values) > 1] == []
    return times

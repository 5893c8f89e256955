"""`python -m bench.history`: publishes years of events at once, never far ahead of what a group has committed.

A process of its own, with librdkafka, as bench.steady is.
"""

import json
import os
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.events import event_text
from bench.steady import PARTITIONS

AHEAD = 200_000
"""How many events may wait in the topic: enough that the worker is never idle, few enough for live ones to follow."""
BURST = 5_000
DAY_MS = 86_400_000


def publish(told: dict[str, str], count: int, days: int) -> float:
    """Publishes the oldest first, each with the timestamp of its publication; returns when the last was sent."""
    producer = Producer({"bootstrap.servers": told["broker"], "linger.ms": 20})
    group = Consumer({"bootstrap.servers": told["broker"], "group.id": told["group"], "enable.auto.commit": False})
    began_ms = int(time.time() * 1000) - days * DAY_MS
    for start in range(0, count, BURST):
        while start - committed(group, told["topic"]) > AHEAD:
            time.sleep(0.1)
        now_ms = int(time.time() * 1000)
        for number in range(start, min(count, start + BURST)):
            value = event_text(number, began_ms + number * (days * DAY_MS) // count).encode()
            producer.produce(told["topic"], value, partition=number % PARTITIONS, timestamp=now_ms)
        producer.flush()
        if start % 1_000_000 == 0:
            print(f"published {start:,} of {count:,}", file=sys.stderr, flush=True)
    group.close()
    return time.time()


def committed(group: Consumer, topic: str) -> int:
    """How many records the group has committed."""
    found = group.committed([TopicPartition(topic, number) for number in range(PARTITIONS)], timeout=10)
    return sum(max(0, partition.offset) for partition in found)


def main() -> None:
    """Does what the environment asks for."""
    told = json.loads(os.environ["BENCH_HISTORY"])
    print(json.dumps(publish(told, told["count"], told["days"])))


if __name__ == "__main__":
    main()

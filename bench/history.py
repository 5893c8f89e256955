"""`python -m bench.history`: publishes years of events at once, never far ahead of what a group has committed.

A process of its own, with librdkafka, like bench.steady.
"""

import json
import os
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.events import event_text
from bench.steady import PARTITIONS

AHEAD = 200_000
"""The number of events that may wait in the topic: the worker is never idle, and live events follow soon."""
BURST = 5_000
DAY_MS = 86_400_000


def publish(job: dict[str, str], count: int, days: int) -> float:
    """Publishes the oldest first, each with the timestamp of its publication; returns the time of the last."""
    producer = Producer({"bootstrap.servers": job["broker"], "linger.ms": 20})
    group = Consumer({"bootstrap.servers": job["broker"], "group.id": job["group"], "enable.auto.commit": False})
    began_ms = int(time.time() * 1000) - days * DAY_MS
    for start in range(0, count, BURST):
        while start - committed(group, job["topic"]) > AHEAD:
            time.sleep(0.1)
        now_ms = int(time.time() * 1000)
        for number in range(start, min(count, start + BURST)):
            value = event_text(number, began_ms + number * (days * DAY_MS) // count).encode()
            producer.produce(job["topic"], value, partition=number % PARTITIONS, timestamp=now_ms)
        producer.flush()
        if start % 1_000_000 == 0:
            print(f"published {start:,} of {count:,}", file=sys.stderr, flush=True)
    group.close()
    return time.time()


def committed(group: Consumer, topic: str) -> int:
    """The number of records that the group has committed."""
    offsets = group.committed([TopicPartition(topic, number) for number in range(PARTITIONS)], timeout=10)
    return sum(max(0, partition.offset) for partition in offsets)


def main() -> None:
    """Publishes as the environment says."""
    job = json.loads(os.environ["BENCH_HISTORY"])
    print(json.dumps(publish(job, job["count"], job["days"])))


if __name__ == "__main__":
    main()

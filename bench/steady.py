"""`python -m bench.steady`: publishes at a steady rate, then prints the number of events by timestamp.

A process of its own, with librdkafka: it must neither share an interpreter with what it measures, nor take much of
the machine from it.
"""

import json
import os
import time

from confluent_kafka import Producer

from bench.events import event_text

BURST_S = 0.02
PARTITIONS = 4


def publish(producer: Producer, topic: str, rate: int, seconds: float) -> list[tuple[float, int]]:
    """Sends bursts at their due times; returns each burst's timestamp (seconds since 1970) and how many were sent."""
    steps: list[tuple[float, int]] = []
    began, sent, total = time.time(), 0, int(rate * seconds)
    while sent < total:
        now_ms = int(time.time() * 1000)
        upto = min(total, int((now_ms / 1000 - began) * rate) + 1)
        for number in range(sent, upto):
            value = event_text(number, now_ms).encode()
            producer.produce(topic, value, partition=number % PARTITIONS, timestamp=now_ms)
        sent = max(sent, upto)
        steps.append((now_ms / 1000, sent))
        producer.poll(0)
        time.sleep(max(0.0, BURST_S - (time.time() - now_ms / 1000)))
    producer.flush()
    return steps


def main() -> None:
    """Publishes as the environment says."""
    job = json.loads(os.environ["BENCH_STEADY"])
    producer = Producer({"bootstrap.servers": job["broker"], "linger.ms": 5, "queue.buffering.max.messages": 2_000_000})
    print(json.dumps(publish(producer, job["topic"], job["rate"], job["seconds"])))


if __name__ == "__main__":
    main()

"""The ceiling for Python, with librdkafka: confluent-kafka without a framework, our decoder and our insert."""

from confluent_kafka import Consumer, Message, Producer

from bench.job import BATCH, Job, Landing, Stopwatch, reason_header


def main() -> None:
    """Reads batches, lands them in large inserts, commits after each."""
    job = Job.from_environment()
    landing = Landing.of(job)
    Stopwatch()
    producer = Producer({"bootstrap.servers": job.broker, "acks": "all"})
    consumer = Consumer(
        {
            "bootstrap.servers": job.broker, "group.id": job.group, "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )  # fmt: skip
    consumer.subscribe([job.topic])
    waiting: list[Message] = []
    while True:
        fetched = consumer.consume(10_000, 0.2)
        waiting += fetched
        if len(waiting) >= BATCH or (waiting and not fetched):
            rejected = landing.land([(message.value(), message.timestamp()[1]) for message in waiting])
            for at, why in rejected:
                producer.produce(job.dlq, waiting[at].value(), headers=reason_header(why))
            producer.flush()
            consumer.commit(asynchronous=False)
            waiting = []


if __name__ == "__main__":
    main()

"""Publishes events with confluent-kafka (librdkafka), and reads them back: see ../README.md for the arguments."""

import sys

from confluent_kafka import Consumer, KafkaError, Message, Producer


# the example begins
def publish(brokers: str, topic: str, codec: str, acks: str) -> None:
    producer = Producer(
        {
            "bootstrap.servers": brokers,
            "acks": {"0": 0, "1": 1}.get(acks, "all"),
            "enable.idempotence": acks == "idempotent",
            "compression.type": codec,
        }
    )
    refused = []

    def answered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            refused.append(error)  # send the event again

    for line in sys.stdin:
        customer, event = line.rstrip("\n").split("\t", 1)
        producer.produce(topic, event.encode(), customer.encode(), on_delivery=answered)
        producer.poll(0)
    waiting = producer.flush(30)
    if refused or waiting:
        sys.exit(f"{len(refused)} events were not taken ({refused[:1]}), {waiting} have no answer")


# the example ends


def consume(brokers: str, topic: str, group: str, count: str) -> None:
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    left = int(count)
    while left:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            sys.exit(str(message.error()))
        print(message.value().decode())
        left -= 1
    consumer.commit(asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    {"publish": publish, "consume": consume}[command](*rest)

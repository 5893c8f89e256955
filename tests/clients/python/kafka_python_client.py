"""Publishes events with kafka-python, and reads them back: see ../README.md for the arguments."""

import sys

from kafka import KafkaConsumer, KafkaProducer


# the example begins
def publish(brokers: str, topic: str, codec: str, acks: str) -> None:
    producer = KafkaProducer(
        bootstrap_servers=brokers,
        acks={"0": 0, "1": 1}.get(acks, "all"),
        enable_idempotence=acks == "idempotent",  # which is this library's default
        compression_type=None if codec == "none" else codec,
    )
    sent = []
    for line in sys.stdin:
        customer, event = line.rstrip("\n").split("\t", 1)
        sent.append(producer.send(topic, event.encode(), key=customer.encode()))
    for future in sent:
        future.get(timeout=30)  # raises where an event was not taken: send it again
    producer.close()


# the example ends


def consume(brokers: str, topic: str, group: str, count: str) -> None:
    consumer = KafkaConsumer(topic, bootstrap_servers=brokers, group_id=group, auto_offset_reset="earliest")
    for read, record in enumerate(consumer, 1):
        print(record.value.decode())
        if read == int(count):
            break
    consumer.commit()
    consumer.close()


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    {"publish": publish, "consume": consume}[command](*rest)

// Publishes events with @platformatic/kafka, and reads them back: see ../README.md for the arguments.
import { createInterface } from "node:readline";
import { Consumer, Producer, ProduceAcks, stringDeserializers, stringSerializers } from "@platformatic/kafka";

const ACKS = { 0: ProduceAcks.NO_RESPONSE, 1: ProduceAcks.LEADER, all: ProduceAcks.ALL, idempotent: ProduceAcks.ALL };

// the example begins
async function publish(brokers, topic, codec, acks) {
  const producer = new Producer({
    clientId: "shop",
    bootstrapBrokers: [brokers],
    serializers: stringSerializers,
    compression: codec,
    idempotent: acks === "idempotent",
    acks: ACKS[acks],
  });
  let messages = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const [customer, event] = line.split("\t");
    messages.push({ topic, key: customer, value: event });
    if (messages.length === 500) {
      await producer.send({ messages }); // throws where an event was not taken: send it again
      messages = [];
    }
  }
  if (messages.length) await producer.send({ messages });
  await producer.close();
}
// the example ends

async function consume(brokers, topic, group, count) {
  const consumer = new Consumer({
    clientId: "shop",
    groupId: group,
    bootstrapBrokers: [brokers],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: true });
  let left = Number(count);
  for await (const message of stream) {
    console.log(message.value);
    if (--left === 0) break;
  }
  await consumer.close(true);
}

const [command, ...rest] = process.argv.slice(2);
await { publish, consume }[command](...rest);

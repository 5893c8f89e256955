// Publishes events with kafkajs, and reads them back: see ../README.md for the arguments.
import { createInterface } from "node:readline";
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import { compressFrame, decompressFrame } from "lz4-napi";

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = snappy;
CompressionCodecs[CompressionTypes.LZ4] = () => ({ compress: (encoder) => compressFrame(encoder.buffer), decompress: decompressFrame });

const CODECS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4 };
const ACKS = { 0: 0, 1: 1, all: -1, idempotent: -1 };

// the example begins
async function publish(brokers, topic, codec, acks) {
  const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }).producer({ idempotent: acks === "idempotent" });
  await producer.connect();
  let messages = [];
  const send = () => producer.send({ topic, messages, compression: CODECS[codec], acks: ACKS[acks] });
  for await (const line of createInterface({ input: process.stdin })) {
    const [customer, event] = line.split("\t");
    messages.push({ key: customer, value: event });
    if (messages.length === 500) {
      await send(); // throws where an event was not taken: send it again
      messages = [];
    }
  }
  if (messages.length) await send();
  await producer.disconnect();
}
// the example ends

async function consume(brokers, topic, group, count) {
  const consumer = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }).consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = Number(count);
  await new Promise((resolve) =>
    consumer.run({
      eachMessage: async ({ message }) => {
        console.log(message.value.toString());
        if (--left === 0) resolve();
      },
    }),
  );
  await consumer.disconnect();
}

const [command, ...rest] = process.argv.slice(2);
await { publish, consume }[command](...rest);

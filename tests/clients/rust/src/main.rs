//! Publishes events with krafka, and reads them back: see ../../README.md for the arguments.
use std::error::Error;
use std::io::{self, BufRead};

use krafka::consumer::AutoOffsetReset;
use krafka::producer::Acks;
use krafka::{Compression, Kafka, Record};

type Outcome = Result<(), Box<dyn Error>>;

// the example begins
async fn publish(brokers: &str, topic: &str, codec: &str, acks: &str) -> Outcome {
    let kafka = Kafka::builder(brokers).connect().await?;
    let producer = kafka
        .producer()
        .compression(compression(codec))
        .acks(match acks {
            "0" => Acks::None,
            "1" => Acks::Leader,
            _ => Acks::All,
        })
        .idempotent(acks == "idempotent") // which is this library's default
        .build()
        .await?;
    let mut sent = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (customer, event) = line.split_once('\t').ok_or("no tab")?;
        let record = Record::new(topic, event.to_string()).key(customer.to_string());
        sent.push(producer.enqueue(record).await?);
    }
    for acknowledged in sent {
        let _ = acknowledged.await?; // fails where an event was not taken: send it again
    }
    producer.close().await?;
    Ok(())
}
// the example ends

fn compression(codec: &str) -> Compression {
    match codec {
        "gzip" => Compression::Gzip,
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd,
        _ => Compression::None,
    }
}

async fn consume(brokers: &str, topic: &str, group: &str, count: &str) -> Outcome {
    let kafka = Kafka::builder(brokers).connect().await?;
    let consumer = kafka.consumer(group).auto_offset_reset(AutoOffsetReset::Earliest).build().await?;
    consumer.subscribe([topic]).await?;
    for _ in 0..count.parse::<usize>()? {
        let record = consumer.recv().await?.ok_or("the consumer was closed")?;
        println!("{}", record.value_str().ok_or("not UTF-8")?);
    }
    consumer.commit().await?;
    consumer.close().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome {
    let args: Vec<String> = std::env::args().collect();
    match args[1].as_str() {
        "publish" => publish(&args[2], &args[3], &args[4], &args[5]).await,
        _ => consume(&args[2], &args[3], &args[4], &args[5]).await,
    }
}

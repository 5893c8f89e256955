//! The job by a compiled consumer: one thread of ours around librdkafka, no framework, no services around it.
//!
//! A yardstick, and no product: what it lacks stands in `docs/performance.md`.

mod event;
mod registry;
mod rows;
mod stopwatch;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use rdkafka::Message;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use serde::Deserialize;

use registry::Registry;
use rows::{Rows, Store};
use stopwatch::Stopwatch;

const ENOUGH: usize = 60_000;
const PAUSE: Duration = Duration::from_millis(200);

/// What `bench.job.Job` says, as far as it is needed.
#[derive(Deserialize)]
struct Job {
    broker: String,
    topic: String,
    group: String,
    registry: PathBuf,
    store: Store,
}

fn main() -> Result<(), Box<dyn Error>> {
    let job: Job = serde_json::from_str(&std::env::var("BENCH_JOB")?)?;
    let registry = Registry::read(&job.registry)?;
    let mut rows = Rows::new(job.store);
    Stopwatch::start();
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &job.broker)
        .set("group.id", &job.group)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()?;
    consumer.subscribe(&[&job.topic])?;
    // Records, not rows: a run of bad ones is committed as well.
    let mut taken = 0;
    loop {
        let polled = consumer.poll(PAUSE).transpose()?;
        let is_idle = polled.is_none();
        if let Some(record) = polled {
            taken += 1;
            let stamp_ms = record.timestamp().to_millis().unwrap_or_default();
            if let Some(fact) = event::read(record.payload().unwrap_or_default(), stamp_ms) {
                rows.add(&fact, registry.owner(&fact.event.touchpoint.0, fact.occurred_ms), &registry.version);
            }
        }
        if taken >= ENOUGH || (is_idle && taken > 0) {
            rows.land()?;
            consumer.commit_consumer_state(CommitMode::Sync)?;
            taken = 0;
        }
    }
}

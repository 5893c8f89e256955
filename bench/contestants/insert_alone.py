"""The insert alone: the same rows, decoded beforehand, from memory. No Kafka, no decoding."""

from bench.events import events
from bench.job import BATCH, Job, Landing, Stopwatch, decoded


def main() -> None:
    """Prepares the rows, then inserts them."""
    job = Job.from_environment()
    landing = Landing.of(job)
    records = list(events(job.events))
    batches = []
    for first in range(0, len(records), BATCH):
        run = decoded(records[first : first + BATCH])
        batches.append(landing.columns(run.events, run.occurred_ms))
    del records
    watch = Stopwatch()
    for batch in batches:
        landing.store.insert_facts(batch)
    watch.report()


if __name__ == "__main__":
    main()

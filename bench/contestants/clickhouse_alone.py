"""ClickHouse's own work: the same rows, decoded beforehand, inserted from memory. No Kafka, no decoding."""

from bench.events import events
from bench.job import BATCH, LIMITS, Job, Landing, Stopwatch
from metrics.decoding import decode_run


def main() -> None:
    """Prepares the rows, then inserts them."""
    job = Job.told()
    landing = Landing.of(job)
    records = list(events(job.events))
    batches = []
    for first in range(0, len(records), BATCH):
        run = decode_run(records[first : first + BATCH], LIMITS)
        batches.append(landing.columns(run.events, run.occurred_ms))
    del records
    watch = Stopwatch()
    for batch in batches:
        landing.store.insert_facts(batch)
    watch.report()


if __name__ == "__main__":
    main()

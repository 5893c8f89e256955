"""How full a batch is."""

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from streams.ingest.batch import Batch
from streams.registry.file import CompiledRegistry
from tests.streams.given import NOON, encoded, event


def test_a_mapped_event_fills_a_batch_as_two_of_ours(compiled: CompiledRegistry) -> None:
    stamps_ms = [int(NOON.timestamp() * 1000)] * 3
    run = decode_run([encoded(event(number, at=NOON)) for number in range(3)], stamps_ms, RecordLimits())
    assert len(run.events) == 3
    ours, mapped = Batch(compiled), Batch(compiled)
    ours.events += run.events
    mapped.events += mapped.mapped(run, stamps_ms).run.events
    assert (ours.rows, ours.weight) == (3, 3)
    assert (mapped.rows, mapped.weight) == (3, 6)

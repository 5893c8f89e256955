import pytest
from kio.schema.errors import ErrorCode

from streams.embedded import wire
from streams.embedded.parts import NotTaken, read_parts
from tests.streams.embedded.batches import BROKEN, batch

IDEMPOTENT = batch(b"a", b"b", producer=7, first=0)


def request(**parts: bytes) -> wire.Produce:
    framed = wire.produce_request({(topic, 0): records for topic, records in parts.items()}, correlation=7)
    return wire.read_produce(framed[4:])


def test_only_topics_that_are_kept_lose_the_ids_of_their_producers() -> None:
    kept, other = read_parts(request(kept=IDEMPOTENT, other=IDEMPOTENT), {"kept"})
    assert (kept.topic, kept.partition, kept.records, kept.count, kept.changed) == (
        "kept",
        0,
        batch(b"a", b"b"),
        2,
        True,
    )
    assert (other.records, other.count, other.changed) == (IDEMPOTENT, 2, False)


def test_batches_without_an_id_are_taken_as_they_are() -> None:
    [part] = read_parts(request(kept=batch(b"a")), {"kept"})
    assert not part.changed


def test_each_part_that_cannot_be_read_is_named_with_its_error() -> None:
    parts = {"whole": batch(b"a"), "cut": batch(b"a")[:-1], "broken": BROKEN["an offset twice"]}
    with pytest.raises(NotTaken) as raised:
        read_parts(request(**parts), set(parts))
    assert raised.value.errors == {
        ("cut", 0): ErrorCode.corrupt_message,
        ("broken", 0): ErrorCode.invalid_record,
    }

"""The mark of a record sent through again: ours to the byte, or a stranger's."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.dead_letters import fingerprint
from streams.kafka.redriven import Origin, redriven_row
from tests.streams.given import Record

VALUE = b"{}"
OURS: dict[str, Any] = {"topic": "events", "partition": 3, "offset": 7, "fingerprint": fingerprint(VALUE)}
NAMES = st.sampled_from([*OURS, "other"])
NUMBERS = st.one_of(st.integers(), st.sampled_from([-1, 2**31, 2**63, 2**64, 2**64 - 1, -(2**63) - 1, 10**400]))
JSON = st.recursive(st.none() | st.booleans() | st.floats() | NUMBERS | st.text(), st.lists, max_leaves=9)


def marked(mark: bytes | None, value: bytes | None = VALUE) -> Any:
    return Record(1, value, 0, headers=(("x", b"y"), ("cx-redriven", mark)))  # type: ignore[arg-type]


def mark(**other: Any) -> bytes:
    return msgspec.json.encode(OURS | other)


def test_a_record_sent_through_again_names_the_row_that_it_resolves() -> None:
    row = dict(redriven_row(marked(mark())) or {})
    assert row.pop("resolved_at").tzinfo is not None
    assert row == OURS


def test_a_tombstone_sent_through_again_names_its_row() -> None:
    assert redriven_row(marked(mark(fingerprint=fingerprint(b"")), None)) is not None


@pytest.mark.parametrize(
    "header",
    [
        None, b"", b"\xff", b"[]", b"null", b'{"topic":"x"}', b'{"topic":1,"partition":2}', b"[" * 100_000,
        b'{"x":' + b"[" * 100_000,
        b'{"topic":' * 100_000, b"[" * 500, b"x" * 1_000_000, mark() + b" ", b" " + mark(), mark(other=1),
        mark(partition=-1), mark(partition=2**31), mark(offset=-1), mark(offset=2**63), mark(fingerprint=-1),
        mark().replace(b":3,", b":3.0,"), mark().replace(b":7,", b":" + b"9" * 300 + b","),
        mark(topic=""), mark(topic="a b"), mark(topic="a\x00"), mark(topic="events\n"), mark(topic=None),
        mark().replace(b"events", rb"\ud800"), mark(fingerprint=fingerprint(b"other bytes")),
    ],
)  # fmt: skip
def test_a_strangers_header_of_that_name_resolves_nothing(header: bytes | None) -> None:
    """Null, 100,000 deep, and numbers out of range ended the worker, and each one after it."""
    assert redriven_row(marked(header)) is None
    assert redriven_row(Record(1, VALUE, 0)) is None


@given(st.none() | st.binary(max_size=600))
def test_any_bytes_resolve_nothing(header: bytes | None) -> None:
    assert redriven_row(marked(header)) is None


@given(st.dictionaries(NAMES, JSON))
def test_any_json_resolves_nothing_or_is_a_row_that_the_store_takes(other: dict[str, Any]) -> None:
    try:
        header = msgspec.json.encode(OURS | other)
    except (ValueError, OverflowError):
        header = repr(OURS | other).replace("'", '"').encode("utf-8", "replace")
    row = redriven_row(marked(header))
    assert row is None or (0 <= row["partition"] < 2**31 and 0 <= row["offset"] < 2**63 and len(row["topic"]) < 250)


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.from_regex(r"\A[a-zA-Z0-9._-]{1,249}\Z"), st.binary())
def test_every_mark_that_redrive_makes_is_ours(partition: int, offset: int, topic: str, value: bytes) -> None:
    header = msgspec.json.encode(Origin(topic, partition, offset, fingerprint(value)))
    assert redriven_row(marked(header, value)) is not None

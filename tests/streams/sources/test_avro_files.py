"""Avro object container files: read whatever their compression, refused with how far they were read."""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sources.model import Source
from streams.errors import ConfigurationError
from streams.sources.avro_files import avro_records
from streams.sources.documents import records_in

SCHEMA = {"type": "record", "name": "Answer", "fields": [
    {"name": "id", "type": "string"}, {"name": "score", "type": ["null", "int"]},
    {"name": "at", "type": {"type": "int", "logicalType": "date"}},
]}  # fmt: skip
ANSWERS = [{"id": f"e-{number}", "score": number or None, "at": 20_000 + number} for number in range(50)]
READ = [
    {"id": "e-0", "score": None, "at": "2024-10-04"}, {"id": "e-1", "score": 1, "at": "2024-10-05"},
]  # fmt: skip


def file_of(schema: Any = SCHEMA, records: Any = ANSWERS, codec: str = "null") -> bytes:
    content = io.BytesIO()
    fastavro.writer(content, schema, records, codec=codec, sync_marker=b"s" * 16)
    return content.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "zstandard", "lz4", "bzip2", "xz"])
def test_records_are_read_whatever_their_compression(tmp_path: Path, codec: str) -> None:
    (tmp_path / "a.avro").write_bytes(file_of(codec=codec))
    located = list(records_in(tmp_path / "a.avro", Source("x", (), format="avro")))
    assert [each.record for each in located[:2]] == READ
    assert (len(located), located[49].place) == (50, "record 50")


def test_a_file_that_ends_too_early_says_after_which_record() -> None:
    content = file_of()[:-40]
    with pytest.raises(ConfigurationError, match=r"^(after record \d+|at its beginning)"):
        list(avro_records([content[:100], b"", content[100:]]))


CHAIN = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}
NOTHINGS = {"type": "record", "name": "N", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}}]}


@pytest.mark.parametrize(
    ("schema", "record", "why"),
    [(CHAIN, {"next": None}, "refers to itself"), (NOTHINGS, {"a": []}, "take no bytes")],
)
def test_a_file_whose_schema_could_end_the_process_is_refused(schema: Any, record: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        list(avro_records([file_of(schema, [record])]))


WHOLE = {codec: file_of(codec=codec) for codec in ("null", "deflate", "snappy", "zstandard", "lz4", "bzip2")}


@given(
    st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4)
)
@settings(max_examples=300)
def test_a_file_with_bytes_changed_is_read_or_refused(codec: str, changes: list[tuple[float, int]]) -> None:
    content = bytearray(WHOLE[codec])
    for share, byte in changes:
        content[int(share * (len(content) - 1))] = byte
    with suppress(ConfigurationError, OSError):  # `records_in` tells of both
        list(avro_records([bytes(content)]))

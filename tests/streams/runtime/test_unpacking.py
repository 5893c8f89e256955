import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime import unpacking
from streams.runtime.unpacking import MOST_UNPACKED_BYTES, UnpacksTooLarge, unpacked
from tests.kafka.raw import _PACK, CODECS

PROJECT = Path(__file__).parents[3]
THEIRS = {"gzip": gzip_decode, "snappy": snappy_decode, "lz4": lz4_decode, "zstd": zstd_decode}
RUNS = st.builds(lambda byte, count: bytes([byte]) * count, st.integers(0, 255), st.integers(1, 200_000))
RECORDS = st.binary(min_size=1) | RUNS
JUMPS_BACK = b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x03\x01\x00a\xff\xff\xff\xf9"
"""A block of three bytes, then one of -7: from its place back to where the first began."""

BOMB = """
import sys
from bench.memory import peak_mb
from streams.runtime.unpacking import UnpacksTooLarge, unpacked
data = open(sys.argv[2], "rb").read()
before = peak_mb()
try:
    unpacked(int(sys.argv[1]), data)
except UnpacksTooLarge:
    print(peak_mb() - before)
"""


@pytest.mark.parametrize("codec", THEIRS)
@given(RECORDS)
def test_it_unpacks_what_aiokafka_unpacks(codec: str, records: bytes) -> None:
    packed = bytes(_PACK[codec](records))
    assert unpacked(CODECS[codec], packed) == records == THEIRS[codec](packed)


@pytest.mark.parametrize("codec", THEIRS)
def test_what_takes_as_much_as_is_allowed_is_unpacked_and_a_byte_more_is_not(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED_BYTES", 1_000_000)
    assert len(unpacked(CODECS[codec], bytes(_PACK[codec](bytes(1_000_000))))) == 1_000_000
    with pytest.raises(UnpacksTooLarge):
        unpacked(CODECS[codec], bytes(_PACK[codec](bytes(1_000_001))))


@pytest.mark.parametrize("codec", THEIRS)
def test_a_bomb_takes_no_more_memory_than_the_bound_and_a_little(codec: str, tmp_path: Path) -> None:
    """Half a gigabyte, in 16 kB (zstd) to 25 MB (snappy)."""
    bomb = tmp_path / "bomb"
    bomb.write_bytes(bytes(_PACK[codec](bytes(512 * 1024 * 1024))))
    command = [sys.executable, "-c", BOMB, str(CODECS[codec]), str(bomb)]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    assert float(run.stdout) <= 2.5 * MOST_UNPACKED_BYTES / 2**20


def test_sizes_that_are_only_claimed_are_not_believed() -> None:
    with pytest.raises(UnpacksTooLarge):
        unpacked(unpacking.SNAPPY, b"\xff\xff\xff\xff\x0f")


@pytest.mark.parametrize("size", [-1, -4, -7, -(2**31), 0, 2**31 - 1])
def test_a_snappy_stream_goes_forward_only(size: int) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match=f"a block of {size} bytes"):
        unpacked(unpacking.SNAPPY, JUMPS_BACK[:-4] + size.to_bytes(4, "big", signed=True) + b"rest")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("number", range(1, 5))
@given(st.binary(max_size=100))
def test_any_bytes_are_unpacked_or_refused(number: int, noise: bytes) -> None:
    try:
        assert len(unpacked(number, noise)) <= MOST_UNPACKED_BYTES
    except Exception as error:
        assert not isinstance(error, MemoryError)  # noqa: PT017

"""ClickHouse's own compression, against blocks that the engine wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.embedded.block_compression import BLOCK_BYTES, compressed, decompressed
from streams.embedded.protocol import ClickHouseError
from tests.streams.embedded.conftest import Store

MOST = 8 << 20


@pytest.mark.parametrize("codec", ["NONE", "LZ4", "LZ4HC(9)", "ZSTD(1)"])
def test_blocks_that_the_engine_wrote_are_read(store: Store, codec: str) -> None:
    with store.client() as client:
        client.command("DROP TABLE IF EXISTS packed")
        client.command(
            f"CREATE TABLE packed (a UInt64 CODEC({codec})) ENGINE = MergeTree ORDER BY tuple()"
            " SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0"
        )
        client.command("INSERT INTO packed SELECT number FROM numbers(300000)")
        [[folder]] = client.query("SELECT path FROM system.parts WHERE table = 'packed' AND active").result_rows
    body = (store.directory / folder / "a.bin").read_bytes()
    assert decompressed(body, MOST) == b"".join(number.to_bytes(8, "little") for number in range(300_000))


@given(st.binary(max_size=3000), st.integers(1, 2000))
def test_what_was_compressed_comes_back(data: bytes, times: int) -> None:
    assert decompressed(compressed(data * times), MOST) == data * times


def test_much_is_several_blocks_and_nothing_is_none() -> None:
    data = bytes(range(256)) * 10_000
    packed = compressed(data)
    assert len(data) > 2 * BLOCK_BYTES
    assert decompressed(packed, MOST) == data
    assert (compressed(b""), decompressed(b"", MOST)) == (b"", b"")


@given(st.data())
def test_a_byte_that_was_changed_or_lost_is_noticed(data: st.DataObject) -> None:
    packed = compressed(b"the same again " * 50)
    place = data.draw(st.integers(0, len(packed) - 1))
    changed = bytearray(packed)
    changed[place] ^= data.draw(st.integers(1, 255))
    for body in (bytes(changed), packed[:place] or b"x"):
        with pytest.raises(ClickHouseError) as caught:
            decompressed(body, MOST)
        assert caught.value.code in (40, 271, 307)


def test_more_than_is_allowed_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ClickHouseError) as caught:
        decompressed(compressed(b"\0" * 5000), 4999)
    assert (caught.value.code, caught.value.status) == (307, 413)


def test_an_unknown_method_is_named() -> None:
    from streams.embedded import block_compression as module  # noqa: PLC0415

    block = module._HEAD.pack(0x99, module._HEAD.size, 0)
    with pytest.raises(ClickHouseError, match="0x99 is not supported: use LZ4, ZSTD or none"):
        decompressed(module._checksum(block) + block, MOST)

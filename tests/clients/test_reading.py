"""A slice of `make clients`: the reader that needs no download."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.catalogue import CONNECT, Client
from tests.clients.reading import expected, filled, read

pytestmark = [pytest.mark.embedded, pytest.mark.long]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with filled(tmp_path_factory.mktemp("read") / "data") as where:
        yield where


async def test_clickhouse_connect_reads_every_balance_of_a_department_and_no_other(address: str) -> None:
    assert await read(CONNECT, address) == ""


async def test_a_program_that_misses_a_row_or_reads_it_otherwise_is_noticed(address: str, tmp_path: Path) -> None:
    lines = expected()
    for said, wrong in ((lines[:-1], "2999 rows of 3000, 0 of them wrong: []"), (["x", *lines[1:]], "1 of them wrong")):
        (tmp_path / "said").write_text("\n".join(said))
        program = Client("other", ("sh", "-c", f"cat {tmp_path}/said", "sh"))
        assert wrong in await read(program, address)


async def test_a_program_that_fails_is_told_with_what_it_said(address: str) -> None:
    broken = Client("broken", ("sh", "-c", "echo nothing works >&2; exit 3", "sh"))
    assert await read(broken, address) == "sh ended with 3: nothing works"

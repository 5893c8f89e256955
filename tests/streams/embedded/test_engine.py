from pathlib import Path

import pytest

from streams.embedded.engine import Engine
from streams.embedded.protocol import ClickHouseError, Statement
from tests.streams.embedded.conftest import Store


def test_a_directory_with_a_question_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose another one"):
        Engine(tmp_path / "a?b", {})


def test_a_process_cannot_open_a_second_directory(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ClickHouseError, match="Code: "):
        Engine(tmp_path / "other", {})


def test_a_statement_tells_how_many_rows_it_wrote(store: Store) -> None:
    engine = Engine(store.directory, {})
    engine.run(Statement("CREATE TABLE written (a UInt8) ENGINE = MergeTree ORDER BY a", "Null"))
    assert engine.run(Statement("INSERT INTO written", "CSV", b"1\n2\n")).written_rows == 2
    assert engine.run(Statement("SELECT sum(a) FROM written", "CSV")).body == b"3\n"
    engine.close()


def test_a_failed_insert_lands_nothing(store: Store) -> None:
    engine = Engine(store.directory, {})
    engine.run(Statement("CREATE TABLE untouched (a UInt8) ENGINE = MergeTree ORDER BY a", "Null"))
    with pytest.raises(ClickHouseError, match=r"^Code: "):
        engine.run(Statement("INSERT INTO untouched", "JSONEachRow", b'{"a":1}\n{"a":"x"}\n'))
    assert engine.run(Statement("SELECT count() FROM untouched", "CSV")).body == b"0\n"
    engine.close()


def test_a_disk_that_is_nearly_full_takes_no_more_rows_and_still_answers(store: Store) -> None:
    engine = Engine(store.directory, {}, reserve_bytes=1 << 62)
    engine.run(Statement("CREATE TABLE kept_out (a UInt8) ENGINE = MergeTree ORDER BY a", "Null"))
    for insert in (
        Statement("INSERT INTO kept_out", "CSV", b"1\n"),
        Statement(" insert INTO kept_out SELECT 1", "Null"),
    ):
        with pytest.raises(ClickHouseError, match=r"^Code: 243\..*make room"):
            engine.run(insert)
    assert engine.run(Statement("SELECT count() FROM kept_out", "CSV")).body == b"0\n"
    engine.close()

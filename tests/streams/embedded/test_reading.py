"""The account of the embedded store that only reads: what it sees, and all that it may not."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver import options
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from streams.embedded.protocol import ClickHouseError
from streams.embedded.reading import settings
from tests.streams.embedded.conftest import READER, Store


@pytest.fixture
def reader(store: Store, client: Client) -> Iterator[Client]:
    client.command("CREATE DATABASE IF NOT EXISTS readable")
    client.command("CREATE OR REPLACE TABLE readable.kept (a UInt8, b String) ENGINE = MergeTree ORDER BY a")
    client.insert("readable.kept", [[1, "file('x')"], [2, "it's"]])
    with store.client(username=READER.user, password=READER.password, database="readable") as connected:
        yield connected


@pytest.fixture
def knocked() -> Iterator[list[str]]:
    """The address of a port at which nobody may knock, and a word for each that did."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        seen = [f"127.0.0.1:{listening.getsockname()[1]}"]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                seen.append("knocked")
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield seen
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT a, b FROM kept ORDER BY a", [(1, "file('x')"), (2, "it's")]),
        ("WITH 2 AS x SELECT b FROM kept WHERE a = x", [("it's",)]),
        ("SELECT count() FROM kept AS `profile` WHERE b LIKE 'file(%' -- file('/etc/passwd')", [(1,)]),
        ("SELECT sum(number) FROM numbers(4)", [(6,)]),
        ("SHOW TABLES", [("kept",)]),
        ("EXISTS kept", [(1,)]),
        ("SELECT name FROM system.columns WHERE table = 'kept' AND database = 'readable'", [("a",), ("b",)]),
        ("EXPLAIN SYNTAX SELECT a FROM kept", [("SELECT a\nFROM kept",)]),
    ],
)
def test_it_reads_tables(reader: Client, sql: str, rows: list[object]) -> None:
    assert reader.query(sql).result_rows == rows


def test_values_are_bound_and_answers_come_in_any_format(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("np", "pd", "pd_time_test"):  # our own client keeps the driver of this process from loading them
        monkeypatch.delitem(vars(options), name, raising=False)
    assert reader.query("SELECT b FROM kept WHERE b = {b:String}", parameters={"b": "it's"}).result_rows == [("it's",)]
    assert reader.raw_query("SELECT a FROM kept ORDER BY a", fmt="JSONEachRow") == b'{"a":1}\n{"a":2}\n'
    assert list(reader.query_df("SELECT a FROM kept ORDER BY a")["a"]) == [1, 2]
    assert reader.query_arrow("SELECT a FROM kept ORDER BY a").to_pydict() == {"a": [1, 2]}


WRITES = [
    "DROP TABLE kept", "DROP DATABASE readable", "TRUNCATE TABLE kept", "INSERT INTO kept VALUES (3, 'x')",
    "INSERT INTO kept SELECT 3, 'x'", "ALTER TABLE kept DELETE WHERE 1", "CREATE TABLE mine (a UInt8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE mine (a UInt8)", "DELETE FROM kept WHERE 1", "UPDATE kept SET b = '' WHERE 1",
    "OPTIMIZE TABLE kept", "RENAME TABLE kept TO lost", "CREATE FUNCTION f AS (x) -> x", "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN", "SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "SELECT 1; DROP TABLE kept",
    "INSERT INTO FUNCTION file('x.csv', 'CSV', 'a UInt8') SELECT 1", "EXPLAIN SELECT 1 INTO OUTFILE 'x'",
    "BACKUP TABLE kept TO File('x')", "ATTACH TABLE mine (a UInt8) ENGINE = File(CSV)", "DETACH TABLE kept", "",
    "SELECT 1 PARALLEL WITH DROP TABLE kept", "CREATE USER me", "GRANT SELECT ON *.* TO me", "USE default",
]  # fmt: skip


@pytest.mark.parametrize("sql", WRITES)
def test_it_changes_nothing(reader: Client, client: Client, sql: str) -> None:
    with pytest.raises(DatabaseError):
        reader.command(sql)
    assert client.query("SELECT a FROM readable.kept ORDER BY a").result_rows == [(1,), (2,)]


def test_rows_that_follow_a_statement_are_refused(reader: Client) -> None:
    with pytest.raises(DatabaseError, match="INSERT is not among what it may do"):
        reader.raw_insert("kept", ["a", "b"], b'{"a":1,"b":"x"}\n', fmt="JSONEachRow")


FILES = [
    "SELECT file('{path}')", "SELECT `file`('{path}')", 'SELECT "fi\\x6ce"(\'{path}\')', "SELECT file/**/('{path}')",
    "SELECT * APPLY(file) FROM (SELECT '{path}' AS p)", "SELECT arrayMap(file, ['{path}'])",
    "SELECT * FROM file('{path}', 'LineAsString')", "SELECT * FROM '{path}'", "DESCRIBE TABLE file('{path}')",
    "DESCRIBE/**/file('{path}')", "SELECT * FROM view(SELECT * FROM file('{path}', 'LineAsString'))",
    "SELECT * FROM eval('SELECT file(\\'{path}\\')')", "SELECT * FROM filesystem('/etc')",
    "WITH (SELECT file('{path}')) AS x SELECT x", "EXPLAIN SELECT * FROM file('{path}', 'LineAsString')",
    "SELECT * FROM sqlite('{path}', 't')", "SELECT * FROM executable('x.sh', 'LineAsString', 'a String')",
]  # fmt: skip


@pytest.mark.parametrize("sql", FILES)
def test_it_reads_no_file(reader: Client, tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.txt").write_text("the secret of this machine\n")
    with pytest.raises(DatabaseError) as caught:
        reader.query(sql.replace("{path}", str(tmp_path / "secret.txt")))
    assert "the secret" not in str(caught.value)


@pytest.mark.parametrize(
    "outfile", ["INTO OUTFILE '{path}'", "INTO/* */OUTFILE '{path}' TRUNCATE", "into outfile '{path}'"]
)
def test_it_writes_no_file(reader: Client, tmp_path: Path, outfile: str) -> None:
    with pytest.raises(DatabaseError, match="OUTFILE reaches beyond tables"):
        reader.raw_query("SELECT 1 " + outfile.replace("{path}", str(tmp_path / "out")), use_database=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM url('http://{at}/', 'LineAsString')", "DESCRIBE url('http://{at}/x.csv', 'CSV')",
        "SELECT * FROM s3('http://{at}/bucket/x.csv', 'CSV')", "DESCRIBE s3('http://{at}/bucket/x.csv', 'CSV')",
        "SELECT * FROM remote('{at}', 'system.one')", "SELECT * FROM mysql('{at}', 'a', 'b', 'c', 'd')",
        "SELECT * FROM postgresql('{at}', 'a', 'b', 'c', 'd')", "SELECT * FROM mongodb('{at}', 'a', 'b', 'c', 'd')",
        "SELECT * FROM (DESCRIBE TABLE url('http://{at}/x.csv', 'CSV'))", "SELECT * FROM URL('http://{at}/', 'CSV')",
    ],
)  # fmt: skip
def test_it_asks_no_other_server(reader: Client, knocked: list[str], sql: str) -> None:
    with pytest.raises(DatabaseError):
        reader.query(sql.replace("{at}", knocked[0]))
    assert knocked[1:] == []


@pytest.mark.parametrize(
    "name", ["output_format_schema", "format_schema", "format_schema_path", "user_files_path", "profile"]
)
def test_it_gives_no_setting_that_names_a_place(name: str) -> None:
    with pytest.raises(ClickHouseError, match=f"the setting {name} is not among those that it may change"):
        settings({name: "/tmp"}, {})


@pytest.mark.parametrize(
    ("given", "comes"), [("5", "5"), ("0", "100"), ("1000", "100"), ("-1", "100"), ("nan", "100"), ("inf", "100")]
)
def test_it_lowers_limits_and_raises_none(given: str, comes: str) -> None:
    assert settings({"max_execution_time": given, "readonly": "0"}, {"max_execution_time": "100"}) == {
        "max_execution_time": comes,
        "readonly": "1",
    }
    with pytest.raises(ClickHouseError, match="max_execution_time must be a number"):
        settings({"max_execution_time": "soon"}, {"max_execution_time": "100"})

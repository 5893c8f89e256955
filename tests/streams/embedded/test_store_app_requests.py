"""What clients say by headers and parameters of a request to the embedded store."""

import http.client
from urllib.parse import urlencode

import pytest
from clickhouse_connect.driver.client import Client

from streams.embedded.block_compression import compressed, decompressed
from tests.streams.embedded.conftest import Store
from tests.streams.embedded.test_store_app import BASIC, send


def test_headers_name_database_and_format_as_the_parameters_do(store: Store, client: Client) -> None:
    client.command("CREATE DATABASE IF NOT EXISTS named")
    body = b"SELECT currentDatabase() AS db"
    named = {"X_ClickHouse_Database": "named", "X_ClickHouse_Format": "JSONEachRow"}
    status, headers, text = send(store, body, **BASIC, **named)
    assert (status, text, headers["X-ClickHouse-Format"]) == (200, '{"db":"named"}\n', "JSONEachRow")
    # Headers count before parameters, and a format within the statement before both.
    assert send(store, body, path="/?database=default&default_format=CSV", **BASIC, **named)[2] == '{"db":"named"}\n'
    assert send(store, body + b" FORMAT CSV", **BASIC, **named)[2] == '"named"\n'
    assert send(store, body, **BASIC, X_ClickHouse_Database="absent")[0] == 404


def test_an_answer_is_compressed_as_clickhouse_does_where_that_is_asked_for(store: Store) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=10)
    connection.request("POST", "/?compress=1", b"SELECT number FROM numbers(300000)", BASIC)
    packed = connection.getresponse().read()
    connection.close()
    assert decompressed(packed, 4 << 20).split() == [b"%d" % number for number in range(300_000)]
    assert send(store, path="/?compress=0", **BASIC)[2] == "1\n"


def test_a_body_in_clickhouses_compression_is_taken(store: Store, client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE packed_rows (a UInt32) ENGINE = MergeTree ORDER BY a")
    path = "/?" + urlencode({"decompress": 1, "query": "INSERT INTO packed_rows FORMAT TabSeparated"})
    assert send(store, compressed(b"1\n2\n3\n"), path=path, **BASIC)[0] == 200
    assert client.command("SELECT sum(a) FROM packed_rows") == 6
    status, headers, text = send(store, b"1\n2\n3\n", path=path, **BASIC)
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (400, "271")
    assert text.startswith("Code: 271. DB::Exception: The body is not in ClickHouse's compression: ")
    assert client.command("SELECT sum(a) FROM packed_rows") == 6


@pytest.mark.parametrize("path", ["/?compress=maybe", "/?decompress=2", "/?client_protocol_version=new"])
def test_a_switch_that_is_none_is_refused_before_anything_runs(store: Store, client: Client, path: str) -> None:
    client.command("CREATE OR REPLACE TABLE unswitched (a UInt32) ENGINE = MergeTree ORDER BY a")
    status, headers, text = send(store, b"INSERT INTO unswitched SELECT 1", path=path, **BASIC)
    assert (status, text.startswith(f"Code: {headers['X-ClickHouse-Exception-Code']}. DB::Exception: ")) == (400, True)
    assert client.command("SELECT count() FROM unswitched") == 0

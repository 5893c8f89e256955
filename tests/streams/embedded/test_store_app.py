import gzip
import http.client
import logging
import os
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import lz4.frame
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from streams.embedded.protocol import WORKER
from streams.embedded.store_app import Credentials
from streams.store import client as worker_client
from tests.streams.embedded.conftest import LIMITS, PASSWORD, USER, Store

BASIC: dict[str, Any] = {"Authorization": "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


def send(
    store: Store, body: bytes = b"SELECT 1", method: str = "POST", path: str = "/", **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    response = connection.getresponse()
    answer = response.status, response.headers, response.read().decode()
    connection.close()
    return answer


def test_the_driver_gets_back_every_type_that_it_inserted(client: Client) -> None:
    client.command(
        "CREATE TABLE kept (id UInt64, amount Decimal(18, 4), at DateTime64(3, 'UTC'), kind LowCardinality(String),"
        " score Nullable(Int8), money Map(String, Decimal(18, 4)), tags Array(LowCardinality(String)))"
        " ENGINE = MergeTree ORDER BY id"
    )
    at = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
    rows = [
        [1, Decimal("12.3450"), at, "nps", None, {"EUR": Decimal("1.0001")}, ["a", "b"]],
        [2, Decimal("-0.0001"), at, "csat", 5, {}, []],
    ]
    summary = client.insert("kept", rows)
    assert summary.written_rows == 2
    result = client.query("SELECT * FROM kept ORDER BY id", tz_mode="aware")
    assert [list(row) for row in result.result_rows] == rows


@pytest.mark.parametrize("compress", [True, False, "lz4", "gzip"])
def test_columns_arrive_whatever_the_compression(store: Store, compress: bool | str) -> None:
    with store.client(compress=compress) as client:
        client.command("CREATE OR REPLACE TABLE wide (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
        numbers = list(range(20_000))
        client.insert("wide", [numbers, [f"v{n % 7}" for n in numbers]], column_names=["a", "b"], column_oriented=True)
        assert client.query("SELECT count(), sum(a), uniq(b) FROM wide").result_rows == [(20_000, sum(numbers), 7)]


def test_ten_columns_whose_count_looks_like_a_newline_arrive(client: Client) -> None:
    columns = [f"c{n}" for n in range(10)]
    client.command(f"CREATE TABLE ten ({', '.join(f'{c} UInt8' for c in columns)}) ENGINE = MergeTree ORDER BY c0")
    client.insert("ten", [list(range(10))], column_names=columns)
    assert client.query("SELECT * FROM ten").result_rows == [tuple(range(10))]


def test_rows_of_a_text_format_can_be_inserted_raw(client: Client) -> None:
    client.command("CREATE TABLE raw (a UInt8, b String) ENGINE = MergeTree ORDER BY a")
    client.raw_insert("raw", ["a", "b"], b'{"a":1,"b":"x"}\n', fmt="JSONEachRow")
    block = lz4.frame.compress(b'{"a":2,"b":"y"}\n')
    client.raw_insert("raw", ["a", "b"], block, fmt="JSONEachRow", compression="lz4")
    assert client.query("SELECT * FROM raw ORDER BY a").result_rows == [(1, "x"), (2, "y")]


def test_a_body_of_several_lz4_frames_counts_whole(client: Client) -> None:
    # The driver makes each block of a large insert a frame of its own.
    client.command("CREATE TABLE framed (a UInt8) ENGINE = MergeTree ORDER BY a")
    frames = b"".join(lz4.frame.compress(b'{"a":%d}\n' % number) for number in range(5))
    client.raw_insert("framed", ["a"], frames, fmt="JSONEachRow", compression="lz4")
    assert client.query("SELECT a FROM framed ORDER BY a").result_rows == [(number,) for number in range(5)]
    with pytest.raises(DatabaseError, match="cut off"):
        client.raw_insert("framed", ["a"], frames[:-3], fmt="JSONEachRow", compression="lz4")


def test_an_arrow_table_arrives(client: Client) -> None:
    arrow = pytest.importorskip("pyarrow")
    client.command("CREATE TABLE arrow (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.insert_arrow("arrow", arrow.table({"a": [1, 2], "b": ["x", "y"]}))
    assert client.query("SELECT * FROM arrow ORDER BY a").result_rows == [(1, "x"), (2, "y")]
    assert client.query_arrow("SELECT b FROM arrow ORDER BY a").to_pylist() == [{"b": "x"}, {"b": "y"}]


def test_query_parameters_are_bound_by_the_engine_short_and_long(client: Client) -> None:
    for text in ("it's", "long " * 4000):
        result = client.query("SELECT {t:String}, {n:UInt8}", parameters={"t": text, "n": 7})
        assert result.result_rows == [(text, 7)]


def test_a_client_works_in_its_database(store: Store, client: Client) -> None:
    client.command("CREATE DATABASE IF NOT EXISTS other")
    with store.client(database="other") as there:
        there.command("CREATE TABLE IF NOT EXISTS mine (a UInt8) ENGINE = Memory")
        assert there.command("SELECT currentDatabase()") == "other"
    assert client.command("EXISTS other.mine") == 1
    with pytest.raises(DatabaseError) as caught:
        store.client(database="absent").query("SELECT 1")
    assert caught.value.code == 81


def test_settings_of_one_query_do_not_reach_the_next(client: Client) -> None:
    query = "SELECT value FROM system.settings WHERE name = 'max_threads'"
    before = client.command(query)
    assert client.query(query, settings={"max_threads": 7}).result_rows == [("7",)]
    client.command("SET max_threads = 5")
    assert {client.command(query) for _ in range(4)} == {before}


def test_inserts_are_acknowledged_after_they_have_landed(client: Client) -> None:
    assert client.command("SELECT value FROM system.settings WHERE name = 'async_insert'") == 0


@pytest.mark.parametrize(
    ("sql", "code"),
    [("SELEC 1", 62), ("SELECT * FROM absent", 60), ("SELECT throwIf(1)", 395), ("INSERT INTO absent VALUES (1)", 60)],
)
def test_a_bad_query_raises_the_drivers_error_with_its_code(client: Client, sql: str, code: int) -> None:
    with pytest.raises(DatabaseError, match=f"Code: {code}. DB::Exception: ") as caught:
        client.command(sql)
    assert caught.value.code == code
    assert client.command("SELECT 1") == 1


def test_a_query_that_takes_too_much_memory_is_stopped(client: Client) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.query("SELECT length(groupArray(number)) FROM numbers(100000000)")
    assert caught.value.code == 241


def test_a_query_that_takes_too_long_is_stopped(client: Client) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.query(
            "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)", {"a": 1}, {"max_execution_time": 1}
        )
    assert caught.value.code == 159


def test_ping_needs_no_password(store: Store, client: Client) -> None:
    assert client.ping()
    assert send(store, b"", "GET", "/ping")[::2] == (200, "Ok.\n")


def test_both_ways_to_present_credentials_are_taken(store: Store) -> None:
    assert send(store, **BASIC)[::2] == (200, "1\n")
    key: dict[str, Any] = {"X_ClickHouse_User": USER, "X_ClickHouse_Key": PASSWORD.encode().decode("latin-1")}
    assert send(store, **key)[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"Authorization": "Basic *"}, 401),
        ({"Authorization": "Basic " + b64encode(b"cx:wrong").decode()}, 403),
        ({"Authorization": "Basic " + b64encode(f"root:{PASSWORD}".encode()).decode()}, 403),
        ({"X_ClickHouse_User": USER}, 403),
        # Sent as Latin-1: a byte that is not UTF-8.
        ({"X_ClickHouse_User": "\xe9"}, 403),
        ({"X_ClickHouse_User": USER, "X_ClickHouse_Key": "\xe9"}, 403),
        ({"Authorization": "Basic \xe9"}, 401),
    ],
)
def test_without_the_right_credentials_nothing_runs(store: Store, headers: dict[str, Any], status: int) -> None:
    answer, named, text = send(store, **headers)
    assert (answer, named["X-ClickHouse-Exception-Code"]) == (status, "516")
    assert text.startswith("Code: 516. DB::Exception: ")
    assert ("WWW-Authenticate" in named) == (status == 401)


def test_the_driver_reports_a_wrong_password(store: Store) -> None:
    with pytest.raises(DatabaseError) as caught:
        store.client(password="wrong")
    assert caught.value.code == 516


def test_credentials_in_the_url_are_refused(store: Store) -> None:
    status, _, text = send(store, path=f"/?{urlencode({'user': USER, 'password': PASSWORD})}", **BASIC)
    assert (status, "HTTP Basic" in text) == (403, True)


@pytest.mark.parametrize("headers", [{"Origin": "http://127.0.0.1"}, {"Host": "evil.example"}, {"Host": "localhost:1"}])
@pytest.mark.parametrize("path", ["/", "/ping"])
def test_what_a_web_page_could_send_is_refused(store: Store, path: str, headers: dict[str, Any]) -> None:
    status, named, _ = send(store, path=path, **BASIC, **headers)
    assert (status, named["X-ClickHouse-Exception-Code"]) == (403, "497")


def test_localhost_is_as_good_as_its_address(store: Store) -> None:
    assert send(store, **BASIC, Host=f"localhost:{store.port}")[0] == 200


def test_a_get_can_only_read(store: Store) -> None:
    assert send(store, b"", "GET", "/?query=SELECT+2&database=system&max_threads=1", **BASIC)[::2] == (200, "2\n")
    answer = send(store, b"", "GET", "/?query=CREATE+TABLE+g+(a+UInt8)+ENGINE=Memory&readonly=0", **BASIC)
    assert answer[1]["X-ClickHouse-Exception-Code"] == "164"


def test_a_body_beyond_the_limit_is_refused_as_sent_and_as_it_unpacks(store: Store) -> None:
    large = b"SELECT 1 --" + b" " * LIMITS.body_bytes
    assert send(store, large, **BASIC)[0] == 413
    assert send(store, lz4.frame.compress(large), Content_Encoding="lz4", **BASIC)[0] == 413
    assert send(store, gzip.compress(large), Content_Encoding="gzip", **BASIC)[0] == 413


def test_a_body_that_does_not_unpack_is_refused(store: Store) -> None:
    frame = lz4.frame.compress(b"SELECT 1")
    for body, encoding, status in ((b"junk" * 9, "lz4", 400), (frame[:-6], "lz4", 400), (frame, "snappy", 501)):
        answer, _, text = send(store, body, Content_Encoding=encoding, **BASIC)
        assert (answer, text[:6]) == (status, "Code: ")


def test_external_data_is_refused_with_a_reason(store: Store) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--x--\r\n'
    status, _, text = send(store, part, Content_Type="multipart/form-data; boundary=x", **BASIC)
    assert (status, "external data" in text) == (501, True)


def test_more_queries_than_may_wait_are_turned_away(store: Store) -> None:
    allowed = LIMITS.concurrent + LIMITS.waiting
    gate = threading.Barrier(allowed + 2)

    def ask() -> int:
        gate.wait()
        return send(store, b"SELECT sleep(0.5)", **BASIC)[0]

    with ThreadPoolExecutor(allowed + 2) as pool:
        answers = sorted(answer.result() for answer in [pool.submit(ask) for _ in range(allowed + 2)])
    assert answers == [200] * allowed + [503] * 2


def test_the_workers_statements_do_not_wait_behind_readers(store: Store) -> None:
    gate, ended = threading.Barrier(LIMITS.concurrent + 1), []

    def ask() -> None:
        gate.wait()
        send(store, b"SELECT count() FROM numbers(30) WHERE sleepEachRow(0.1) = 0 SETTINGS max_block_size = 1", **BASIC)
        ended.append("reader")

    running = "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(0.1)%'"
    with (
        store.client(settings={"log_comment": WORKER}) as own,
        ThreadPoolExecutor(LIMITS.concurrent + LIMITS.waiting) as pool,
    ):
        for _ in range(LIMITS.concurrent):
            pool.submit(ask)
        gate.wait()
        while int(str(own.command(running))) <= LIMITS.concurrent:  # and itself
            assert not ended, "a reader ended before the worker saw all of them run"
        ended.append("worker")
    assert ended == ["worker"] + ["reader"] * LIMITS.concurrent


def test_a_reader_gets_at_most_half_of_the_processors(store: Store) -> None:
    with store.client() as reader, store.client(settings={"log_comment": WORKER}) as own:
        half, whole = (int(str(client.command("SELECT getSetting('max_threads')"))) for client in (reader, own))
    assert half == max(1, (os.cpu_count() or 1) // 2)
    assert half <= whole


def test_the_worker_is_known_by_what_its_store_sends() -> None:
    assert WORKER == worker_client.WORKER


def test_many_threads_get_each_their_own_answer(store: Store) -> None:
    def ask(n: int) -> bool:
        with store.client(settings={"max_threads": 1 + n % 4}) as own:
            query = "SELECT {n:UInt32} * 2, getSetting('max_threads')"
            return all(own.query(query, {"n": n}).result_rows == [(n * 2, 1 + n % 4)] for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))


def test_the_log_names_the_error_but_quotes_neither_statement_nor_secret(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cx.store"):
        send(store, b"SELECT 'secret' FROM absent", path="/?query_id=q%0A1", **BASIC)
    assert "'q\\n1' 404 60 UNKNOWN_TABLE" in caplog.text
    assert "secret" not in caplog.text
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(Credentials(USER, PASSWORD))

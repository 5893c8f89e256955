"""Blocks for newer clients, against what the engine writes of each column alone."""

import http.client

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.embedded.native_blocks import CUSTOM_SERIALIZATION, parsed, versioned
from streams.embedded.protocol import ClickHouseError
from tests.streams.embedded.conftest import Store
from tests.streams.embedded.test_store_app import BASIC, send

HEAD = b"\x01\x00\x02\xff\xff\xff\xff\x00"
NEWEST = 54_460  # of clickhouse-go 2
PLAIN = (
    "number", "toInt256(number)", "number / 7", "toString(number)", "repeat('ab', toUInt32(number))", "number % 2 = 0",
    "toFixedString('ab', 3)", "toDate(number)", "toDateTime(number, 'Europe/Rome')", "toDateTime64(number, 3, 'UTC')",
    "toDecimal32(number, 2)", "toDecimal64(number, 2)", "toDecimal128(number, 2)", "toDecimal256(number, 2)",
    "toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')",
    "toIPv4('127.0.0.1')", "toIPv6('::1')", "toBFloat16(number)", "toIntervalDay(number)", "NULL",
    "CAST(number % 2, 'Enum8(\\'a)\\' = 0, \\'b, c\\' = 1)')", "CAST(number % 2, 'Enum16(\\'a`\\' = 0, \\'b\\' = 1)')",
)  # fmt: skip
TYPED = (
    "toLowCardinality(toString(number % 3))", "CAST(number, 'LowCardinality(Nullable(String))')",
    "CAST('ab', 'LowCardinality(FixedString(2))')", "nullIf(number, 3)", "nullIf(toString(number), '3')",
    "[]", "[NULL]",
    "range(number % 5)", "arrayMap(i -> range(i), range(number % 4))", "CAST([], 'Array(LowCardinality(String))')",
    "CAST(arrayMap(i -> toString(i), range(number % 3)), 'Array(LowCardinality(Nullable(String)))')",
    "map(toString(number), number)", "CAST(map('a', [number]), 'Map(LowCardinality(String), Array(UInt8))')", "tuple()",
    "(number, 'x')", "CAST((number, 'x'), 'Tuple(a UInt64, `b ( c` LowCardinality(String))')", "(1, 2)::Point",
    "CAST([(number, 2)], 'Nested(a UInt8, b String)')", "[[[(1, 2)]]]::MultiPolygon", "[(1, 2)]::LineString",
    "CAST(number, 'SimpleAggregateFunction(max, UInt64)')", "CAST((number, 'x'), 'Nullable(Tuple(a UInt8, b String))')",
)  # fmt: skip
EVERY = [*PLAIN, *TYPED]


def native(client: Client, columns: str, rows: int) -> bytes:
    """What the engine writes for a client that names no version; one block up to 65,409 rows."""
    return client.raw_query(f"SELECT {columns} FROM numbers({rows})", fmt="Native")


def pieces(client: Client, expression: str, name: str, rows: int) -> tuple[bytes, bytes]:
    """A column as the engine writes it alone: its name and type, each with its length, and its data."""
    column = native(client, f"{expression} AS {name}", rows)[1 + len(counted(rows)) :]
    type_at = 1 + len(name)
    data_at = type_at + 1 + column[type_at]
    return column[:data_at], column[data_at:]


def counted(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(EVERY), min_size=1, max_size=6), st.sampled_from([1, 2, 9, 127, 128, 1000]))
def test_columns_are_passed_on_as_the_engine_writes_each_alone(client: Client, columns: list[str], rows: int) -> None:
    named = {f"c{number}": expression for number, expression in enumerate(columns)}
    body = native(client, ", ".join(f"{expression} AS {name}" for name, expression in named.items()), rows)
    start = bytes([len(columns)]) + counted(rows)
    apart = [pieces(client, expression, name, rows) for name, expression in named.items()]
    assert versioned(body, NEWEST) == HEAD + start + b"".join(typed + b"\0" + data for typed, data in apart)
    assert versioned(body, CUSTOM_SERIALIZATION) == versioned(body, NEWEST)
    assert versioned(body, CUSTOM_SERIALIZATION - 1) == HEAD + body


@pytest.mark.parametrize("expression", EVERY)
def test_the_end_of_a_column_of_every_type_is_found(client: Client, expression: str) -> None:
    body = native(client, f"{expression} AS a, number AS b", 9)
    typed, data = pieces(client, "number", "b", 9)
    assert versioned(body, NEWEST).endswith(typed + b"\0" + data)


def test_each_block_of_an_answer_gets_a_head_and_an_answer_without_rows_stays_empty(client: Client) -> None:
    first, second = (native(client, "toString(number) AS a, [number] AS b", rows) for rows in (5, 70_000))
    assert versioned(first + second, NEWEST) == versioned(first, NEWEST) + versioned(second, NEWEST)
    assert second.count(b"\x01a\x06String") == versioned(second, NEWEST).count(HEAD + b"\x02") == 2
    assert versioned(native(client, "number", 0), NEWEST) == b""


@pytest.mark.parametrize("typed", ["JSON", "Dynamic", "Variant(String, UInt8)", "AggregateFunction(sum, UInt8)"])
def test_a_type_whose_layout_differs_by_version_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(ClickHouseError) as caught:
        parsed(f"Array({typed})")
    assert (caught.value.code, caught.value.status) == (48, 501)
    assert f"a column of type {typed} in Native" in str(caught.value)
    assert "select toString of it, or ask for another format, such as RowBinaryWithNamesAndTypes" in str(caught.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_body_that_is_cut_off_is_refused_and_never_passed_on(client: Client, data: st.DataObject) -> None:
    body = native(client, "toString(number) AS a, toLowCardinality('x') AS b, [number] AS c", 9)
    with pytest.raises(ClickHouseError, match=r"not in the layout of Native that is known here .*: ask for another"):
        versioned(body[: data.draw(st.integers(1, len(body) - 1))], NEWEST)


def test_a_client_that_names_a_version_gets_its_layout_and_others_what_the_engine_writes(
    store: Store, client: Client
) -> None:
    body = native(client, "number AS a, 'x' AS b", 3)
    for version, due in ((54_405, body), (54_406, HEAD + body), (NEWEST, versioned(body, NEWEST))):
        connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=10)
        path = f"/?default_format=Native&client_protocol_version={version}"
        connection.request("POST", path, b"SELECT number AS a, 'x' AS b FROM numbers(3)", BASIC)
        assert connection.getresponse().read() == due
        connection.close()
    path = f"/?client_protocol_version={NEWEST}&default_format="
    status, headers, text = send(store, b"SELECT CAST(1, 'Dynamic')", path=path + "Native", **BASIC)
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (501, "48")
    assert "a column of type Dynamic in Native" in text
    assert send(store, path=path + "JSONEachRow", **BASIC)[2] == '{"1":1}\n'

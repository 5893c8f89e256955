import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.embedded.protocol import ClickHouseError, Statement, identifier, quoted, statement


def ask(body: bytes, *, readonly: bool = False, **arguments: str) -> Statement:
    return statement(arguments, body, readonly=readonly)


def test_a_query_in_the_body_names_its_own_format() -> None:
    parsed = ask(b"SELECT 1\n FORMAT Native", database="cx")
    assert (parsed.sql, parsed.format, parsed.data, parsed.database) == (
        "SELECT 1\n FORMAT Native",
        "Native",
        None,
        "cx",
    )


def test_a_query_without_a_format_takes_the_default_one() -> None:
    assert ask(b"SELECT 1").format == "TabSeparated"
    assert ask(b"SELECT 1", default_format="JSON").format == "JSON"


@given(st.binary())
def test_every_byte_after_the_line_of_an_insert_is_data(data: bytes) -> None:
    for parsed in (
        ask(b"INSERT INTO t (`a`) FORMAT Native\n" + data),
        ask(data, query="INSERT INTO t (`a`) FORMAT Native") if data else ask(b"INSERT INTO t (`a`) FORMAT Native"),
    ):
        assert (parsed.sql, parsed.format, parsed.data) == ("INSERT INTO t (`a`)", "Native", data)


@pytest.mark.parametrize("sql", ["INSERT INTO t SELECT 1 FORMAT Null", "INSERT INTO t VALUES ('FORMAT x')"])
def test_an_insert_that_brings_no_rows_in_a_format_is_left_to_the_engine(sql: str) -> None:
    assert ask(sql.encode()).data is None


def test_parameters_are_settings_unless_the_transport_or_the_query_takes_them() -> None:
    parsed = ask(b"SELECT {a:Int8}", param_a="1", max_threads="2", session_id="s", wait_end_of_query="1")
    assert (dict(parsed.settings), dict(parsed.parameters)) == ({"max_threads": "2"}, {"a": "1"})


@pytest.mark.parametrize("arguments", [{}, {"readonly": "0"}])
def test_no_parameter_lifts_that_a_statement_may_only_read(arguments: dict[str, str]) -> None:
    assert statement(arguments, b"SELECT 1", readonly=True).settings["readonly"] == "2"


@pytest.mark.parametrize(
    ("body", "arguments", "code"),
    [(b"", {}, 62), (b" \n", {}, 62), (b"SELECT '\xff'", {}, 62), (b"SELECT 1", {"a = 1, b": "2"}, 115)],
)
def test_what_cannot_be_a_statement_is_refused(body: bytes, arguments: dict[str, str], code: int) -> None:
    with pytest.raises(ClickHouseError) as caught:
        statement(arguments, body, readonly=False)
    assert caught.value.code == code
    assert str(caught.value).startswith(f"Code: {code}. DB::Exception: ")


@given(st.text())
def test_a_literal_ends_only_where_it_ends(value: str) -> None:
    inner = quoted(value)[1:-1]
    assert re.fullmatch(r"(?:[^'\\]|\\.)*", inner, re.DOTALL)
    assert re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL) == value


def test_a_name_cannot_leave_its_quotes() -> None:
    assert identifier("a`; DROP TABLE t") == "`a\\`; DROP TABLE t`"


def test_an_engine_error_loses_what_the_library_puts_before_it() -> None:
    error = ClickHouseError.of_engine("Streaming insert failed: Code: 60. DB::Exception: no t. (UNKNOWN_TABLE)")
    assert (error.code, error.status, error.name) == (60, 404, "UNKNOWN_TABLE")
    assert str(error) == "Code: 60. DB::Exception: no t. (UNKNOWN_TABLE)"


def test_an_engine_error_without_a_code_still_looks_like_one() -> None:
    error = ClickHouseError.of_engine("connection closed")
    assert (error.code, error.status, error.name) == (1002, 500, "UNKNOWN_EXCEPTION")
    assert ClickHouseError(7, "odd").name == "UNKNOWN_EXCEPTION"

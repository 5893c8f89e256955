"""ClickHouse's HTTP interface as values: what a request wants of the engine, and what an error looks like on the wire.

Only what the driver, curl and Grafana's plug-in use. There are no sessions: each request starts from the same settings,
so a `SET` or a temporary table lasts for one request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Parameters of the transport. Every other one is a setting of the engine, or param_NAME.
TRANSPORT = frozenset(
    {
        *("buffer_size", "cancel_http_readonly_queries_on_client_close", "client_protocol_version", "compress"),
        *("database", "decompress", "default_format", "enable_http_compression", "http_headers_progress_interval_ms"),
        *("query", "query_id", "quota_key", "role", "send_progress_in_http_headers", "session_check", "session_id"),
        *("session_timeout", "wait_end_of_query"),
    }
)
WORKER = "cxb-worker"
"""`log_comment` of what a worker itself asks and lands, for which there is always room."""
STATEMENT_BYTES = 1 << 20  # an INSERT's text ends within this many bytes; what follows is data

NEWEST_PROBED = 54405
"""The protocol version by which clickhouse-connect finds out whether a server writes Native by version. It gets what
the engine writes, and asks for that from then on, which costs nothing; who names a newer one cannot read that."""
_HEADERS = {"database": "X-ClickHouse-Database", "default_format": "X-ClickHouse-Format"}
_SWITCH = {"0": False, "false": False, "": False, "1": True, "true": True}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CODE = re.compile(r"Code: (\d+)\.")
_ERROR_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)")
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
# Data start right after one newline: the first byte of Native data may itself be a newline (ten columns).
_INSERT = re.compile(
    rb"(?P<head>\s*INSERT\s+INTO\s+(?:(?!\bSELECT\b|\bVALUES\b).)*?)\bFORMAT\s+(?P<format>\w+)[ \t\r]*(?:\n|$)",
    re.IGNORECASE | re.DOTALL,
)

_STATUS = {
    **dict.fromkeys((6, 27, 33, 36, 38, 40, 41, 43, 53, 62, 69, 72, 117, 271, 386, 432, 456, 457), 400),
    **dict.fromkeys((46, 47, 50, 56, 60, 73, 81, 115), 404),
    **dict.fromkeys((164, 291, 497, 516), 403),
    48: 501,
    159: 408,
    202: 503,
    307: 413,
}


class ClickHouseError(Exception):
    """A refusal or failure, as ClickHouse words it: `Code: N. DB::Exception: text. (NAME)`.

    `code` is ClickHouse's error number, `status` the HTTP status that goes with it.
    """

    def __init__(self, code: int, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.status = status if status is not None else _STATUS.get(code, 500)

    @classmethod
    def refused(cls, code: int, name: str, text: str, status: int | None = None) -> "ClickHouseError":
        """An error of the server around the engine; `text` says what was wrong and what to do."""
        return cls(code, f"Code: {code}. DB::Exception: {text} ({name})", status)

    @classmethod
    def of_engine(cls, text: str) -> "ClickHouseError":
        """The engine's own error text, without what the library puts before it; 1002 where it carries no code."""
        match = _CODE.search(text)
        if match is None:
            return cls.refused(1002, "UNKNOWN_EXCEPTION", text)
        return cls(int(match[1]), text[match.start() :])

    @property
    def name(self) -> str:
        """ClickHouse's symbol for the error, for the log, which must not carry the text: that may quote data."""
        names = _ERROR_NAME.findall(str(self))
        return names[-1] if names else "UNKNOWN_EXCEPTION"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for the engine; `data` is None unless it is an INSERT whose rows follow in `format`.

    `native_version` is the protocol version for which an answer in Native is to be written, and 0 for none.
    """

    sql: str
    format: str
    data: bytes | None = None
    database: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    native_version: int = 0


def statement(arguments: Mapping[str, str], body: bytes, *, readonly: bool) -> Statement:
    """The statement of a request: text from `query` or the body, data from the body, settings from other parameters.

    Args:
        arguments: the URL's parameters, and a form's fields.
        body: decompressed; follows the text of `query` where there are both.
        readonly: whether the statement may only read, as ClickHouse has it for GET.

    Raises:
        ClickHouseError: no statement, text that is not UTF-8, or a parameter that cannot name a setting.
    """
    query = arguments.get("query", "").strip().encode()
    whole = query + b"\n" + body if query and body else query or body
    if not whole.strip():
        raise ClickHouseError.refused(62, "SYNTAX_ERROR", "Empty query: send it as the body or as the parameter query.")
    settings = {_setting(name): value for name, value in arguments.items() if _is_setting(name)}
    if readonly:
        settings["readonly"] = "2"  # after the others: no parameter lifts it
    rest: dict[str, Any] = {
        "database": arguments.get("database", ""),
        "settings": settings,
        "parameters": {k.removeprefix("param_"): v for k, v in arguments.items() if k.startswith("param_")},
    }
    insert = _INSERT.match(whole, 0, min(len(whole), STATEMENT_BYTES))
    if insert is not None:
        return Statement(_text(insert["head"]), insert["format"].decode(), whole[insert.end() :], **rest)
    sql = _text(whole)
    match = _FORMAT.search(sql)
    named = match[1] if match else arguments.get("default_format") or "TabSeparated"
    version = _native_version(arguments.get("client_protocol_version", ""), named)
    return Statement(sql, named, native_version=version, **rest)


def with_headers(arguments: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, str]:
    """Arguments with what headers name: they stand for `database` and `default_format`, and count before them."""
    said = {key: headers[name] for key, name in _HEADERS.items() if headers.get(name)}
    return {**arguments, **said}


def is_on(arguments: Mapping[str, str], name: str) -> bool:
    """Whether a switch of the transport is on.

    >>> is_on({"compress": "1"}, "compress"), is_on({"compress": "0"}, "compress"), is_on({}, "compress")
    (True, False, False)
    """
    value = arguments.get(name, "0").lower()
    if value not in _SWITCH:
        text = f"The parameter {name} must be 0 or 1, not {value!r}."
        raise ClickHouseError.refused(467, "CANNOT_PARSE_BOOL", text, 400)
    return _SWITCH[value]


def _native_version(client_version: str, answer_format: str) -> int:
    if client_version and not client_version.isdecimal():
        text = f"The parameter client_protocol_version must be a whole number, not {client_version!r}."
        raise ClickHouseError.refused(72, "CANNOT_PARSE_NUMBER", text)
    version = int(client_version or 0)
    return version if answer_format == "Native" and version > NEWEST_PROBED else 0


def quoted(value: str) -> str:
    r"""A string literal of ClickHouse's SQL.

    >>> print(quoted("it's"))
    'it\'s'
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    r"""A quoted name of ClickHouse's SQL.

    >>> identifier("cx")
    '`cx`'
    """
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _is_setting(name: str) -> bool:
    return name not in TRANSPORT and not name.startswith("param_")


def _setting(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ClickHouseError.refused(115, "UNKNOWN_SETTING", f"The parameter {name!r} cannot be a setting's name.")
    return name


def _text(raw: bytes) -> str:
    try:
        return raw.decode().strip()
    except UnicodeDecodeError as error:
        text = f"The statement is not UTF-8: {error.reason} at byte {error.start}."
        raise ClickHouseError.refused(62, "SYNTAX_ERROR", text) from error

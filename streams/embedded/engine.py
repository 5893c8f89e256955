"""The ClickHouse engine inside this process, on one data directory.

It takes half a second to load: to be imported only by the process that runs the engine.
"""

import re
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import chdb

from streams.embedded import reading
from streams.embedded.protocol import ClickHouseError, Statement, identifier, quoted

_TARGET = re.compile(
    r"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?P<table>(?:`(?:[^`\\]|\\.)+`|[\w.])+)\s*(?:\((?P<columns>.+)\))?\s*",
    re.IGNORECASE | re.DOTALL,
)
RESERVE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes that a statement returned, in the statement's format, and how many rows it read, has and wrote."""

    body: bytes
    read_rows: int = 0
    result_rows: int = 0
    written_rows: int = 0


class Engine:
    """The engine on one data directory, which it keeps locked until `close`.

    Each statement gets a handle of its own, which costs 0.3 ms: so no setting, database or failed stream of one
    request can reach the next. Safe for use by several threads. Nothing may fork this process.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str], reserve_bytes: int = RESERVE_BYTES) -> None:
        """Opens `directory`, which is made if absent; `settings` apply to each statement that does not set its own.

        With fewer than `reserve_bytes` left on its disk, nothing is inserted any more.

        Raises:
            ValueError: the path contains `?`, where the engine would read options.
            ClickHouseError: the engine cannot open it, for instance because another process has it open.
        """
        if "?" in str(directory):
            raise ValueError(f"the data directory {directory} has a '?' in its path: choose another one")
        self._connect = chdb.connect
        self._path = str(directory.absolute())
        self._settings = dict(settings)
        self._reserve_bytes = reserve_bytes
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._anchor = chdb.connect(self._path)  # the engine shuts down with its last handle
        except RuntimeError as error:
            raise ClickHouseError.of_engine(str(error)) from error

    def run(self, statement: Statement) -> Answer:
        """Runs one statement to its end.

        Raises:
            ClickHouseError: the engine refused it, or failed; of an INSERT, nothing or whole blocks have landed.
        """
        if statement.sql.lstrip()[:6].upper() == "INSERT":
            self._have_room()
        try:
            with closing(self._connect(self._path)) as handle:
                self._prepare(handle, statement)
                return _insert(handle, statement) if statement.data is not None else _query(handle, statement)
        except RuntimeError as error:
            raise ClickHouseError.of_engine(str(error)) from error

    def run_reading(self, statement: Statement) -> Answer:
        """Runs one statement of the account that only reads.

        Raises:
            ClickHouseError: as for `run`, or the statement or a setting is not among what that account may use.
        """
        if statement.data is not None:
            reading.check_reads("INSERT", ())
        settings = reading.settings(statement.settings, self._settings)
        wording = f"SELECT formatQuerySingleLine({quoted(statement.sql)})"
        reading.check_reads(self._text(wording), self._table_functions)
        return self.run(replace(statement, settings=settings))

    @cached_property
    def _table_functions(self) -> frozenset[str]:
        return frozenset(self._text("SELECT name FROM system.table_functions").split())

    def _text(self, sql: str) -> str:
        return self.run(Statement(sql, "TSVRaw")).body.decode()

    def close(self) -> None:
        """Closes the data directory; statements must have ended."""
        self._anchor.close()

    def _have_room(self) -> None:
        # The engine takes no note of a write that fails: it would acknowledge rows that are not there, and merge
        # whole parts into broken ones. So it never comes to that.
        free = shutil.disk_usage(self._path).free
        if free < self._reserve_bytes:
            text = f"The disk of {self._path} has {free} bytes left, and {self._reserve_bytes} are kept: make room."
            raise ClickHouseError.refused(243, "NOT_ENOUGH_SPACE", text)

    def _prepare(self, handle: Any, statement: Statement) -> None:
        settings = self._settings | dict(statement.settings)
        if settings:
            handle.query("SET " + ", ".join(f"{name} = {quoted(value)}" for name, value in settings.items()))
        if statement.database:
            handle.query(f"USE {identifier(statement.database)}")


def _query(handle: Any, statement: Statement) -> Answer:
    result = handle.query(statement.sql, statement.format, params=dict(statement.parameters))
    # What the library calls the rows read are those of the result.
    read, rows, written = result.storage_rows_read(), result.rows_read(), result.rows_written()
    return Answer(result.bytes(), read_rows=read, result_rows=rows, written_rows=written)


def _insert(handle: Any, statement: Statement) -> Answer:
    target = _TARGET.fullmatch(statement.sql)
    if target is None:
        text = "Rows that follow a statement can only go into a table: INSERT INTO table (columns) FORMAT ..."
        raise ClickHouseError.refused(48, "NOT_IMPLEMENTED", text)
    table, columns = target["table"], target["columns"] or "*"
    handle.query(f"CREATE TEMPORARY TABLE staged ENGINE = Memory EMPTY AS SELECT {columns} FROM {table}")  # noqa: S608  (the client's own statement)
    with handle.send_insert("INSERT INTO staged", statement.format) as rows:
        rows.append(statement.data)
        streamed = rows.finish().rows_written
    # Not straight into the table: the engine acknowledges a stream also where nothing could be written, on a full
    # disk for one. A statement's failure it reports.
    landed = handle.query(f"{statement.sql} SELECT * FROM staged")  # noqa: S608  (the client's own statement)
    if landed.rows_written() < streamed:
        raise ClickHouseError.refused(1002, "UNKNOWN_EXCEPTION", f"Not all of {streamed} rows were written: try again.")
    return Answer(b"", written_rows=landed.rows_written())

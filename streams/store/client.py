"""The store: a ClickHouse engine over HTTP, and the few statements that land facts in it.

Every call blocks; processors run them in threads. Calls raise StoreUnavailable when trying again
may help, ConfigurationError when it cannot, and let any other error through as the bug it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Any, Final, Self

from clickhouse_connect.driver import options
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError, ProgrammingError

from metrics.events import facts
from streams.errors import ConfigurationError, CxbError, Unreachable
from streams.settings.settings import ClickHouseSettings
from streams.store.blocks import NativeBlock, packed_insert
from streams.store.connection import EngineConnection
from streams.store.deadline import Deadline
from streams.store.proof import Unproven, Witness
from streams.store.statements import Fragment, Query, R, Row, Statement, query
from streams.store.versions import MILLISECOND, Reading, next_version
from streams.timestamps import EPOCH, sql_microsecond

SETTINGS: Final[dict[str, Any]] = {
    # Fire-and-forget inserts, the default since 26.3, would let offsets be committed before facts have landed.
    "async_insert": 0,
    # Nor on a cluster, where the node that gets the rows would pass them on later.
    "distributed_foreground_insert": 1,
    # An answer begins when its statement has ended: its status and its counts are final.
    "wait_end_of_query": 1,
    # What makes or changes tables of a replicated database answers, when all nodes have done it, with nothing, as
    # elsewhere, and not with a table of the nodes.
    "distributed_ddl_output_mode": "none",
    # Statements name owners by what events distinguish, and events may name touchpoints without end.
    "max_query_size": 64 << 20,
    # Copies of one event never straddle partitions: the partition is a function of the event alone.
    "do_not_merge_across_partitions_select_final": 1,
}
# To look for copies in each insert was a third of its cost: they stay until a merge, as those in several inserts do.
INTO: Final[Mapping[str, Mapping[str, Any]]] = {"events": {"optimize_on_insert": 0}}
"""Settings of inserts into a table."""
REJECTED_COLUMNS: Final = (
    "reason", "detail", "topic", "partition", "offset", "payload", "fingerprint", "customer",
)  # fmt: skip
NO_PARAMETERS: Final[Mapping[str, Any]] = {}
WORKER: Final = "cxb-worker"
"""Origin of what a worker itself asks and lands: the embedded store keeps room for it."""
READER: Final = "cxb-reader"
"""Origin of the questions of the API's readers."""
INGESTED_AT: Final = "ingested_at"
"""The column of facts that each landing gives."""
RESOLVED_COLUMNS: Final = ("topic", "partition", "offset", "fingerprint", "resolved_at")


class LatestVersions(Row):
    """The clock, and the greatest versions; of the epoch where there are none, or none greater than is known."""

    now: datetime
    refreshed: datetime
    landed: datetime


class RejectedVersions(Row):
    """The clock, and the greatest version of some rows of `rejected`; of the epoch where there are none."""

    now: datetime
    latest: datetime


_VERSIONS: Final = query(__package__, "latest_versions", LatestVersions)
_DESCRIBE: Final = "DESCRIBE TABLE {table:Identifier}"
_REJECTED: Final = query(__package__, "rejected_versions", RejectedVersions)
# Error codes with which trying again cannot help: the schema, the statement or the rights are wrong.
_DENIED: Final = frozenset({192, 193, 194, 195, 497, 516})
_NO_TABLES: Final = frozenset({60, 81})
_TIMEOUT_EXCEEDED: Final = 159
_BUGS: Final = frozenset({6, 16, 27, 36, 38, 41, 43, 44, 46, 47, 48, 53, 62, 70, 117, 131, 349})


def install() -> None:
    """Keeps the driver, for the whole process, from loading numpy and pandas at the first insert, where they are.

    That would cost more than a second of CPU and 70 MB, for arrays and frames that we never send.
    """
    options.np = options.pd = options.pd_time_test = None


class StoreUnavailable(Unreachable):
    """The store did not execute a statement, and may when it is sent again."""


class Store:
    """A client of one database. Safe to share between threads: it keeps no session."""

    def __init__(self, settings: ClickHouseSettings, origin: str = "cxb") -> None:
        """Connects to nothing yet; `origin` says in the engine's lists of queries where a statement is from."""
        self.database = settings.database
        self.unknown_names = settings.unknown_names
        self._settings = settings
        self._connection = EngineConnection(settings)
        self._limits = SETTINGS | {"log_comment": origin}
        self._deadline: Deadline | None = None
        self._seen = EPOCH

    def until(self, deadline: Deadline) -> Self:
        """The same store over the same connections, for one question: the engine stops it at the deadline.

        Every call raises TimeoutError then.
        """
        limited = copy(self)
        limited._deadline = deadline
        return limited

    def _sent(self, into: str = "") -> dict[str, Any]:
        limits = {**self._limits, **INTO.get(into, {})}
        if self._deadline is None:
            return limits
        return limits | {"max_execution_time": f"{self._deadline.left_s():.2f}"}

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        try:
            yield self._connection.client
        except Unproven as error:
            if self._deadline is not None and self._deadline.is_over():
                raise self._deadline.over() from error
            raise StoreUnavailable(
                f"ClickHouse at {self._settings.url} did not prove that it executed a statement, {error}: "
                "check CXB_CLICKHOUSE_URL, and that a proxy or load balancer passes on query_id and answers unchanged"
            ) from error
        except DatabaseError as error:
            raise self._understood(error) from error
        except (ClickHouseError, OSError) as error:
            if self._deadline is not None and self._deadline.is_over():
                raise self._deadline.over() from error
            raise self._silent(error) from error

    def _understood(self, error: DatabaseError) -> Exception:
        code = error.code
        if code is None:
            # No answer of ClickHouse's own: no connection, a load balancer's of any status, or half an answer. What
            # has a kind of its own is the driver's: data or columns that it cannot send, now or ever.
            return self._silent(error) if type(error) in (DatabaseError, OperationalError) else error
        if code == _TIMEOUT_EXCEEDED and self._deadline is not None:
            return self._deadline.over()
        if code in _DENIED:
            return ConfigurationError(
                f"ClickHouse at {self._settings.url} rejects user {self._settings.user!r}: "
                "check CXB_CLICKHOUSE_USER, CXB_CLICKHOUSE_PASSWORD and the user's rights"
            )
        if code in _NO_TABLES:
            return ConfigurationError(
                f"the tables are missing in database {self.database} of {self._settings.url}: run cxb migrate"
            )
        if code in _BUGS:
            return error
        return StoreUnavailable(f"ClickHouse at {self._settings.url} refused for now: {_first_line(error)}")

    def _silent(self, error: Exception) -> CxbError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return ConfigurationError(
                f"ClickHouse at {self._settings.url} cannot be trusted: its certificate is not signed by an authority "
                "known here; set CXB_CLICKHOUSE_CA_FILE"
            )
        # The driver's own text is long; what urllib3 gave as the reason says it.
        reason = getattr(error.__cause__, "reason", None) or error
        return StoreUnavailable(
            f"ClickHouse at {self._settings.url} does not answer: start it, or set CXB_CLICKHOUSE_URL"
            f" ({_first_line(reason)})"
        )

    def fetch(self, query: Query[R], parameters: Mapping[str, Any] = NO_PARAMETERS, **fragments: Fragment) -> list[R]:
        """The typed rows of a query of ours; parameters are bound, fragments stand in the text."""
        columns, rows = self._result(query.filled(fragments), query.chosen(parameters))
        return query.rows(columns, rows)

    def fetch_one(self, query: Query[R], parameters: Mapping[str, Any] = NO_PARAMETERS, **fragments: Fragment) -> R:
        """The row of a query of ours that has one, whatever is in the tables.

        Raises:
            StoreUnavailable: There is none, or more: it is not the engine's answer.
        """
        rows = self.fetch(query, parameters, **fragments)
        if len(rows) != 1:
            raise StoreUnavailable(f"ClickHouse at {self._settings.url} has not one row for {query.name}: {len(rows)}")
        return rows[0]

    def run(
        self,
        statement: Statement,
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        *,
        use_database: bool = True,
        **fragments: Fragment,
    ) -> None:
        """A statement of ours that has no result; outside of the database where that may not exist yet.

        Raises:
            StoreUnavailable: Not without the engine's own proof that it is done.
        """
        self._done(statement.filled(fragments), statement.chosen(parameters), use_database=use_database)

    def query(self, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of any query, as dicts by column; parameters are bound, `{name:Type}` in the text."""
        columns, rows = self._result(sql, parameters)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def command(self, sql: str, *, use_database: bool = True) -> None:
        """The same as `run`, of any statement."""
        self._done(sql, None, use_database=use_database)

    def _result(self, sql: str, parameters: dict[str, Any] | None) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        with self._connected() as client:
            witness = Witness.of(client)
            with witness.reading():
                result = client.query(sql, parameters=parameters, settings=self._sent())
                rows = result.result_rows
            witness.prove_result(len(rows))
            return result.column_names, rows

    def _done(self, sql: str, parameters: dict[str, Any] | None, *, use_database: bool) -> None:
        with self._connected() as client:
            client.command(sql, parameters=parameters, settings=self._sent(), use_database=use_database)
            Witness.of(client).prove_statement()

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        """One insert of columns (each a list of the same length); returns when the rows have landed.

        Raises:
            StoreUnavailable: Not without the engine's own proof that they have: it may be sent again.
        """
        if not data[0]:
            return
        # The driver's context of an insert is a reference cycle: emptied, it keeps no rows until the collector comes.
        sent, rows, types = list(data), len(data[0]), self._types(table, columns)
        with self._connected() as client:
            try:
                client.insert(
                    table, sent, columns, column_type_names=types, column_oriented=True, settings=self._sent(table)
                )
            finally:
                sent.clear()
            Witness.of(client).prove_insert(rows)

    def _types(self, table: str, columns: Sequence[str]) -> list[str]:
        # Or else the driver asks, and believes any answer.
        described = self.query(_DESCRIBE, {"table": table})
        types = {row["name"]: row["type"] for row in described}
        if unknown := [name for name in columns if name not in types]:
            raise ProgrammingError(f"the table {table} has no columns {unknown}")
        return [types[name] for name in columns]

    def reading(self) -> Reading:
        """The store's clock, and the greatest version that is there: what lands from now on has a greater one."""
        found = self.fetch_one(_VERSIONS, {"known": sql_microsecond(self._seen)})
        self._seen = max(self._seen, found.refreshed, found.landed)
        return Reading(found.now, self._seen)

    def insert_facts(self, columns: facts.Columns | NativeBlock) -> None:
        """Lands facts. The same facts again change nothing that FINAL shows; of copies that differ, these stay."""
        rows = len(columns[0]) if isinstance(columns, list) else len(columns)
        if not rows:
            return
        version_ms = (self.reading().next(MILLISECOND) - EPOCH) // MILLISECOND
        if isinstance(columns, list):
            names = (*facts.column_names(columns), INGESTED_AT)
            self.insert("events", names, [*columns, [version_ms] * rows])
        else:
            self._insert_block("events", (*columns.names(), INGESTED_AT), columns.block(version_ms), rows)

    def _insert_block(self, table: str, columns: Sequence[str], block: bytes, rows: int) -> None:
        packed = packed_insert(table, columns, block)
        with self._connected() as client:
            client.raw_insert("", insert_block=packed, compression="lz4", settings=self._sent(table))
            Witness.of(client).prove_insert(rows)

    def insert_rejected(self, rows: Sequence[Mapping[str, Any]], names: Sequence[str] = REJECTED_COLUMNS) -> None:
        """Lands rejected events (rows with REJECTED_COLUMNS), or that some are resolved (with RESOLVED_COLUMNS).

        They replace what is there of the same records.
        """
        if rows:
            offsets = [row["offset"] for row in rows]
            span = {"topics": sorted({row["topic"] for row in rows}), "first": min(offsets), "last": max(offsets)}
            found = self.fetch_one(_REJECTED, span)
            version = next_version(found.now, found.latest, MILLISECOND)
            data = [[row[name] for row in rows] for name in names]
            self.insert("rejected", (*names, "rejected_at"), [*data, [version] * len(rows)])

    def close(self) -> None:
        """Closes the connections."""
        self._connection.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]

"""The store of a simulation: the service's own client and proof of inserts, on an engine in memory that fails by seed.

The engine stands where the driver's connections are: requests are refused, cut before or after their effect, applied
late or twice, answered by somebody else, or written in part.
"""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, Literal, cast

import lz4.frame
from clickhouse_connect.driver import ctypes as compiled
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from clickhouse_connect.driver.query import QueryContext
from clickhouse_connect.driver.transform import NativeTransform

from streams.settings.settings import ClickHouseSettings
from streams.store.client import NO_PARAMETERS, Store
from streams.store.proof import EXCEPTION_CODE, QUERY_ID, SUMMARY, Witness
from streams.store.statements import Fragment, Query, R, Statement
from tests.simulation.clocks import STARTS_US
from tests.simulation.loop import PROCESS, THE_WORLD, SimulatedLoop, wait
from tests.simulation.statements import CLOCKED, DELETES, READS, WRITES
from tests.simulation.tables import Row, Table
from tests.simulation.values import number

Fault = Literal["", "refused", "cut", "reply lost", "late", "twice", "stranger", "in part", "slow"]
FAULTS: Final[tuple[Fault, ...]] = ("refused", "cut", "reply lost", "late", "twice", "stranger", "in part", "slow")
SETTINGS: Final = ClickHouseSettings(url="http://simulated", user="cx", database="simulated")
NO_MEMORY: Final = 241
REFUSED_CODE: Final = 252
"""TOO_MANY_PARTS: the engine's own answer, for now."""


@dataclass
class Weather:
    """How a store or a broker behaves: how often a request fails, in which ways, and how long it takes.

    Attributes:
        often: The share of requests that fail.
        faults: In which ways.
        slowest_s: The longest a request usually takes, one way.
        away: Whether every request is refused.
    """

    often: float = 0.0
    faults: Sequence[Fault] = FAULTS
    slowest_s: float = 0.05
    away: bool = False

    def fault(self, choices: random.Random) -> Fault:
        """What happens to the next request."""
        if self.away:
            return "refused"
        return choices.choice(self.faults) if choices.random() < self.often else ""


@dataclass
class Answer:
    """An answer over HTTP, as the driver's connections give it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""
    result: list[tuple[Any, ...]] = field(default_factory=list)
    column_names: tuple[str, ...] = ()

    @property
    def result_rows(self) -> list[tuple[Any, ...]]:
        """As the driver calls them."""
        return self.result

    def close(self) -> None:
        """Nothing is open."""


Effect = Callable[[float], "tuple[int, list[tuple[Any, ...]]]"]
"""What a request does: given which share of its rows is written, how many were, and its result."""


class Engine:
    """Tables, a clock that may step, and weather. Requests take time, and everything else goes on meanwhile.

    `cut_off` is a worker that cannot reach it, though others can; `refused` a statement for which it has no memory.
    """

    def __init__(self, loop: SimulatedLoop, tables: Mapping[str, Table]) -> None:
        self.loop = loop
        self.tables = tables
        self.weather = Weather()
        self.stepped_us = 0
        self.cut_off = ""
        self.refused = ""
        self.happened: Callable[[str, list[Row]], object] = lambda *_: None

    @property
    def now_us(self) -> int:
        """What its clock shows."""
        return STARTS_US + int(self.loop.now_s * 1e6) + self.stepped_us

    def latency(self) -> float:
        """How long one way takes, seconds."""
        return self.loop.choices.random() * self.weather.slowest_s

    def request(self, method: str, url: str, **options: Any) -> Answer:
        """Sends a request: where the driver calls its connections."""
        effect, query_id = options["body"], url.rpartition("=")[2]
        fault = self.weather.fault(self.loop.choices)
        wait(self.latency() * (10 if fault == "slow" else 1))
        if fault == "cut" or (self.cut_off and PROCESS.get(THE_WORLD).name == self.cut_off):
            raise OSError("the connection was cut")
        if fault == "refused":
            return Answer(500, {EXCEPTION_CODE: str(REFUSED_CODE), QUERY_ID: query_id}, b"refused for now")
        if fault == "stranger":
            return Answer(200, {}, b"<html>Sign in</html>")
        if fault in ("late", "twice"):
            self.loop.outside(self.latency() * 10, lambda: effect(1.0))
        if fault == "late":
            raise OSError("no answer in time")
        written, result = effect(0.5 if fault == "in part" else 1.0)
        wait(self.latency())
        if fault == "reply lost":
            raise OSError("the reply was lost")
        counts = {"result_rows": str(len(result)), "written_rows": str(written)}
        headers = {QUERY_ID: query_id, SUMMARY: json.dumps(counts)}
        return Answer(200, headers, b"", result)

    def insert(self, table: str, rows: list[Row]) -> Effect:
        """The effect of an insert: dated when it begins, seen when it ends."""

        def effect(share: float) -> tuple[int, list[tuple[Any, ...]]]:
            chosen = rows[: int(len(rows) * share)]
            if (dated := self.tables[table].dated) is not None:
                chosen = [_dated(row, *dated, self.now_us) for row in chosen]
            self._put(table, chosen)
            return len(chosen), []

        return effect

    def _put(self, table: str, rows: list[Row]) -> None:
        # Where it is the loop that calls, for a request that comes late, there is nobody to wait for.
        pause_s = self.latency()
        if self.loop.in_thread():
            wait(pause_s)
            self._show(table, rows)
        else:
            self.loop.outside(pause_s, lambda: self._show(table, rows))

    def _show(self, table: str, rows: list[Row]) -> None:
        self.tables[table].put(rows)
        self.happened(table, rows)

    def execute(self, name: str, parameters: Mapping[str, Any], fragments: Mapping[str, Fragment]) -> Effect:
        """The effect of a statement of ours."""

        def effect(_: float) -> tuple[int, list[tuple[Any, ...]]]:
            if name in CLOCKED:
                return 0, CLOCKED[name](self.tables, parameters, self.now_us)
            self.happened(name, [])
            if name in READS:
                return 0, READS[name](self.tables, parameters, fragments)
            if name in DELETES:
                table = self.tables[DELETES[name]]
                among = len(table.rows)
                if self.loop.in_thread():
                    wait(self.latency())
                until_ms = parameters.get("until_ms")
                table.delete(
                    lambda row: (
                        row["customer"] in parameters["hashes"] and (until_ms is None or _happened_ms(row) <= until_ms)
                    ),
                    among,
                )
                return 0, []
            target, computed = WRITES[name]
            now_us = self.now_us
            if self.loop.in_thread():
                wait(self.latency())
            self._put(target, computed(self.tables, parameters, fragments, now_us))
            return 0, []

        return effect


def _happened_ms(row: Row) -> int:
    return int(row["occurred_at"] if "occurred_at" in row else row["minute"] * 1000)


def _dated(row: Row, column: str, unit_us: int, now_us: int) -> Row:
    version = row.get(column)
    # What columns of facts carry is a number already: of the column's own units.
    given_us = now_us if version is None else version * unit_us if version < now_us // 100 else version
    return {**row, column: given_us // unit_us * unit_us}


_INTO: Final = re.compile(r"INSERT INTO (\w+) \((.*)\) FORMAT Native")


class _Driver:
    """Stands for the driver's client: every request goes through `http`, where the service's proof looks at it."""

    def __init__(self, engine: Engine) -> None:
        self.http: Any = engine
        self._engine = engine
        self.statement: tuple[str, Mapping[str, Any], Mapping[str, Fragment]] = ("", {}, {})
        self._requests = 0
        Witness.install(cast(Client, self))

    def _ask(self, effect: Effect) -> Answer:
        self._requests += 1
        address = f"/?query_id=q{self._requests}"
        answer: Answer = self.http.request("POST", address, body=effect, preload_content=True)
        if EXCEPTION_CODE in answer.headers:
            raise DatabaseError("Code: 252", code=int(answer.headers[EXCEPTION_CODE]))
        if answer.status != 200:
            raise OperationalError(f"HTTP {answer.status}")
        return answer

    def query(self, sql: str, **_: Any) -> Answer:
        if self.statement[0] == self._engine.refused:
            wait(self._engine.latency())
            raise DatabaseError("Code: 241", code=NO_MEMORY)
        return self._ask(self._engine.execute(*self.statement))

    command = query

    def insert(self, table: str, data: Sequence[Sequence[Any]], names: Sequence[str], **_: Any) -> None:
        rows = [dict(zip(names, map(number, row), strict=True)) for row in zip(*data, strict=True)]
        self._ask(self._engine.insert(table, cast("list[Row]", rows)))

    def raw_insert(self, _: str, *, insert_block: bytes, **__: Any) -> None:
        statement, block = lz4.frame.decompress(insert_block).split(b"\n", 1)
        into = _INTO.fullmatch(statement.decode())
        assert into is not None
        read_by: Any = compiled.RespBuffCls
        source = read_by(SimpleNamespace(gen=iter([block]), last_message=None, close=lambda: None))
        read: Any = NativeTransform.parse_response(source, QueryContext(query_formats={"DateTime64*": "int"}))
        assert list(read.column_names) == into[2].split(", ")
        self.insert(into[1], read.result_columns, read.column_names)

    def close(self) -> None:
        pass


class SimulatedStore(Store):
    """The service's store, on an engine in memory."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(SETTINGS)
        self._driver = _Driver(engine)
        self._connection.client = cast(Client, self._driver)

    def fetch(self, query: Query[R], parameters: Mapping[str, Any] = NO_PARAMETERS, **fragments: Fragment) -> list[R]:
        """The same; which statement it is need not be found out from its text."""
        self._driver.statement = (query.name.rpartition("/")[2], parameters, fragments)
        return super().fetch(query, parameters, **fragments)

    def run(
        self,
        statement: Statement,
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        *,
        use_database: bool = True,
        **fragments: Fragment,
    ) -> None:
        """The same."""
        self._driver.statement = (statement.name.rpartition("/")[2], parameters, fragments)
        super().run(statement, parameters, use_database=use_database, **fragments)

    def _types(self, table: str, columns: Sequence[str]) -> list[str]:
        # Its tables take any.
        return []

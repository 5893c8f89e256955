"""Holds store, dead letters and figures against the ledger. Speaks HTTP and Kafka itself, not through the project."""

import base64
import http.client
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiokafka import AIOKafkaConsumer

from tests.faults.figures import TOLERANCE, VIEWS, figures, said
from tests.faults.ledger import Ledger
from tests.metrics.reference import differences, minute_of


@dataclass(frozen=True)
class StoreAddress:
    """Where ClickHouse answers, past any proxy."""

    port: int
    user: str
    password: str
    database: str

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        parameters = urlencode({"database": self.database, "output_format_json_quote_64bit_integers": 0})
        try:
            connection.request(
                "POST", f"/?{parameters}", f"{sql} FORMAT JSONEachRow".encode(), {"Authorization": f"Basic {token}"}
            )
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(body[:300].decode(errors="replace"))
            return [json.loads(line) for line in body.splitlines()]
        finally:
            connection.close()


@dataclass
class Verdict:
    """What was found wrong; all empty when the promise holds."""

    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    rejections: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    balances: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Every complaint, at most a few of each."""
        return [
            f"{name}: {len(found)}, such as {found[:3]}"
            for name, found in vars(self).items()
            if isinstance(found, list) and found
        ]


async def check(ledger: Ledger, store: StoreAddress, bootstrap: str, topic: str, dlq_topic: str) -> Verdict:
    """Every acknowledged event exactly once in `events`, or in the dead letters; cells as a recount gives them."""
    verdict = Verdict(events=len(ledger.acknowledged))
    _check_facts(ledger, store, verdict)
    _check_refused(ledger, store, topic, verdict)
    _check_letters(ledger, await letters(bootstrap, dlq_topic), topic, verdict)
    _check_cells(ledger, store, verdict)
    return verdict


def _check_facts(ledger: Ledger, store: StoreAddress, verdict: Verdict) -> None:
    rows = store.query(
        "SELECT event_id, kind, touchpoint, score, count, region, toUnixTimestamp64Milli(occurred_at) AS ms "
        "FROM events FINAL WHERE source = 'faults'"
    )
    found = Counter(row["event_id"] for row in rows)
    good = ledger.good
    verdict.lost += [
        f"{event_id} at {[at for at, entry in ledger.acknowledged.items() if entry.event_id == event_id]}"
        for event_id in good
        if event_id not in found
    ]
    verdict.doubled += [event_id for event_id, count in found.items() if count > 1]
    verdict.invented += [event_id for event_id in found if event_id not in good]
    for row in rows:
        entry = good.get(row["event_id"])
        if entry is not None and entry.event is not None and not _same(row, entry.event):
            verdict.altered.append(row["event_id"])


def _same(row: dict[str, Any], event: dict[str, Any]) -> bool:
    return bool(
        row["kind"] == event["kind"]
        and row["touchpoint"] == event["touchpoint"]
        and row["score"] == event.get("score")
        and row["count"] == event.get("count", 1)
        and row["region"] == event.get("region", "")
    )


def _check_refused(ledger: Ledger, store: StoreAddress, topic: str, verdict: Verdict) -> None:
    rows = store.query(f"SELECT partition, offset, reason FROM rejected FINAL WHERE topic = '{topic}'")
    found = {(row["partition"], row["offset"]): row["reason"] for row in rows}
    if len(found) != len(rows):
        verdict.rejections.append("rejected: a position occurs twice")
    for position, entry in ledger.bad.items():
        if found.get(position) != entry.reason:
            verdict.rejections.append(f"rejected: {position} {entry.reason} is {found.get(position)}")
    verdict.rejections += [f"rejected: {position} is good" for position in found if _is_good(ledger, position)]


def _is_good(ledger: Ledger, position: tuple[int, int]) -> bool:
    entry = ledger.acknowledged.get(position)
    return entry is not None and not entry.reason


def _check_letters(ledger: Ledger, found: Sequence[Any], topic: str, verdict: Verdict) -> None:
    by_position: dict[tuple[int, int], Any] = {}
    for letter in found:
        headers = {name: value.decode() for name, value in letter.headers}
        if headers.get("cx-topic") == topic:
            by_position[int(headers["cx-partition"]), int(headers["cx-offset"])] = (letter, headers)
    for position, entry in ledger.bad.items():
        if position not in by_position:
            verdict.rejections.append(f"dead letter: {position} {entry.reason} is missing")
            continue
        letter, headers = by_position[position]
        if letter.value != entry.value or letter.key != entry.event_id.encode() or headers["cx-reason"] != entry.reason:
            verdict.rejections.append(f"dead letter: {position} differs from what was published")
    verdict.rejections += [f"dead letter: {position} is good" for position in by_position if _is_good(ledger, position)]


async def letters(bootstrap: str, dlq_topic: str) -> list[Any]:
    """Everything in the dead-letter topic."""
    consumer = AIOKafkaConsumer(
        dlq_topic, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            batch = await consumer.getmany(timeout_ms=500)
            found += [record for records in batch.values() for record in records]
        return found
    finally:
        await consumer.stop()


def _check_cells(ledger: Ledger, store: StoreAddress, verdict: Verdict) -> None:
    rows = store.query(
        "SELECT toUnixTimestamp(minute) AS started, touchpoint, region, kind, sum(n) AS events, "
        "sum(sum_score) AS score, sum(sum_count) AS counted "
        "FROM cells FINAL WHERE n > 0 GROUP BY minute, touchpoint, region, kind"
    )
    found = {
        (row["started"], row["touchpoint"], row["region"], row["kind"]): (
            row["events"],
            row["score"],
            row["counted"],
        )
        for row in rows
    }
    wanted: dict[tuple[int, str, str, str], list[int]] = {}
    for entry in ledger.good.values():
        event = entry.event or {}
        minute = int(minute_of(event["occurred_at"]))
        sums = wanted.setdefault((minute, event["touchpoint"], event.get("region", ""), event["kind"]), [0, 0, 0])
        sums[0] += 1
        sums[1] += event.get("score", 0)
        sums[2] += event.get("count", 1)
    for key, sums in wanted.items():
        if found.get(key) != tuple(sums):
            verdict.cells.append(f"{key}: {found.get(key)}, a recount gives {tuple(sums)}")
    verdict.cells += [f"{key}: no such facts" for key in found if key not in wanted]


def check_balances(
    ledger: Ledger, http_ports: Iterable[int], owners: Mapping[str, str], at_s: float, verdict: Verdict
) -> bool:
    """Holds what a worker says of an instant against the ledger's own; False where no worker answers yet."""
    wanted = figures([entry.event for entry in ledger.good.values() if entry.event], owners, at_s)
    found = {view: next(filter(None, (said(port, view, at_s) for port in http_ports)), None) for view in VIEWS}
    if None in found.values():
        return False
    verdict.balances += [
        f"{view} {line}" for view, rows in found.items() for line in differences(rows or [], wanted, TOLERANCE)
    ]
    return True

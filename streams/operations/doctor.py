"""The doctor: is everything that the service needs there, and does it agree with itself?"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from metrics.lint.lint import lint
from streams.errors import CxbError, Unreachable
from streams.kafka.client import connected_admin, missing_topics
from streams.kafka.unlanded import lag
from streams.operations import stored
from streams.operations.spooled import check_spool
from streams.operations.stored import CheckResult, CheckState
from streams.runtime import native
from streams.settings.settings import Settings
from streams.sources.schema_registry import SchemaRegistry
from streams.store import migrations
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, query
from streams.wording import counted

MAX_SKEW_S: Final = 2.0


class ServerVersion(Row):
    """The version of the store's engine."""

    version: str


_SERVER: Final = query(__package__, "server_version", ServerVersion)


def examine(settings: Settings, registry: Path, spool: Path | None = None) -> list[CheckResult]:
    """All checks, each by itself: one that fails does not hide the others. An instance has the directory `spool`."""
    store = Store(settings.clickhouse)
    checks: tuple[tuple[str, Callable[[], CheckResult]], ...] = (
        ("kafka and topics", lambda: asyncio.run(_topics(settings))),
        ("clickhouse", lambda: _clickhouse(store, settings.clickhouse.url)),
        ("tables", lambda: _tables(store)),
        ("clock", lambda: _clock(store)),
        ("freshness", lambda: stored.check_freshness(store)),
        ("parts", lambda: stored.check_parts(store)),
        ("cells", lambda: stored.check_cells(store)),
        ("day cells", lambda: stored.check_day_cells(store, registry)),
        ("names", lambda: stored.check_names(store, registry)),
        ("series", lambda: stored.check_series(settings, store, registry)),
        ("copies", lambda: stored.check_copies(store)),
        ("customer keys", lambda: stored.check_customer_keys(settings, store)),
        ("placeholders", lambda: stored.check_placeholders(settings, store)),
        ("commits", lambda: asyncio.run(_commits(settings))),
        ("registry", lambda: _registry(registry)),
        ("reader", lambda: _reader(settings)),
        *([("schema registry", lambda: _schemas(settings))] if settings.schema_registry.url else ()),
        *([("spool", lambda: asyncio.run(check_spool(settings.kafka, spool)))] if spool else ()),
    )
    try:
        return list(_run(checks))
    finally:
        store.close()


def _run(checks: tuple[tuple[str, Callable[[], CheckResult]], ...]) -> Iterator[CheckResult]:
    for name, check in checks:
        try:
            yield check()
        except CxbError as error:
            yield CheckResult(name, "failed", str(error))


async def _topics(settings: Settings) -> CheckResult:
    admin = await connected_admin(settings.kafka)
    try:
        missing = await missing_topics(admin, settings.kafka)
    except KafkaError as error:
        raise Unreachable(f"Kafka at {settings.kafka.bootstrap_servers} failed: {error!r}") from error
    finally:
        await admin.close()
    if missing:
        return CheckResult(
            "kafka and topics",
            "failed",
            f"Kafka at {settings.kafka.bootstrap_servers} lacks these topics: {', '.join(missing)}; start a worker, "
            "which creates them, or create them yourself",
        )
    topics = f"{settings.kafka.topic} (events) and {settings.kafka.dlq_topic} (dead letters)"
    return CheckResult(
        "kafka and topics", "ok", f"Kafka at {settings.kafka.bootstrap_servers} answers and has the topics {topics}"
    )


def _clickhouse(store: Store, url: str) -> CheckResult:
    server = store.fetch_one(_SERVER)
    return CheckResult("clickhouse", "ok", f"ClickHouse at {url} answers, version {server.version}")


def _schemas(settings: Settings) -> CheckResult:
    types = SchemaRegistry(settings.schema_registry).check()
    known = ", ".join(sorted(types)) or "no types"
    return CheckResult("schema registry", "ok", f"{settings.schema_registry.url} answers, with schemas of: {known}")


def _tables(store: Store) -> CheckResult:
    shipped = {migration.version for migration in migrations.shipped()}
    missing, newer = shipped - migrations.applied(store), migrations.applied(store) - shipped
    if missing:
        return CheckResult(
            "tables", "failed", f"ClickHouse lacks the schema versions {sorted(missing)}: run cxb migrate"
        )
    if newer:
        return CheckResult(
            "tables",
            "warning",
            f"ClickHouse has schema versions {sorted(newer)} that this cxb does not know: upgrade cxb",
        )
    return CheckResult("tables", "ok", f"ClickHouse has the tables of this cxb (schema version {max(shipped)})")


def _clock(store: Store) -> CheckResult:
    skew_s = abs((store_time(store) - datetime.now(UTC)).total_seconds())
    behind_s = store.reading().behind_s
    if behind_s > MAX_SKEW_S:
        return CheckResult(
            "clock", "warning",
            f"ClickHouse's clock was set back: it is {behind_s:.0f} s behind the newest rows, and {skew_s:.1f} s from "
            "this machine's; nothing is lost; synchronise all clocks with NTP (docs/runbooks/store-clock-behind.md)",
        )  # fmt: skip
    state: CheckState = "ok" if skew_s <= MAX_SKEW_S else "warning"
    remedy = "" if state == "ok" else f", and up to {MAX_SKEW_S:.0f} s is fine: synchronise both with NTP"
    return CheckResult("clock", state, f"the clocks of ClickHouse and of this machine differ by {skew_s:.1f} s{remedy}")


def _reader(settings: Settings) -> CheckResult:
    if native.reader_of_events(is_wanted=settings.ingest.native) == "native":
        return CheckResult("reader", "ok", "with this installation a worker reads events by native code")
    why = "it has no native code" if settings.ingest.native else "CXB_INGEST_NATIVE is off"
    return CheckResult("reader", "ok", f"with this installation a worker reads events by Python code: {why}")


async def _commits(settings: Settings) -> CheckResult:
    behind = await lag(settings.kafka)
    if not behind:
        return CheckResult("commits", "ok", f"every record of the topic {settings.kafka.topic} is stored")
    return CheckResult(
        "commits",
        "ok",
        f"records of the topic {settings.kafka.topic} that wait to be stored: {behind:,}; if there are ever more, see "
        "docs/runbooks/ingest-lag.md",
    )


def _registry(path: Path) -> CheckResult:
    try:
        problems = lint(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return CheckResult("registry", "failed", f"cannot read {path}: {error}")
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        return CheckResult(
            "registry",
            "failed",
            f"{path} has {counted(len(errors), 'error')}, the first: {errors[0]}; cxb check {path} lists them",
        )
    if problems:
        return CheckResult(
            "registry", "warning", f"{path} is valid, with {counted(len(problems), 'warning')}: cxb check {path}"
        )
    return CheckResult("registry", "ok", f"{path} is valid")

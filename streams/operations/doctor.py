"""The doctor: is everything that the service needs there, and does it agree with itself?"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from aiokafka.errors import KafkaError

from metrics.durations import DAY_S
from metrics.figures.days import day_of
from metrics.lint.lint import lint
from streams.errors import ConfigurationError, CxbError, Unreachable
from streams.figures import days, minutes
from streams.figures.names import over_limit
from streams.figures.reconcile import hidden_copies, landed_minutes, mismatched, mismatched_days
from streams.figures.refresh import RECONCILED, SETTLING
from streams.kafka.client import connected_admin, missing_topics
from streams.kafka.unlanded import lag
from streams.operations.placeholders import facts_of_nobody, hashes_of_nobody
from streams.registry.file import load
from streams.settings.customer_keys import customer_keys, known_key_ids
from streams.settings.settings import Settings
from streams.store import damage, migrations
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.customer_keys import described, rows_of_other_keys
from streams.store.statements import Row, query
from streams.timestamps import from_epoch

CheckState = Literal["ok", "warning", "failed"]
MAX_SKEW_S: Final = 2.0
STALE_S: Final = 60.0
SOURCES_SHOWN: Final = 5
LOOK_BACK: Final = timedelta(days=3)


class ServerVersion(Row):
    """The version of the store's engine."""

    version: str


_SERVER: Final = query(__package__, "server_version", ServerVersion)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; the detail says what is there and, where something is wrong, what to do."""

    check: str
    state: CheckState
    detail: str


def examine(settings: Settings, registry: Path) -> list[CheckResult]:
    """All checks, each by itself: one that fails does not hide the others."""
    store = Store(settings.clickhouse)
    checks: tuple[tuple[str, Callable[[], CheckResult]], ...] = (
        ("kafka and topics", lambda: asyncio.run(_topics(settings))),
        ("clickhouse", lambda: _clickhouse(store, settings.clickhouse.url)),
        ("tables", lambda: _tables(store)),
        ("clock", lambda: _clock(store)),
        ("freshness", lambda: _freshness(store)),
        ("parts", lambda: damaged_parts(store)),
        ("cells", lambda: cells(store)),
        ("day cells", lambda: _days(store, registry)),
        ("names", lambda: _names(store, registry)),
        ("copies", lambda: _copies(store)),
        ("customer keys", lambda: _customer_keys(settings, store)),
        ("placeholders", lambda: _placeholders(settings, store)),
        ("commits", lambda: asyncio.run(_commits(settings))),
        ("registry", lambda: _registry(registry)),
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
            "kafka and topics", "failed", f"missing: {', '.join(missing)}; a worker creates them when it starts"
        )
    return CheckResult("kafka and topics", "ok", f"{settings.kafka.bootstrap_servers}, {settings.kafka.topic}")


def _clickhouse(store: Store, url: str) -> CheckResult:
    [server] = store.fetch(_SERVER)
    return CheckResult("clickhouse", "ok", f"{url}, version {server.version}")


def _tables(store: Store) -> CheckResult:
    shipped = {migration.version for migration in migrations.shipped()}
    missing, newer = shipped - migrations.applied(store), migrations.applied(store) - shipped
    if missing:
        return CheckResult("tables", "failed", f"versions {sorted(missing)} are missing: run cxb migrate")
    if newer:
        return CheckResult("tables", "warning", f"versions {sorted(newer)} are newer than this cxb: upgrade it")
    return CheckResult("tables", "ok", f"version {max(shipped)}")


def _clock(store: Store) -> CheckResult:
    skew_s = abs((store_time(store) - datetime.now(UTC)).total_seconds())
    behind_s = store.reading().behind_s
    if behind_s > MAX_SKEW_S:
        return CheckResult(
            "clock", "warning",
            f"the store's was set back: it is {behind_s:.0f} s behind the versions in its tables, which count on from "
            f"there, so nothing is lost; it differs from ours by {skew_s:.1f} s; keep all clocks with NTP",
        )  # fmt: skip
    state: CheckState = "ok" if skew_s <= MAX_SKEW_S else "warning"
    remedy = "" if state == "ok" else "; keep both machines' clocks with NTP, figures are computed for ours"
    return CheckResult("clock", state, f"the store's differs from ours by {skew_s:.1f} s{remedy}")


def _freshness(store: Store) -> CheckResult:
    last = minutes.last_refreshes(store)
    if last is None:
        return CheckResult("freshness", "warning", "cells were never refreshed: start a worker")
    now = store_time(store)
    # Where the clock was set back, what was noted lies ahead of it; when it was noted does not, if that was since.
    age_s = (now - (last.upto if last.upto <= now else last.finished_at)).total_seconds()
    if age_s < 0:
        return CheckResult(
            "freshness",
            "warning",
            "not refreshed since the store's clock was set back: is a worker running?",
        )
    if age_s > STALE_S:
        return CheckResult("freshness", "warning", f"cells were refreshed {age_s:.0f} s ago: is a worker running?")
    return CheckResult("freshness", "ok", f"cells reflect all that landed until {age_s:.1f} s ago")


def damaged_parts(store: Store) -> CheckResult:
    """Whether ClickHouse could use every part of the tables when it started."""
    found = damage.damaged(store)
    if found is None:
        return CheckResult(
            "parts", "warning", "not looked at: GRANT SELECT ON system.detached_parts to the store's user"
        )
    if found:
        return CheckResult("parts", "failed", damage.explained(found))
    return CheckResult("parts", "ok", "none of the tables' parts is damaged")


def cells(store: Store) -> CheckResult:
    """Whether cells equal a recount of the facts."""
    notes = minutes.last_refreshes(store, minutes.NOTES_BACK)
    if notes is None:
        return CheckResult("cells", "warning", "cells were never refreshed: start a worker")
    # The last minutes may have received facts since the last refresh.
    last = min(notes.upto, datetime.now(UTC)).replace(second=0, microsecond=0) - SETTLING
    landed, unsettled = landed_minutes(store, min(notes.earliest, notes.upto - RECONCILED), notes.upto)
    compared = landed.union(minutes.minutes_between(store, last - LOOK_BACK, last)) - unsettled
    wrong = mismatched(store, compared)
    if wrong:
        remedy = _remedy(store, f"cxb rebuild --from {from_epoch(wrong[0]):%FT%TZ}")
        return CheckResult("cells", "failed", f"{len(wrong)} minutes differ from a recount of the facts: {remedy}")
    return CheckResult(
        "cells", "ok", f"equal a recount of the facts, {LOOK_BACK.days} days and where facts landed last"
    )


def _remedy(store: Store, rebuild: str) -> str:
    # What is left of the facts would replace what is still right.
    return 'facts are missing, see "parts"; restore them first' if damage.facts_are_missing(store) else rebuild


def _days(store: Store, registry: Path) -> CheckResult:
    try:
        horizons = load(registry).registry.horizons
    except ConfigurationError:
        return CheckResult(
            "day cells", "warning", "not looked at: half-lives are in the registry, which cannot be used"
        )
    today = day_of(store_time(store).timestamp())
    since = today - LOOK_BACK // timedelta(seconds=DAY_S)
    wrong = mismatched_days(store, horizons, since)
    if wrong:
        remedy = _remedy(store, "cxb rebuild")
        return CheckResult("day cells", "failed", f"{wrong} days differ from what their cells give: {remedy}")
    waiting = today - 1 - max(days.clean(store, horizons), default=today - 1)
    return CheckResult(
        "day cells", "ok", f"equal their cells; {waiting} closed days are not folded yet, and read by minute"
    )


def _names(store: Store, registry: Path) -> CheckResult:
    try:
        over = over_limit(store, load(registry).names, store_time(store))
    except ConfigurationError:
        return CheckResult("names", "warning", "not looked at: the registry, which names what is known, cannot be used")
    if any(over.values()):
        counts = ", ".join(f"{count:,} {dimension}s" for dimension, count in over.items() if count)
        return CheckResult(
            "names", "warning", f"{counts} of the last day are unknown beyond {store.unknown_names} and count as "
            "(other): fix the publisher that names them, or raise CXB_CLICKHOUSE_UNKNOWN_NAMES",
        )  # fmt: skip
    return CheckResult("names", "ok", f"of the last day at most {store.unknown_names} are unknown, in each dimension")


def _copies(store: Store) -> CheckResult:
    hidden = hidden_copies(store, datetime.now(UTC) - LOOK_BACK)
    return CheckResult(
        "copies", "ok", f"FINAL hides {hidden:,} stored copies of facts of the last {LOOK_BACK.days} days"
    )


def _customer_keys(settings: Settings, store: Store) -> CheckResult:
    try:
        known = known_key_ids(settings)
    except ConfigurationError as error:
        return CheckResult("customer keys", "warning", f"not looked at: {error}")
    others = rows_of_other_keys(store, known)
    if others:
        return CheckResult("customer keys", "failed", described(others))
    return CheckResult("customer keys", "ok", f"{', '.join(sorted(known))}: every stored customer has one of these")


def _placeholders(settings: Settings, store: Store) -> CheckResult:
    try:
        keys = customer_keys(settings)
    except ConfigurationError as error:
        return CheckResult("placeholders", "warning", f"not looked at: {error}")
    if found := facts_of_nobody(store, hashes_of_nobody(settings.ingest.nobodies(), keys)):
        counts = ", ".join(f"{row.facts:,} of {row.source}" for row in found[:SOURCES_SHOWN])
        more = f" and {len(found) - SOURCES_SHOWN} more sources" if len(found) > SOURCES_SHOWN else ""
        return CheckResult(
            "placeholders", "warning", f"facts whose customer stands for nobody count as one person's: {counts}{more}; "
            "cxb placeholders --clear",
        )  # fmt: skip
    return CheckResult(
        "placeholders", "ok", "no stored customer stands for nobody; new ones: cx_placeholder_customers_total"
    )


async def _commits(settings: Settings) -> CheckResult:
    behind = await lag(settings.kafka)
    return CheckResult(
        "commits", "ok", f"{behind:,} records of {settings.kafka.topic} are not yet landed and committed"
    )


def _registry(path: Path) -> CheckResult:
    try:
        problems = lint(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return CheckResult("registry", "failed", f"cannot read {path}: {error}")
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        return CheckResult(
            "registry", "failed", f"{path}: {len(errors)} errors, first: {errors[0]}; see cxb check {path}"
        )
    return CheckResult("registry", "warning" if problems else "ok", f"{path}: {len(problems)} warnings")

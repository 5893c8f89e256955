"""The doctor's checks of what is stored: whether it is whole, up to date, and agrees with itself."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from metrics.catalogue import Horizon, Term
from metrics.durations import DAY_S
from metrics.figures.days import day_of
from metrics.figures.series_budget import SeriesSubject, within
from streams.errors import ConfigurationError
from streams.figures import days, minutes
from streams.figures.names import over_limit
from streams.figures.reconcile import hidden_copies, landed_minutes, mismatched, mismatched_days
from streams.figures.refresh import RECONCILED, SETTLING
from streams.figures.series import told
from streams.operations.placeholders import facts_of_nobody, hashes_of_nobody
from streams.registry.file import load
from streams.settings.customer_keys import customer_keys, known_key_ids
from streams.settings.settings import Settings
from streams.store import damage
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.customer_keys import described, rows_of_other_keys
from streams.store.statements import Row, query
from streams.timestamps import from_epoch
from streams.wording import counted

CheckState = Literal["ok", "warning", "failed"]
STALE_S: Final = 60.0
SOURCES_SHOWN: Final = 5
LOOK_BACK: Final = timedelta(days=3)
LOOK_AGAIN_S: Final = 2.0
NO_FIGURES: Final = "no worker has computed figures yet"
NO_NAMES: Final = 'not checked: the registry, which declares names, cannot be read: see "registry"'


class RecordedSubject(Row):
    """What a recorded figure is of."""

    department: str
    metric: str
    term: Term
    horizon: Horizon


_SERIES_SUBJECTS: Final = query(__package__, "series_subjects", RecordedSubject)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; the detail says what was looked at and found and, if something is wrong, what to do."""

    check: str
    state: CheckState
    detail: str


def check_freshness(store: Store) -> CheckResult:
    """Whether figures include what was stored until a moment ago."""
    last = minutes.last_refreshes(store)
    if last is None:
        return CheckResult("freshness", "warning", f"{NO_FIGURES}: start a worker")
    now = store_time(store)
    # Where the clock was set back, what was noted lies ahead of it; when it was noted does not, if that was since.
    age_s = (now - (last.upto if last.upto <= now else last.finished_at)).total_seconds()
    if age_s < 0:
        return CheckResult(
            "freshness",
            "warning",
            "figures were not computed since ClickHouse's clock was set back: check that a worker runs, and its log",
        )
    if age_s > STALE_S:
        return CheckResult(
            "freshness",
            "warning",
            f"figures were last computed {age_s:.0f} s ago: check that a worker runs, and its log "
            "(docs/runbooks/figures-stale.md)",
        )
    return CheckResult("freshness", "ok", f"figures include every event that was stored until {age_s:.1f} s ago")


def check_parts(store: Store) -> CheckResult:
    """Whether ClickHouse could use every part of the tables when it started."""
    found = damage.damaged(store)
    if found is None:
        return CheckResult(
            "parts",
            "warning",
            "not checked whether ClickHouse set damaged data aside: grant the user of CXB_CLICKHOUSE_USER "
            "SELECT ON system.detached_parts",
        )
    if found:
        return CheckResult("parts", "failed", damage.explained(found))
    return CheckResult("parts", "ok", "ClickHouse could load all data of the tables: no part is set aside as damaged")


def check_cells(store: Store) -> CheckResult:
    """Whether cells equal a recount of the facts."""
    notes = minutes.last_refreshes(store, minutes.NOTES_BACK)
    if notes is None:
        return CheckResult("cells", "warning", f"{NO_FIGURES}: start a worker")
    # The last minutes may have received facts since the last refresh.
    last = min(notes.upto, datetime.now(UTC)).replace(second=0, microsecond=0) - SETTLING
    landed, unsettled = landed_minutes(store, min(notes.earliest, notes.upto - RECONCILED), notes.upto)
    compared = landed.union(minutes.minutes_between(store, last - LOOK_BACK, last)) - unsettled
    wrong = mismatched(store, compared)
    if wrong:
        # What a worker stores and computes at this moment is right a moment later.
        time.sleep(LOOK_AGAIN_S)
        wrong = mismatched(store, compared.intersection(wrong))
    if wrong:
        remedy = _remedy(store, f"cxb rebuild --from {from_epoch(wrong[0]):%FT%TZ}")
        number = counted(len(wrong), "minute")
        detail = f"the sums by minute (table cells) of {number} differ from a recount of the events: {remedy}"
        return CheckResult("cells", "failed", detail)
    return CheckResult(
        "cells",
        "ok",
        f"the sums by minute (table cells) equal a recount of the events, for the last {LOOK_BACK.days} days and "
        "wherever events were stored last",
    )


def _remedy(store: Store, rebuild: str) -> str:
    # What is left of the facts would replace what is still right.
    return 'events are missing, see "parts": restore them first' if damage.facts_are_missing(store) else rebuild


def check_day_cells(store: Store, registry: Path) -> CheckResult:
    """Whether day cells equal what the cells of their minutes give."""
    try:
        horizons = load(registry).registry.horizons
    except ConfigurationError:
        return CheckResult(
            "day cells",
            "warning",
            'not checked: the registry, which has the half-lives, cannot be read: see "registry"',
        )
    today = day_of(store_time(store).timestamp())
    since = today - LOOK_BACK // timedelta(seconds=DAY_S)
    wrong = mismatched_days(store, horizons, since)
    if wrong:
        remedy = _remedy(store, "cxb rebuild")
        return CheckResult(
            "day cells",
            "failed",
            f"the sums by day (table day_cells) of {counted(wrong, 'day')} differ from those by minute: {remedy}",
        )
    waiting = today - 1 - max(days.clean(store, horizons), default=today - 1)
    rest = f"; {waiting} past days are not summed up yet, which a worker does by itself" if waiting else ""
    return CheckResult(
        "day cells",
        "ok",
        f"the sums by day (table day_cells) equal those by minute{rest}",
    )


def check_names(store: Store, registry: Path) -> CheckResult:
    """Whether names count as (other) because there are too many."""
    try:
        over = over_limit(store, load(registry).names, store_time(store))
    except ConfigurationError:
        return CheckResult("names", "warning", NO_NAMES)
    if any(over.values()):
        counts = ", ".join(f"{count:,} {dimension}s" for dimension, count in over.items() if count)
        return CheckResult(
            "names", "warning", f"{counts} of the last day are not in the registry and beyond the limit of "
            f"{store.unknown_names}, and count as (other): fix the publisher, declare them, or "
            "raise CXB_CLICKHOUSE_UNKNOWN_NAMES",
        )  # fmt: skip
    return CheckResult(
        "names",
        "ok",
        f"of the touchpoints, segments and regions of the last day at most {store.unknown_names} each are not in the "
        "registry: none counts as (other)",
    )


def check_series(settings: Settings, store: Store, registry: Path) -> CheckResult:
    """Whether figures have no series because there are too many."""
    try:
        order = [department.id for department in load(registry).registry.departments]
    except ConfigurationError:
        return CheckResult("series", "warning", NO_NAMES)
    figures = [
        SeriesSubject(row.department, row.metric, row.term, row.horizon) for row in store.fetch(_SERIES_SUBJECTS)
    ]
    budget = within(settings.series_limit, figures, {of.department for of in figures}, order)
    return CheckResult("series", "warning" if budget.left_out else "ok", told(budget, settings.series_limit))


def check_copies(store: Store) -> CheckResult:
    """How many copies of facts FINAL hides."""
    hidden = hidden_copies(store, datetime.now(UTC) - LOOK_BACK)
    return CheckResult(
        "copies",
        "ok",
        f"{hidden:,} rows of the last {LOOK_BACK.days} days are copies of an event that came again: each event "
        "counts once, and ClickHouse removes copies by itself",
    )


def check_customer_keys(settings: Settings, store: Store) -> CheckResult:
    """Whether every stored customer can be found with a key that is given."""
    try:
        known = known_key_ids(settings)
    except ConfigurationError as error:
        return CheckResult("customer keys", "warning", f"not checked which keys customers were hashed with: {error}")
    others = rows_of_other_keys(store, known)
    if others:
        return CheckResult("customer keys", "failed", described(others))
    return CheckResult(
        "customer keys",
        "ok",
        f"every stored customer was hashed with a key that is configured here (id {', '.join(sorted(known))})",
    )


def check_placeholders(settings: Settings, store: Store) -> CheckResult:
    """Whether placeholders such as null, which stand for no customer, are stored as one."""
    try:
        keys = customer_keys(settings)
    except ConfigurationError as error:
        return CheckResult("placeholders", "warning", f"not checked: {error}")
    if found := facts_of_nobody(store, hashes_of_nobody(settings.ingest.nobodies(), keys)):
        counts = ", ".join(f"{row.facts:,} of {row.source}" for row in found[:SOURCES_SHOWN])
        more = f" and {len(found) - SOURCES_SHOWN} more sources" if len(found) > SOURCES_SHOWN else ""
        return CheckResult(
            "placeholders",
            "warning",
            f"events whose customer stands for nobody count as one person's: {counts}{more}; run: cxb placeholders "
            "--clear",
        )
    return CheckResult(
        "placeholders", "ok", "no stored customer stands for nobody; new ones: cx_placeholder_customers_total"
    )

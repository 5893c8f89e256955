"""Commands that only look: figures, refused events, the registry's state, the service's health."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli import options
from streams.errors import ConfigurationError

if TYPE_CHECKING:
    from metrics.figures.balances import View
    from streams.cli.connection import Connection
    from streams.figures.snapshot import Snapshot
    from streams.registry.file import CompiledRegistry


def balances(
    at: options.At = None,
    what_if: Annotated[
        Path | None, typer.Option("--what-if", metavar="REGISTRY", help="The same facts under another registry.")
    ] = None,
    view: options.View = "as_was",
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    metric: Annotated[str | None, typer.Option(help="Only this metric.")] = None,
    registry: options.Registry = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Every metric of every department, for any instant. On a short and on a long horizon."""
    from metrics.catalogue import METRICS  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.figures.snapshot import as_json as json_rows  # noqa: PLC0415

    options.one_of(metric, METRICS, "--metric")
    connection, chosen = connect(data), chosen_view(view)
    instant = options.instant(at, "--at") or datetime.now(UTC)
    compiled = connection.compiled(what_if or registry)
    options.one_of(department, _departments(compiled), "--department")
    if what_if is not None:
        _say_when_by_minute(connection, compiled, connection.compiled(registry), what_if)
    rows = _snapshot(connection, compiled, instant, chosen).balances[chosen]
    rows = [row for row in rows if department in (None, row.department) and metric in (None, row.metric)]
    if as_json:
        output.as_json(json_rows(rows))
        return
    columns = _balance_columns()
    if what_if is not None:
        actual = _snapshot(connection, connection.compiled(registry), instant, chosen).balances[chosen]
        before = {(row.department, row.metric, row.horizon): row.value for row in actual}
        columns["today's rules"] = lambda row: output.number(
            before.get((row["department"], row["metric"], row["horizon"]))
        )
    output.table(json_rows(rows), columns, f"Balances {view} at {instant:%F %R} UTC", numbers=len(columns) - 4)
    _say_when_empty(rows)


def scorecards(
    at: options.At = None,
    view: options.View = "as_was",
    registry: options.Registry = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Each department against its targets. Short-term index beside long-term index."""
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.figures.snapshot import as_json as json_rows  # noqa: PLC0415

    connection, chosen = connect(data), chosen_view(view)
    instant = options.instant(at, "--at") or datetime.now(UTC)
    cards = _snapshot(connection, connection.compiled(registry), instant, chosen).scorecards[chosen]
    if as_json:
        output.as_json(json_rows(cards))
        return
    columns = {
        "department": lambda row: row["department"],
        "short": lambda row: output.number(row["short_index"]),
        "long": lambda row: output.number(row["long_index"]),
        "balance": lambda row: output.number(row["outcome_balance"]),
        "weight": lambda row: output.number(row["weight_balance"], 2),
        "short (customers)": lambda row: output.number(row["short_index_customer"]),
        "long (customers)": lambda row: output.number(row["long_index_customer"]),
    }
    output.table(json_rows(cards), columns, f"Scorecards {view} at {instant:%F %R} UTC", numbers=len(columns) - 1)
    _say_when_empty(cards)


def rejected(
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 100,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """The refused events. Why, where from, and the bytes (the customer masked)."""
    from metrics.events.rejection import Reason  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.store import rejected as refusals  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    options.one_of(reason, Reason, "--reason")
    latest = refusals.latest(Store(connect(data).settings.clickhouse), reason, limit)
    rows = [row.as_dict() for row in latest]
    if as_json:
        output.as_json(rows)
        return
    columns = {
        "rejected_at": lambda row: f"{row['rejected_at']:%F %T}",
        "reason": lambda row: row["reason"],
        "detail": lambda row: row["detail"],
        "from": lambda row: f"{row['topic']}[{row['partition']}]@{row['offset']}",
        "payload": lambda row: row["payload"][:60],
    }
    output.table(rows, columns, "Refused events, latest first")
    if rows:
        output.say("mend the publisher or the data, then send them through again with: cxb redrive")


def check(
    registry: Annotated[Path, typer.Argument(metavar="REGISTRY", help="The TOML file.")],
    as_json: options.Json = False,
) -> None:
    """Lints a registry; exit 1 on an error."""
    from dataclasses import asdict  # noqa: PLC0415

    from metrics.lint.lint import lint  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415

    try:
        problems = lint(registry.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the registry {registry}: {error}") from error
    if as_json:
        output.as_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            sys.stdout.write(f"{registry}: {problem.severity}: {problem}\n")
    errors = sum(problem.severity == "error" for problem in problems)
    output.say(f"{registry}: {errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def doctor(data: options.Data = None, as_json: options.Json = False) -> None:
    """Checks all that the service needs; exit 1 when one fails. Kafka, ClickHouse, topics, tables, registry, clock."""
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.operations import doctor as practice  # noqa: PLC0415

    connection = connect(data)
    findings = practice.examine(connection.settings, connection.registry)
    rows = [{"check": item.check, "state": item.state, "detail": item.detail} for item in findings]
    if as_json:
        output.as_json(rows)
    else:
        columns = {name: (lambda row, name=name: str(row[name])) for name in ("check", "state", "detail")}
        output.table(rows, columns)
    if any(item.state == "failed" for item in findings):
        raise typer.Exit(1)


def _snapshot(connection: "Connection", compiled: "CompiledRegistry", at: datetime, view: "View") -> "Snapshot":
    from streams.figures import snapshot  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    store = Store(connection.settings.clickhouse)
    try:
        return snapshot.compute(store, compiled, at, [view])
    finally:
        store.close()


def _say_when_by_minute(
    connection: "Connection", compiled: "CompiledRegistry", todays: "CompiledRegistry", path: Path
) -> None:
    from streams.cli import output  # noqa: PLC0415
    from streams.figures import days  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    horizons = compiled.registry.horizons
    if horizons == todays.registry.horizons:
        return
    store = Store(connection.settings.clickhouse)
    try:
        folded = days.clean(store, horizons)
    finally:
        store.close()
    if not folded:
        output.say(
            f"the half-lives of {path} are not those of the service: every minute is read, which takes long on a long "
            f"history; to ask often, fold its days once: cxb rebuild --only-days --registry {path}"
        )


def _departments(compiled: "CompiledRegistry") -> list[str]:
    from metrics.registry import COMPANY, UNOWNED  # noqa: PLC0415

    return [*(item.id for item in compiled.registry.departments), COMPANY, UNOWNED]


def chosen_view(text: str) -> "View":
    """The view that an option names."""
    from metrics.figures.balances import VIEWS  # noqa: PLC0415

    for view in VIEWS:
        if view == text:
            return view
    raise typer.BadParameter(f"{text!r} is not one of {', '.join(VIEWS)}", param_hint="--view")


def _balance_columns() -> dict[str, Any]:
    from streams.cli import output  # noqa: PLC0415

    return {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "horizon": lambda row: row["horizon"],
        "note": _note,
        "value": lambda row: output.number(row["value"]),
        "from": lambda row: output.number(row["ci_low"]),
        "to": lambda row: output.number(row["ci_high"]),
        "n": lambda row: str(row["n"]),
        "n_eff": lambda row: output.number(row["n_eff"]),
    }


def _note(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return str(row["suppressed"])
    return "uncertain" if row["n_eff"] < 30 else ""


def _say_when_empty(rows: Any) -> None:
    from streams.cli import output  # noqa: PLC0415

    if not rows:
        output.say("no facts up to that instant: send some with cxb publish, or see cxb simulate")

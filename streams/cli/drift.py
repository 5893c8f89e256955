"""`cxb drift`: what is drifting, and what detection promises."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import typer
from msgspec import to_builtins
from rich.console import Console
from rich.progress import Progress

from metrics.catalogue import METRICS
from metrics.drift.baselines import LEAST_ANSWERS, LEAST_EVENTS
from metrics.drift.plan import plan as promises
from metrics.report.texts_en import ENGLISH
from metrics.zones import Zone
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.drift import observations, repository
from streams.drift.budget import alarm_budget
from streams.drift.explanation import drifting
from streams.drift.replay import replay_past
from streams.timestamps import by_clocks, from_epoch

NO_BASELINE: Final = (
    f"no baseline yet, so no drift can be seen: one is created from {LEAST_ANSWERS:,.0f} answers over a week, or "
    f"{LEAST_EVENTS:,.0f} events of a volume over four weeks; or on request, with: cxb baseline create"
)
NO_BASELINE_THEN: Final = "no metric had a baseline at that instant, so no drift could be seen: see cxb baseline list"
NONE_DRIFTING: Final = "nothing is drifting, of {} that have a baseline: see cxb drift plan"

app = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    help="What is drifting and why; what detection promises.",
    **MODULE_OPTIONS,
)


@app.callback(epilog=examples("cxb drift", "cxb drift --at 2026-03-01 --json", "cxb drift plan", "cxb drift replay"))
def drift(
    context: typer.Context,
    at: options.AtOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """What is drifting and why; what detection promises."""
    if context.invoked_subcommand is not None:
        return
    connection, instant = connect(data), options.past(at) or datetime.now(UTC)
    compiled = connection.compiled(registry)
    zone = compiled.registry.zone
    with connection.store() as store:
        baselines = repository.baselines(store)
        rows = [item.as_dict() for item in drifting(store, compiled, baselines, instant)]
        spent = alarm_budget(store, baselines, connection.settings.drift.budget, instant)
    if not rows:
        then = NONE_DRIFTING.format(spent.detectors) if spent.detectors else NO_BASELINE_THEN
        output.say(then if baselines else NO_BASELINE)
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "state": lambda row: row["state"],
        "since": lambda row: output.local(row["since"], zone),
        "reported": lambda row: output.local(row["at"], zone),
        "explained by": lambda row: row["explained_by"],
        "what": lambda row: row["text"],
    }
    title = f"Drift at {output.local(instant, zone)} {zone.name}"
    output.table(rows, columns, title, spare=["explained by", "reported"], prose=["what"])
    if baselines:
        output.say(spent.text)


@app.command(epilog=examples("cxb drift budget", "cxb drift budget --at 2026-03-01 --json"))
def budget(at: options.AtOption = None, data: options.DataOption = None, as_json: options.JsonOption = False) -> None:
    """False alarms to expect in a month, and the alarms of the last 30 days."""
    connection, instant = connect(data), options.past(at) or datetime.now(UTC)
    with connection.store() as store:
        spent = alarm_budget(store, repository.baselines(store), connection.settings.drift.budget, instant)
    if as_json:
        output.as_json(to_builtins(spent, builtin_types=(datetime,)))
        return
    output.say(spent.text)


def _replayed(zone: Zone) -> dict[str, Any]:
    return {
        "reported": lambda row: output.local(row["at"], zone),
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "state": lambda row: row["state"],
        "since": lambda row: output.local(row["since"], zone),
        "since, earliest": lambda row: output.local(row["since_from"], zone) if row["since_from"] else "-",
        "since, latest": lambda row: output.local(row["since_to"], zone) if row["since_to"] else "-",
        "until": lambda row: output.local(row["until"], zone) if row["until"] else "-",
        "explained by": lambda row: row["explained_by"],
    }


@app.command(epilog=examples("cxb drift replay", "cxb drift replay --from 2026-01-01 --to 2026-07-01 --json"))
def replay(
    first: Annotated[date | None, options.from_option("Alarms from here on [default: the first baseline].")] = None,
    last: options.PeriodToOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """What today's detectors would have said of the past, and what it would have cost. Nothing is saved."""
    connection = connect(data)
    compiled = connection.compiled(registry)
    zone = compiled.registry.zone
    since = by_clocks(first, zone) if first else None
    until = options.past(by_clocks(last, zone) if last else None, "--to") or datetime.now(UTC)
    if since is not None and since >= until:
        raise typer.BadParameter("must be before --to", param_hint="--from")
    policy = connection.settings.drift.policy()
    with connection.store() as store, Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=None)

        def seen(done: int, count: int) -> None:
            progress.update(task, completed=done, total=count)

        replayed = replay_past(store, compiled, policy, since, until, seen)
    answer = to_builtins(replayed, builtin_types=(datetime,))
    if as_json:
        output.as_json(answer)
        return
    title = f"Replay until {output.local(until, zone)} {zone.name}"
    output.table(answer["alarms"], _replayed(zone), title, spare=["explained by", "since, earliest", "since, latest"])
    output.say(replayed.text)


@app.command(epilog=examples("cxb drift plan"))
def plan(
    registry: options.RegistryOption = None, data: options.DataOption = None, as_json: options.JsonOption = False
) -> None:
    """Each detector's thresholds, and how soon it finds the smallest shift worth acting on."""
    connection, now_s = connect(data), int(datetime.now(UTC).timestamp())
    policy, compiled = connection.settings.drift.policy(), connection.compiled(registry)
    zone = compiled.registry.zone
    with connection.store() as store:
        baselines = repository.baselines(store)
        since_s = min((versions[-1].start_s for versions in baselines.values()), default=now_s)
        days = observations.daily(store, compiled.attribution, since_s, now_s)
        made = [asdict(promise) for promise in promises(baselines, policy, days, now_s)]
    rows = [{**promise, "since": from_epoch(promise.pop("since_s"))} for promise in made]
    if not rows:
        output.say(NO_BASELINE)
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "since": lambda row: output.local(row["since"], zone),
        "promise": lambda row: row["text"],
        "unit": lambda row: METRICS[row["metric"]].unit,
        "level": lambda row: output.number(row["level"]),
        "shift": lambda row: output.number(row["shift"], 2),
        "tolerance": lambda row: output.number(row["tolerance"], 2),
        "up (sd)": lambda row: output.number(row["threshold_up"]),
        "down (sd)": lambda row: output.number(row["threshold_down"]),
        "a month": lambda row: output.number(row["per_month"], 0),
        "days": lambda row: output.number(row["delay_days"]),
        "p90 days": lambda row: output.number(row["delay_p90_days"]),
    }
    title = f"Plan for {ENGLISH.counted('false_alarms', policy.budget, 2)} a month, times of {zone.name}"
    spare = ["up (sd)", "down (sd)", "a month", "tolerance", "shift", "level", "unit", "p90 days", "days", "since"]
    output.table(rows, columns, title, numbers=len(columns) - 5, spare=spare, prose=["promise"])

"""Figures as Markdown and JSON, with the machine and the versions behind them."""

import json
import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.large import TIMES
from bench.results import Taken
from bench.rounds import PEERS_PYTHON
from streams.runtime.native import reader_of_events
from streams.settings.settings import IngestSettings

RESULTS = Path(__file__).parent / "results"
REFERENCE = "cx-balance"
OURS = ("faust-streaming", "aiokafka", "msgspec", "clickhouse-connect", "chdb")
PEERS = ("quixstreams", "bytewax", "confluent-kafka")
GOALS = {
    "faust, take": 15.0,
    "Quix Streams": 3.5,
    "Bytewax": 3.5,
    "Kafka Streams": 1.0,
    "raw aiokafka, our decoder": 0.9,
    "sum of the stages": 0.8,
    "compiled": 0.5,
}
"""The least multiple of each contestant's rate that cx-balance must reach."""
FLOORS: Mapping[str, Mapping[str, float]] = {
    "python": {"faust, take": 9.0, "raw aiokafka, our decoder": 0.6},
    "native": {"faust, take": 16.0, "raw aiokafka, our decoder": 1.2},
}
"""By what reads events. Below these the guard of --quick fails. They are what the slowest machine so far gave (by
Python 9.7 and 0.63, by native code 25.9 and 1.66), less noise: a guard is to find what has become slower, and how far a
goal is away depends on the processor."""
Results = Mapping[str, Sequence[Taken]]


def own_cpu_s(run: Taken) -> float:
    """What a contestant's own processes took."""
    return run.cpu_s


def cpu_s_with_store(run: Taken) -> float:
    """The same with the store's: what a contestant lets the store do is not for nothing."""
    return run.cpu_s + run.store_cpu_s


def rate(runs: Sequence[Taken], count: int, spent_s: Callable[[Taken], float] = own_cpu_s) -> float:
    """Thousand events a CPU-second, the median of the runs."""
    return count / statistics.median(spent_s(run) for run in runs) / 1000


def ratio(results: Results, name: str, spent_s: Callable[[Taken], float] = own_cpu_s) -> float:
    """The rate of cx-balance divided by a contestant's; NaN if either is missing."""
    ours, theirs = results.get(REFERENCE), results.get(name)
    return rate(ours, 1, spent_s) / rate(theirs, 1, spent_s) if ours and theirs else float("nan")


def too_low(results: Results, count: int, reader: str) -> list[str]:
    """A line for each guarded ratio that is missing, or below the floor of what reads events: `native` or `python`."""
    return [
        f"too low: cx-balance is {ratio(results, name):.2f} times {name} over {count:,} events, not {floor:.2f}"
        for name, floor in FLOORS[reader].items()
        if not ratio(results, name) >= floor
    ]


def shown(figures: Mapping[str, Any]) -> str:
    """The whole report as Markdown."""
    about, results = figures["about"], figures["results"]
    parts = [_bullets(about), table(results, about["events"]), stages(results, about["events"])]
    if any(figures["large"].values()):
        parts += [f"With {TIMES} times the events:", table(figures["large"], TIMES * about["events"])]
    return "\n\n".join(part for part in [*parts, _bullets(figures["service"])] if part) + "\n"


def _bullets(values: Mapping[str, Any]) -> str:
    lines = []
    for name, value in values.items():
        inner = value.items() if isinstance(value, Mapping) else ()
        text = ", ".join(f"{key} {_figure(item)}" for key, item in inner) if inner else _figure(value)
        lines.append(f"- {name}: {text}")
    return "\n".join(lines)


def _figure(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def table(results: Results, count: int) -> str:
    """A row for each contestant: its medians, and the rate of cx-balance divided by its own; last with the store."""
    lines = [
        "| contestant | k events a CPU-second | cx-balance is | goal | with the store | wall s | CPU s | store's CPU s "
        "| broker's CPU s | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(name, results, count) for name, runs in results.items() if runs]
    return "\n".join(lines)


def _row(name: str, results: Results, count: int) -> str:
    runs = results[name]
    figures = [
        statistics.median(getattr(run, key) for run in runs)
        for key in ("wall_s", "cpu_s", "store_cpu_s", "broker_cpu_s", "peak_mb")
    ]
    goal, times = GOALS.get(name), ratio(results, name)
    wanted = f">= {goal}: {'yes' if times >= goal else 'no'}" if goal else ""
    both = ratio(results, name, cpu_s_with_store)
    numbers = " | ".join(f"{figure:.1f}" for figure in figures[:-1])
    ratios = f"{times:.2f} times | {wanted} | {both:.2f} times"
    return f"| {name} | {rate(runs, count):.1f} | {ratios} | {numbers} | {figures[-1]:.0f} |"


def stages(results: Results, count: int) -> str:
    """The stages measured alone, thousand events a CPU-second each."""
    runs = results.get("sum of the stages", ())
    if not runs:
        return ""
    lines = ["| stage alone | k events a CPU-second |", "|---|---|"]
    for key in runs[0].details:
        spent = statistics.median(run.details[key] for run in runs)
        lines.append(f"| {key.removesuffix('_s')} | {count / max(spent, 0.01) / 1000:.0f} |")
    return "\n".join(lines)


def about(count: int, rounds: int, broker: str) -> dict[str, Any]:
    """The machine, the versions and the settings behind the figures."""
    return {
        "date": f"{datetime.now(UTC):%F %H:%M} UTC",
        "events": count,
        "rounds": rounds,
        "broker": broker,
        "events_read_by": reader_of_events(is_wanted=IngestSettings().native),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "java": _java(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in OURS} | _peers(),
    }


def keep(figures: Mapping[str, Any], text: str) -> Path:
    """Writes JSON and Markdown, named after the date; returns the Markdown's path."""
    RESULTS.mkdir(exist_ok=True)
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{figures['about']['broker']}"
    races = {
        part: {name: [asdict(run) for run in runs] for name, runs in figures[part].items()}
        for part in ("results", "large")
    }
    (RESULTS / f"{stem}.json").write_text(json.dumps({**figures, **races}, indent=1) + "\n")
    (RESULTS / f"{stem}.md").write_text(text)
    return RESULTS / f"{stem}.md"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _peers() -> dict[str, str]:
    if not PEERS_PYTHON.exists():
        return {}
    script = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {PEERS!r}}}))"
    versions: dict[str, str] = json.loads(subprocess.check_output([str(PEERS_PYTHON), "-c", script]))
    return versions


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        return "none"
    return subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr.partition("\n")[0]

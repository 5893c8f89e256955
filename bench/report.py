"""Figures as Markdown and JSON, with the machine and the versions they come from."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.rounds import PEERS_PYTHON, Taken

RESULTS = Path(__file__).parent / "results"
REFERENCE = "cx-balance"
OURS = ("faust-streaming", "aiokafka", "msgspec", "clickhouse-connect", "chdb")
PEERS = ("quixstreams", "bytewax", "confluent-kafka")
GOALS = {
    "faust, take": ("at least", 15.0),
    "Quix Streams": ("at least", 3.5),
    "Bytewax": ("at least", 3.5),
    "Kafka Streams": ("at least", 1.0),
    "raw aiokafka, our decoder": ("at least", 0.9),
    "sum of the stages": ("at least", 0.8),
}
Results = Mapping[str, Sequence[Taken]]


def rate(runs: Sequence[Taken], count: int) -> float:
    """Thousand events a CPU-second, the median of the runs."""
    return count / statistics.median(run.cpu_s for run in runs) / 1000


def table(results: Results, count: int) -> str:
    """A row for each contestant: its medians, and how many times its rate cx-balance has."""
    lines = [
        "| contestant | k events a CPU-second | cx-balance is | goal | wall s | CPU s | store's CPU s | broker's CPU s | "
        "peak MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        if runs:
            lines.append(_row(name, runs, count, results[REFERENCE]))
    return "\n".join(lines)


def _row(name: str, runs: Sequence[Taken], count: int, reference: Sequence[Taken]) -> str:
    figures = [
        statistics.median(getattr(run, key) for run in runs)
        for key in ("wall_s", "cpu_s", "store_cpu_s", "broker_cpu_s", "peak_mb")
    ]
    ratio = rate(reference, count) / rate(runs, count) if reference else float("nan")
    goal = " ".join(str(part) for part in GOALS[name]) if name in GOALS else ""
    shown = " | ".join(f"{figure:.1f}" for figure in figures[:-1])
    return f"| {name} | {rate(runs, count):.1f} | {ratio:.2f} times | {goal} | {shown} | {figures[-1]:.0f} |"


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
    """What the figures come from."""
    return {
        "date": f"{datetime.now(UTC):%F %H:%M} UTC",
        "events": count,
        "rounds": rounds,
        "broker": broker,
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in OURS} | _peers(),
    }


def keep(about: Mapping[str, Any], results: Results, more: Mapping[str, Any], text: str) -> Path:
    """Writes JSON and Markdown, named after the date; returns the Markdown's path."""
    RESULTS.mkdir(exist_ok=True)
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{about['broker']}"
    runs = {name: [asdict(run) for run in taken] for name, taken in results.items()}
    kept = {"about": about, "results": runs, "service": more}
    (RESULTS / f"{stem}.json").write_text(json.dumps(kept, indent=1) + "\n")
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
    asked = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {PEERS!r}}}))"
    found: dict[str, str] = json.loads(subprocess.check_output([str(PEERS_PYTHON), "-c", asked]))
    return found

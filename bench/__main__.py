"""`python -m bench`: prepares the data, lets each contestant do the job in turn, and prints ratios."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import report, service
from bench.events import EVENT_BYTES, expected, registry_text
from bench.outside import Address, broker, fill, store
from bench.rounds import CONTESTANTS, QUICK, Contestant, Course, Taken, missing
from streams.migrations import migrate
from streams.settings import ClickHouse
from streams.store import Store

LIVE_RATE, LIVE_S = 20_000, 30.0


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--events", type=int, help="how many [default: 600000, quick: 100000]")
    parser.add_argument("--rounds", type=int, help="interleaved rounds [default: 5, quick: 3]")
    parser.add_argument("--broker", choices=("kafka", "tansu"), default="kafka")
    parser.add_argument("--only", action="append", metavar="NAME", help="only contestants whose name begins so")
    parser.add_argument("--quick", action="store_true", help="the check before a release: three contestants")
    parser.add_argument("--no-service", action="store_true", help="without landing delay, ready time and help time")
    asked = parser.parse_args()
    asked.events = asked.events or (100_000 if asked.quick else 600_000)
    asked.rounds = asked.rounds or (3 if asked.quick else 5)
    return asked


def chosen(asked: argparse.Namespace) -> list[Contestant]:
    """The contestants that are asked for and can run here; says which cannot."""
    wanted = []
    for contestant in CONTESTANTS:
        named = not asked.only or contestant.name.startswith(tuple(asked.only))
        if not named or (asked.quick and contestant.name not in QUICK):
            continue
        if why := missing(contestant):
            say(f"left out: {contestant.name} ({why})")
        else:
            wanted.append(contestant)
    return wanted


async def race(course: Course, contestants: Sequence[Contestant], rounds: int) -> dict[str, list[Taken]]:
    """Every contestant's figures of every round; they take turns, so that noise meets all alike."""
    results: dict[str, list[Taken]] = {contestant.name: [] for contestant in contestants}
    for number in range(1, rounds + 1):
        for contestant in contestants:
            try:
                taken = await course.run(contestant)
            except (RuntimeError, TimeoutError, LookupError) as error:
                say(f"round {number}: {contestant.name} does not count: {error!r}")
                continue
            results[contestant.name].append(taken)
            say(f"round {number}: {contestant.name}: {taken.cpu_s:.1f} CPU s, {taken.wall_s:.1f} s of wall")
    return results


async def beside(on: Address, clickhouse: ClickHouse, registry: Path) -> dict[str, Any]:
    """What is measured of cx-balance beside the job."""
    say(f"landing delay: {LIVE_RATE:,} events/s for {LIVE_S:.0f} s")
    found: dict[str, Any] = {"landing": await service.landing(on, clickhouse, registry, LIVE_RATE, LIVE_S)}
    say("cxb up and cxb --help")
    found["up_ready_s"] = await asyncio.to_thread(service.ready_s)
    found["help_s"] = await asyncio.to_thread(service.help_s)
    return found


async def measure(asked: argparse.Namespace) -> str:
    """All of it; returns what is printed."""
    about = report.about(asked.events, asked.rounds, asked.broker)
    with tempfile.TemporaryDirectory() as scratch, store(Path(scratch)) as kept:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        list(migrate(Store(kept[0])))
        async with broker(asked.broker, Path(scratch)) as on:
            say(f"publishing {asked.events:,} events of {EVENT_BYTES} bytes")
            await fill(on.address, "bench", asked.events)
            course = Course(on, kept, "bench", registry, expected(asked.events), asked.events)
            results = await race(course, chosen(asked), asked.rounds)
            more = {} if asked.no_service or asked.quick else await beside(on, kept[0], registry)
    text = shown(about, results, more)
    say(f"kept in {report.keep(about, results, more, text)}")
    return text


def shown(about: dict[str, Any], results: dict[str, list[Taken]], more: dict[str, Any]) -> str:
    """The whole report as Markdown."""
    heading = "\n".join(f"- {name}: {value}" for name, value in about.items())
    beside_the_job = "\n".join(f"- {name}: {value}" for name, value in more.items())
    count = about["events"]
    parts = (heading, report.table(results, count), report.stages(results, count), beside_the_job)
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    print(asyncio.run(measure(arguments())), end="")

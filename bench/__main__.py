"""`python -m bench`: prepares the data, lets each contestant do the job in turn, and prints ratios."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import embedded, large, live, report, service
from bench.events import EVENT_BYTES, expected, registry_text
from bench.foreign import Form, as_avro
from bench.live import Outside
from bench.outside import Address, broker, create_topic, publish, store
from bench.results import Expectation, Taken
from bench.rounds import CONTESTANTS, EMBEDDED, QUICK, Contestant, Course, missing
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from streams.store.migrations import migrate

LIVE_RATE, LIVE_S = 20_000, 30.0
READ_RATE, READ_S = 50_000, 20.0
LARGE_ROUNDS = 3


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """The command line's arguments."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--events", type=int, help="how many [default: 600000, quick: 300000]")
    parser.add_argument("--rounds", type=int, help="interleaved rounds [default: 5, quick: 3]")
    parser.add_argument("--broker", choices=("kafka", "tansu"), default="kafka")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="only contestants with a name that begins with NAME"
    )
    parser.add_argument(
        "--quick", action="store_true", help="the check before a release: five contestants, at most 5 min"
    )
    parser.add_argument(
        "--no-service", action="store_true", help="only the job: no ten-fold size, live events, readers"
    )
    options = parser.parse_args()
    options.events = options.events or (300_000 if options.quick else 600_000)
    options.rounds = options.rounds or (3 if options.quick else 5)
    return options


def chosen(options: argparse.Namespace) -> list[Contestant]:
    """The selected contestants that can run here; reports those that cannot."""
    wanted = []
    for contestant in CONTESTANTS:
        named = not options.only or contestant.name.startswith(tuple(options.only))
        if not named or (options.quick and contestant.name not in QUICK):
            continue
        if why := missing(contestant):
            say(f"left out: {contestant.name} ({why})")
        else:
            wanted.append(contestant)
    return wanted


async def race(
    courses: Mapping[Form, Course], contestants: Sequence[Contestant], rounds: int
) -> dict[str, list[Taken]]:
    """Every contestant's figures of every round; they take turns, so that noise affects all equally."""
    results: dict[str, list[Taken]] = {contestant.name: [] for contestant in contestants}
    for number in range(1, rounds + 1):
        for contestant in contestants:
            try:
                course, alone = courses[contestant.form], contestant.name == EMBEDDED
                taken = await (embedded.run(course.registry, course.expectation) if alone else course.run(contestant))
            except (RuntimeError, TimeoutError, LookupError) as error:
                say(f"round {number}: {contestant.name} does not count: {error!r}")
                continue
            results[contestant.name].append(taken)
            say(f"round {number}: {contestant.name}: {taken.cpu_s:.1f} CPU s, {taken.wall_s:.1f} s of wall")
    return results


async def filled(
    on: Address, kept: tuple[ClickHouseSettings, int], topic: str, registry: Path, count: int, *, is_avro: bool = False
) -> Course:
    """A course with `count` events."""
    say(f"publishing {count:,} events of {EVENT_BYTES} bytes" + (", in Avro" if is_avro else ""))
    await create_topic(on.address, topic)
    await publish(on.address, topic, count, as_avro if is_avro else bytes)
    outcome = expected(count)
    if is_avro:
        outcome.reasons["unreadable"] = outcome.reasons.pop("not_json")
    return Course(on, kept, topic, registry, Expectation(count, outcome))


async def merged(outside: Outside) -> dict[str, Any]:
    """Measurements of cx-balance besides the job."""
    say(f"live events: {LIVE_RATE:,}/s for {LIVE_S:.0f} s")
    figures: dict[str, Any] = {"live": await live.landing(outside, LIVE_RATE, LIVE_S)}
    say(f"{live.READERS} readers: {READ_RATE:,} events/s for {READ_S:.0f} s, without them and with them")
    figures["readers"] = await live.reading(outside, READ_RATE, READ_S)
    say("cxb up and cxb --help")
    figures["up_ready_s"] = await asyncio.to_thread(service.ready_s)
    figures["help_s"] = await asyncio.to_thread(service.help_s)
    return figures


async def measure(options: argparse.Namespace) -> Mapping[str, Any]:
    """Measures everything and keeps it in a file; returns the figures."""
    figures: dict[str, Any] = {"about": report.about(options.events, options.rounds, options.broker), "service": {}}
    with tempfile.TemporaryDirectory() as scratch, store(Path(scratch)) as kept:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        list(migrate(Store(kept[0])))
        async with broker(options.broker, Path(scratch)) as on:
            course = await filled(on, kept, "bench", registry, options.events)
            contestants = chosen(options)
            courses: dict[Form, Course] = {"native": course, "json": course}
            if any(contestant.form == "avro" for contestant in contestants):
                courses["avro"] = await filled(on, kept, "bench-avro", registry, options.events, is_avro=True)
            figures["results"] = await race(courses, contestants, options.rounds)
            figures["large"] = {}
            if not (options.no_service or options.quick):
                course = await filled(on, kept, "large", registry, large.TIMES * options.events)
                lasting = [item for item in CONTESTANTS if item.name in large.CONTESTANTS and not missing(item)]
                figures["large"] = await race({"native": course}, lasting, LARGE_ROUNDS)
                figures["service"] = await merged(Outside(on, kept[0], registry))
    figures["service"] |= large.summary(figures["results"].get(large.ONE, ()), figures["large"])
    return figures


def main() -> int:
    """Measures, prints, and returns 1 when a ratio that `--quick` guards is too low."""
    options = arguments()
    figures = asyncio.run(measure(options))
    text = report.shown(figures)
    say(f"kept in {report.keep(figures, text)}")
    print(text, end="")
    reader = figures["about"]["events_read_by"]
    low = report.too_low(figures["results"], options.events, reader) if options.quick else []
    for line in low:
        say(line)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())

"""The embedded broker's process: `python -m streams.embedded.front_server --port PORT --program TANSU --spool DIR`.

It runs the broker on a port that nobody else knows, and keeps what is published in DIR until it has landed. Topics and
group are those of the settings. It ends when the broker does: whoever starts it again gets a new broker, to which what
had not landed is brought back before any client is served. On SIGUSR1 it accepts no more events, but goes on
with dead letters: the instance stops, and what it has accepted is to land.
"""

import argparse
import asyncio
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from metrics.durations import DAY_S
from streams.embedded import brought_back, losses, processes, tansu
from streams.embedded.bring_back import KeptTopic, bring_back
from streams.embedded.ends import THIS_MACHINE
from streams.embedded.front import Front
from streams.embedded.held_ports import listener
from streams.embedded.keeper import Keeper
from streams.embedded.processes import ACCEPT_NO_MORE, Child, Command, Lifeline
from streams.embedded.spool import SPOOL_RESERVE_BYTES, Retention, Spool
from streams.embedded.waiting import directory_of
from streams.errors import ConfigurationError
from streams.settings import settings
from streams.settings.settings import KafkaSettings

CONFIGURATION, UNREACHABLE = 3, 4  # exit codes
START_S = 20.0
POLL_S = 0.02
BROKER_STOP_S = 5.0
# Nobody commits dead letters: they stay as long as on a Kafka by default, for cxb redrive.
DEAD_LETTERS = Retention(age_s=7 * DAY_S, size=256 << 20)

logger = logging.getLogger(__name__)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m streams.embedded.front_server")
    parser.add_argument("--port", type=int, required=True, help="where clients connect")
    parser.add_argument("--program", type=Path, required=True, help="the broker's")
    parser.add_argument("--spool", type=Path, required=True, help="the directory of what has not landed")
    parser.add_argument("--log", type=Path, required=True, help="the broker's log")
    parser.add_argument("--reserve-bytes", type=int, default=SPOOL_RESERVE_BYTES, help="what stays free on the disk")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace, kafka: KafkaSettings) -> int:
    """Runs broker and front until SIGTERM or SIGINT, or until the broker ends.

    Returns:
        The exit code: 0 if it was asked to stop.

    Raises:
        OSError: the spool cannot be used, or a port is taken.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    topics = _kept_topics(options, kafka)
    async with _broker(options) as (broker, port):
        await _answers(broker, port)
        brought_back.write(options.spool, await bring_back(port, topics))
        _note_losses(options.spool, topics)
        front = Front(port, kafka.group, {kept.topic: kept.keeper for kept in topics})
        asyncio.get_running_loop().add_signal_handler(ACCEPT_NO_MORE, front.close, kafka.topic)
        duties = [asyncio.create_task(duty) for duty in (stop.wait(), broker.wait(), *(t.keeper.run() for t in topics))]
        server = await front.serve(listener(options.port))
        await asyncio.wait(duties, return_when=asyncio.FIRST_COMPLETED)
        server.close()
        await front.hang_up()
        for duty in duties:
            duty.cancel()
        for outcome in await asyncio.gather(*duties, return_exceptions=True):
            if isinstance(outcome, Exception):
                logger.error("it cannot go on", exc_info=outcome)
        for kept in topics:
            await kept.keeper.close()
    return 0 if stop.is_set() else UNREACHABLE


def _note_losses(directory: Path, topics: Sequence[KeptTopic]) -> None:
    """Before anything is written to the spools: from then on what is missing is no longer looked for."""
    for kept in topics:
        for first, last in kept.spool.missing:
            logger.error("entries %d to %d of the spool of %s were accepted and are lost", first, last, kept.topic)
        losses.note(directory, kept.topic, kept.spool.lost, f"{datetime.now(UTC):%F}")


def _kept_topics(options: argparse.Namespace, kafka: KafkaSettings) -> list[KeptTopic]:
    options.spool.mkdir(
        mode=0o700, parents=True, exist_ok=True
    )  # of parents, mkdir gives the mode to none but the last
    topics = []
    for topic, retention, partitions in ((kafka.topic, None, kafka.partitions), (kafka.dlq_topic, DEAD_LETTERS, 1)):
        spool = Spool(directory_of(options.spool, topic), reserve_bytes=options.reserve_bytes, retention=retention)
        topics.append(KeptTopic(topic, retention is None, spool, Keeper(spool, time.time), partitions))
    return topics


@asynccontextmanager
async def _broker(options: argparse.Namespace) -> AsyncIterator[tuple[Child, int]]:
    lifeline = Lifeline()
    port = processes.free_port(0)
    argv = tansu.arguments(options.program, port, options.port)
    child = await processes.start(Command("broker", argv, tansu.ENVIRONMENT, options.log), lifeline)
    try:
        yield child, port
    finally:
        await child.stop(BROKER_STOP_S)
        lifeline.close()


async def _answers(broker: Child, port: int) -> None:
    async with asyncio.timeout(START_S):
        while broker.exit_code is None:
            try:
                _, writer = await asyncio.open_connection(THIS_MACHINE, port)
            except OSError:
                await asyncio.sleep(POLL_S)
            else:
                writer.close()
                return
    raise OSError(f"the broker ended at the start with exit code {broker.exit_code}")


def main() -> int:
    """Runs it; the exit code is 0, 3 for wrong settings, 4 when broker, port or spool cannot be had, or are gone."""
    processes.end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        return asyncio.run(serve(_options(sys.argv[1:]), settings.load().kafka))
    except ConfigurationError as error:
        print(f"broker: {error}", file=sys.stderr)
        return CONFIGURATION
    except (OSError, TimeoutError) as error:
        print(f"broker: cannot serve: {error}", file=sys.stderr)
        return UNREACHABLE


if __name__ == "__main__":
    sys.exit(main())

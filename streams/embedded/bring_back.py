"""Bringing back: what the spool still holds is appended to a broker that has just started, and is empty."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streams.embedded import wire
from streams.embedded.brought_back import BroughtBack
from streams.embedded.ends import THIS_MACHINE, Refused, ask
from streams.embedded.keeper import Keeper
from streams.embedded.record_batches import Corrupt, measure, without_producer
from streams.embedded.spool import Spool
from streams.embedded.spool_format import Kept
from streams.embedded.stock import how_many

TOGETHER_BYTES = 1 << 20
PARTITIONS = range(10_000)
"""Those that a topic of ours can have, by the settings; a front of before took any number."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptTopic:
    """A topic that is kept: its spool, who writes it, how many partitions it is made with, and of which kind it is."""

    topic: str
    are_events: bool
    spool: Spool
    keeper: Keeper
    partitions: int


async def bring_back(port: int, topics: Sequence[KeptTopic]) -> BroughtBack:
    """Makes the topics, and appends to them what spools hold.

    They are made if there is nothing as well: a client that knows a topic of before publishes at once, and no consumer
    would see one that was made by that.

    Raises:
        OSError: the broker cannot be reached, or a spool not be read or written.
    """
    result = BroughtBack(
        damaged_bytes=sum(kept.spool.damaged_bytes for kept in topics),
        missing_entries=sum(how_many(kept.spool.missing) for kept in topics),
    )
    for kept in topics:
        highest = max((entry.partition for entry in kept.spool.held() if entry.partition in PARTITIONS), default=-1)
        await _create(port, kept.topic, max(kept.partitions, highest + 1))
        for group in _groups(kept.spool.held()):
            await _append(port, group, kept, result)
    return result


def _groups(entries: Iterator[Kept]) -> Iterator[list[Kept]]:
    """Entries in order, as many together as make about a megabyte."""
    group: list[Kept] = []
    size = 0
    for entry in entries:
        group.append(entry)
        size += len(entry.records)
        if size >= TOGETHER_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


async def _append(port: int, group: Sequence[Kept], kept: KeptTopic, result: BroughtBack) -> None:
    try:
        counts = [_records(entry) for entry in group]
        offsets = await _produce(port, kept.topic, group)
    except (Refused, Corrupt) as error:
        if len(group) > 1:  # which one it is, shows if each goes by itself
            for entry in group:
                await _append(port, [entry], kept, result)
        else:
            await _set_aside(port, group[0], kept, error)
            result.refused_entries += 1
        return
    for entry, records in zip(group, counts, strict=True):
        first = offsets[entry.partition]
        kept.keeper.assigned(entry.number, entry.partition, range(first, first + records))
        offsets[entry.partition] += records
    if kept.are_events:
        result.events += sum(counts)
    else:
        result.dead_letters += sum(counts)


def _records(entry: Kept) -> int:
    if entry.partition not in PARTITIONS:
        raise Refused("no topic has such a partition")
    return measure(entry.records)


async def _set_aside(port: int, entry: Kept, kept: KeptTopic, error: Exception) -> None:
    """An entry that the broker does not take stays on the disk, and is in nobody's way."""
    _, writer = await asyncio.open_connection(THIS_MACHINE, port)  # it is not that the broker has ended
    writer.close()
    directory = kept.spool.directory / "refused"
    logger.error("an entry for %s, partition %d, is put into %s: %s", kept.topic, entry.partition, directory, error)
    refused = Spool(directory, reserve_bytes=0)
    refused.write([(entry.partition, entry.records)], 0.0)
    refused.close()
    kept.keeper.abandon([entry.number])


async def _produce(port: int, topic: str, group: Sequence[Kept]) -> dict[int, int]:
    """The base offset in each partition."""
    parts: dict[wire.Place, list[bytes]] = {}
    for entry in group:
        parts.setdefault((topic, entry.partition), []).append(without_producer(entry.records))
    request = wire.produce_request({place: b"".join(records) for place, records in parts.items()}, correlation=1)
    answer = wire.base_offsets(await ask(port, request), wire.OUR_PRODUCE_VERSION)
    if answer.keys() != parts.keys():
        raise Refused("the broker refuses it")
    return {partition: offset for (_, partition), offset in answer.items()}


async def _create(port: int, topic: str, partitions: int) -> None:
    if not wire.created(await ask(port, wire.create_topic_request(topic, partitions, correlation=1))):
        raise OSError(f"the broker does not make the topic {topic}")

"""The front of the embedded broker: clients speak to it, it speaks to the broker, and keeps what is published.

Bytes pass unchanged in both directions, but for a few requests that it looks into: Produce is answered only when its
record batches are on the disk; OffsetCommit says what has landed; DeleteTopics is refused for topics that are kept:
offsets would begin again, and commits of the old log would count for the new one. Some more are put right
(`compatibility`), which the broker answers otherwise than clients expect.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kio.schema.errors import ErrorCode
from kio.serial.errors import SerialError

from streams.embedded import deletions, wire
from streams.embedded.compatibility import Compatibility
from streams.embedded.ends import BUFFER_BYTES, THIS_MACHINE, Ends, Partitions, Refused
from streams.embedded.keeper import Keeper, NoRoom
from streams.embedded.parts import NotTaken, SentPart, read_parts
from streams.embedded.wire import Beginning, Place, Unsupported

LAST_ANSWERS_S = 5.0

logger = logging.getLogger(__name__)


class Closed(Exception):
    """Nothing more is accepted into the topic."""


@dataclass(frozen=True, slots=True)
class Front:
    """What connections have in common: the broker's port, and what is kept, by topic, until `group` has committed.

    Into `closed` topics nothing is accepted: publishers get an error that they try again.
    """

    broker_port: int
    group: str
    keepers: Mapping[str, Keeper]
    closed: set[str] = field(default_factory=set)
    open_connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, port: socket.socket) -> asyncio.Server:
        """Listens, and accepts clients."""
        return await asyncio.start_server(self._accept, sock=port, limit=BUFFER_BYTES)

    def close(self, topic: str) -> None:
        """Accepts nothing more into a topic."""
        logger.info("nothing more is accepted into %s: the instance stops", topic)
        self.closed.add(topic)

    async def hang_up(self) -> None:
        """Ends all connections."""
        for connection in self.open_connections:
            connection.cancel()
        await asyncio.gather(*self.open_connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._attend(Ends(reader, writer)))
        self.open_connections.add(connection)
        connection.add_done_callback(self.open_connections.discard)

    async def _attend(self, client: Ends) -> None:
        try:
            broker = await asyncio.open_connection(THIS_MACHINE, self.broker_port, limit=BUFFER_BYTES)
            await ClientConnection(self, client, Ends(*broker)).run()
        except OSError as error:
            logger.warning("the broker cannot be reached: %s", error)
        finally:
            client.writer.close()


@dataclass(frozen=True, slots=True)
class Due:
    """The next response of a connection: one of ours, or the broker's, which `read` looks at before it is passed on.

    Without `passed_on` the client gets nothing: it asked for no answer. The one that is the `last` is none at all.
    """

    ours: bytes = b""
    read: Callable[[bytes], None] | None = None
    passed_on: bool = True
    last: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedPart:
    """A part of a request that is on the disk: where it goes, its number in the spool, and its records.

    `promised`: its publisher wants no answer, and so takes it for accepted.
    """

    place: Place
    number: int
    records: int
    promised: bool


class ClientConnection:
    """One client, and a connection to the broker of its own; responses come in the order of the requests."""

    def __init__(self, front: Front, client: Ends, broker: Ends) -> None:
        self._front = front
        self._client = client
        self._broker = broker
        self._partitions = Partitions(front.broker_port)
        self._compatibility = Compatibility(front.broker_port, front.group)
        self._due: asyncio.Queue[Due] = asyncio.Queue()
        self._unanswered: set[AcceptedPart] = set()

    async def run(self) -> None:
        """Until one side ends it; a client that goes leaves nothing half done."""
        requests, responses = (asyncio.create_task(pump) for pump in (self._requests(), self._responses()))
        try:
            await asyncio.wait((requests, responses), return_when=asyncio.FIRST_COMPLETED)
            self._due.put_nowait(Due(last=True))
            await asyncio.wait((responses,), timeout=LAST_ANSWERS_S)
        finally:
            for pump in (requests, responses):
                pump.cancel()
            for outcome in await asyncio.gather(requests, responses, return_exceptions=True):
                self._report(outcome)
            self._broker.writer.close()
            self._abandon([entry for entry in self._unanswered if not entry.promised])

    def _report(self, outcome: object) -> None:
        if isinstance(outcome, Unsupported | Refused | SerialError | struct.error):
            logger.warning("a client was cut off: %s", outcome)
        elif isinstance(outcome, Exception) and not isinstance(outcome, OSError | EOFError):
            logger.error("a client was cut off", exc_info=outcome)

    async def _requests(self) -> None:
        while True:
            frame = await self._client.frame()
            start = wire.beginning(frame)
            if start.api == wire.PRODUCE:
                await self._produce(frame, start)
            elif (ours := await self._compatibility.answer(frame, start)) is not None:
                self._due.put_nowait(Due(ours))
            elif start.api == deletions.DELETE_TOPICS:
                await self._delete(frame)
            else:
                watch = self._committing(frame, start) if start.api == wire.OFFSET_COMMIT else None
                await self._pass_on(await self._compatibility.request(frame, start), Due(read=watch))

    async def _pass_on(self, frame: bytes, due: Due) -> None:
        self._due.put_nowait(due)
        await self._broker.send(wire.SIZE.pack(len(frame)), frame)

    async def _produce(self, frame: bytes, start: Beginning) -> None:
        request = wire.read_produce(frame)
        try:
            # To read every record is too long for the event loop.
            parts = await asyncio.to_thread(read_parts, request, self._front.keepers)
            kept = await self._keep(parts, promised=request.wants_no_answer)
        except (NotTaken, NoRoom, Closed) as error:
            logger.warning("a publisher was refused: %s", error)
            if request.wants_no_answer:
                raise Unsupported("it wants no answer, so that this is the only way to refuse") from error
            self._due.put_nowait(Due(request.refusal(error.errors if isinstance(error, NotTaken) else {})))
            return
        self._unanswered.update(kept)
        due = Due(read=lambda answer: self._produced(answer, start, kept), passed_on=not request.wants_no_answer)
        # The broker answers also where no answer is wanted: asked for one, its offsets can be relied on.
        if request.wants_no_answer or any(part.changed for part in parts):
            frame = request.answered([part.records for part in parts])[wire.SIZE.size :]
        await self._pass_on(frame, due)

    async def _delete(self, frame: bytes) -> None:
        deletion = deletions.read_deletion(frame)
        if any(topic is None or topic in self._front.keepers for topic in deletion.topics):
            logger.warning("topics are not deleted, since one of them is kept: %s", deletion.topics)
            self._due.put_nowait(Due(deletion.refusal()))
        else:
            await self._pass_on(frame, Due())

    async def _keep(self, parts: Sequence[SentPart], *, promised: bool) -> list[AcceptedPart]:
        await self._look_for_places(parts)
        by_topic: dict[str, list[SentPart]] = {}
        for part in parts:
            if part.topic in self._front.closed:
                raise Closed(f"nothing is accepted into {part.topic} while the instance stops")
            if part.topic in self._front.keepers:
                by_topic.setdefault(part.topic, []).append(part)
        kept: list[AcceptedPart] = []
        try:
            for topic, its_parts in by_topic.items():
                numbers = await self._front.keepers[topic].keep([(part.partition, part.records) for part in its_parts])
                for number, part in zip(numbers, its_parts, strict=True):
                    kept.append(AcceptedPart((topic, part.partition), number, part.count, promised))
        except BaseException:
            self._abandon(kept)
            raise
        return kept

    async def _look_for_places(self, parts: Sequence[SentPart]) -> None:
        """The broker takes any partition of any topic, and nobody would read what is there."""
        errors = {
            (part.topic, part.partition): ErrorCode.unknown_topic_or_partition
            for part in parts
            if part.topic in self._front.keepers and not await self._partitions.has(part.topic, part.partition)
        }
        if errors:
            raise NotTaken(errors, f"there is no such partition: {sorted(errors)}")

    def _produced(self, answer: bytes, start: Beginning, kept: list[AcceptedPart]) -> None:
        offsets = wire.base_offsets(answer, start.version)
        for entry in kept:
            self._unanswered.discard(entry)
            topic, partition = entry.place
            if entry.place in offsets:
                first = offsets[entry.place]
                self._front.keepers[topic].assigned(entry.number, partition, range(first, first + entry.records))
            else:
                self._abandon([entry])

    def _abandon(self, entries: list[AcceptedPart]) -> None:
        for entry in entries:
            self._front.keepers[entry.place[0]].abandon([entry.number])

    def _committing(self, frame: bytes, start: Beginning) -> Callable[[bytes], None] | None:
        group, offsets = wire.read_offset_commit(frame)
        if group != self._front.group:
            return None

        def committed(answer: bytes) -> None:
            for topic, partition in wire.accepted_commits(answer, start.version):
                if topic in self._front.keepers:
                    self._front.keepers[topic].committed(partition, offsets[topic, partition])

        return committed

    async def _responses(self) -> None:
        while not (due := await self._due.get()).last:
            if due.ours:
                await self._answer(due.ours)
            elif due.read is None:
                await self._relay(await self._broker.size())
            else:
                answer = await self._broker.frame()
                due.read(answer)
                if due.passed_on:
                    await self._answer(wire.SIZE.pack(len(answer)), answer)

    async def _relay(self, size: int) -> None:
        await self._answer(wire.SIZE.pack(size))
        while size:
            piece = await self._broker.reader.read(min(size, BUFFER_BYTES))
            if not piece:
                raise EOFError
            size -= len(piece)
            await self._answer(piece)

    async def _answer(self, *pieces: bytes) -> None:
        with suppress(ConnectionError):  # it has gone: the answers to what it sent are read all the same
            await self._client.send(*pieces)

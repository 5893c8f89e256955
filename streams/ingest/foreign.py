"""Records of sources in a worker: which of its topics have some, by the file that is in force."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from metrics.events.event import RecordLimits
from metrics.sources.decoding import MappedRun, decode_routed
from metrics.sources.model import RawHeaders
from metrics.sources.routing import Routes, is_pattern, matching
from streams.settings.settings import KafkaSettings
from streams.sources.file import SourcesWatcher
from streams.sources.schema_registry import SchemaRegistry

Ask = Callable[[str, Callable[[], None]], Awaitable[None]]
"""Does what it is given in a thread, again and again while what that needs is away."""

_INTERNAL: Final = "__"
"""How Kafka's own topics begin."""


class ForeignRecords:
    """The sources in force, for the ingest of a worker."""

    def __init__(self, watcher: SourcesWatcher, topic: str, schemas: SchemaRegistry) -> None:
        """Asks for nothing yet.

        Args:
            watcher: The file of sources, followed.
            topic: That of our own events.
            schemas: Those of records in Avro and Protobuf.
        """
        self._watcher, self._topic, self._schemas = watcher, topic, schemas

    def routes(self, topic: str) -> Routes | None:
        """What may become of the records of a topic; None where all of them are events in our own JSON."""
        return self._watcher.current.routes(topic, self._topic)

    async def decode(
        self, values: Sequence[bytes | None], headers: Sequence[RawHeaders | None], stamps_ms: Sequence[int],
        limits: RecordLimits, routes: Routes, ask: Ask,
    ) -> MappedRun:  # fmt: skip
        """As `metrics.sources.decoding.decode_routed`; waits for schemas of records while the registry is away."""
        while True:
            mapped = decode_routed(values, headers, stamps_ms, limits, routes, self._schemas.lookup)
            if not mapped.missing:
                return mapped
            missing = mapped.missing
            await ask("schemas of records", lambda keys=missing: self._schemas.fetch(keys))  # type: ignore[misc]


def topics_to_read(wanted: Iterable[str], there: Iterable[str], kafka: KafkaSettings) -> list[str]:
    """The topics of sources that a worker subscribes to, sorted.

    Args:
        wanted: Names and patterns, as the sources have them. A topic that is named may come later.
        there: The topics of the broker.
        kafka: Our own topics, which are no source's: dead letters would be rejected for ever.
    """
    names = [name for name in wanted if not is_pattern(name)]
    patterns = [pattern for pattern in wanted if is_pattern(pattern)]
    found = [topic for topic in matching(patterns, list(there)) if not topic.startswith(_INTERNAL)]
    return sorted({*names, *found} - {kafka.topic, kafka.dlq_topic})

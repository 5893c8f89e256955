"""Which source takes a record: by its topic, its headers, and what is in it; by the name of a file."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from metrics.sources.mapping import SourceMapping
from metrics.sources.model import BY_SCHEMA, RawHeaders, Source
from metrics.sources.paths import Getter, Unevaluable, compile_path, is_true

NAMED_BY: Final = "cx-source"
"""The header by which a publisher says itself which source a record is of."""
REDRIVEN: Final = "cx-redriven"
"""The header of a record that is sent through again: where it was when it was rejected."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that may take records of a topic."""

    mapping: SourceMapping
    headers: Mapping[str, re.Pattern[str]]
    when: Getter | None

    def takes_headers(self, headers: Mapping[str, str]) -> bool:
        """Whether a record with these headers may be one of its own."""
        return all(name in headers and pattern.fullmatch(headers[name]) for name, pattern in self.headers.items())

    def takes(self, record: Any) -> bool:
        """Whether a record, by what is in it, is one of its own; what cannot be asked is not."""
        if self.when is None:
            return True
        try:
            return is_true(self.when(record))
        except Unevaluable:
            return False


@dataclass(frozen=True, slots=True)
class Routes:
    """What may become of the records of a topic.

    Attributes:
        candidates: The sources that may take them, in the order of the file.
        by_headers: Whether all of them ask for a header: a record without headers is none of theirs.
        deciding: The names of all headers that decide about a record, in lower case.
        is_native: Whether a record that none of them takes is an event in our own JSON.
        of_topic: The routes of another topic: a record that is sent through again comes on ours, and belongs there.
    """

    candidates: Sequence[Candidate]
    by_headers: bool
    deciding: Collection[str]
    is_native: bool
    of_topic: Callable[[str], "Routes | None"]

    def are_native(self, header_names: Iterable[str]) -> bool:
        """Whether all records that have no other headers are events in our own JSON: asked of many at once.

        Headers that decide nothing, such as those of tracing, may be there.
        """
        return self.by_headers and self.is_native and not any(name.lower() in self.deciding for name in header_names)

    @property
    def sole(self) -> SourceMapping | None:
        """The one source that takes all of the topic's records, if there is one."""
        first = self.candidates[0] if self.candidates else None
        takes_all = first is not None and not first.headers and first.when is None
        return first.mapping if first is not None and takes_all else None


class CompiledSources:
    """The sources of a file, compiled; `text` is the file that they were read from."""

    def __init__(self, sources: Sequence[Source], text: str = "") -> None:
        self.sources, self.text = tuple(sources), text
        self.mappings = {source.name: SourceMapping(source) for source in self.sources}
        self._routes: dict[tuple[str, str], Routes | None] = {}

    def routes(self, topic: str, native: str) -> Routes | None:
        """What may become of the records of a topic; None where all are events in our own JSON.

        Without any sources those of our own topic are looked at all the same: one may name a source by its header.

        Args:
            topic: Its name.
            native: The name of the topic of our own events.
        """
        known = (topic, native)
        if known not in self._routes:
            self._routes[known] = self._routes_of(topic, native) if self.sources or topic == native else None
        return self._routes[known]

    def of_file(self, name: str) -> SourceMapping | None:
        """The first source whose pattern a file's name fits."""
        return next(
            (self.mappings[source.name] for source in self.sources if source.file and _glob(source.file).match(name)),
            None,
        )

    def of_webhook(self, path: str) -> SourceMapping | None:
        """The source whose webhook calls a path of the gateway."""
        return next((self.mappings[source.name] for source in self.sources if source.http == path), None)

    def topics(self) -> list[str]:
        """The patterns of all topics that records of sources come from, each once."""
        return list(dict.fromkeys(topic for source in self.sources for topic in source.topics))

    def in_need_of_schemas(self) -> list[str]:
        """The names of the sources whose records cannot be read without a schema registry."""
        return [
            source.name for source in self.sources if source.format in BY_SCHEMA and (source.topics or source.headers)
        ]

    def _routes_of(self, topic: str, native: str) -> Routes:
        is_native = topic == native
        candidates = [
            Candidate(self.mappings[source.name], patterns, _condition(source))
            for source in self.sources
            for patterns in _ways(source, topic, is_native=is_native)
            if source.format != "csv"
        ]
        by_headers = all(candidate.headers for candidate in candidates)
        deciding = {NAMED_BY, REDRIVEN}.union(*(candidate.headers for candidate in candidates))
        return Routes(candidates, by_headers, deciding, is_native, lambda other: self.routes(other, native))


NO_SOURCES: Final = CompiledSources(())


def named(mapping: SourceMapping) -> Candidate:
    """A source that takes the records that name it in their header."""
    return Candidate(mapping, _by_name(mapping.source), _condition(mapping.source))


def headers_of(headers: RawHeaders | None) -> dict[str, str]:
    r"""A record's headers as text, names in lower case; of several with one name the last; those that are no text not.

    >>> headers_of([("CE_Type", b"nps"), ("trace", b"\xff")])
    {'ce_type': 'nps'}
    """
    result = {}
    for name, value in headers or ():
        try:
            result[name.lower()] = (value or b"").decode()
        except UnicodeDecodeError:
            continue
    return result


def matching(patterns: Sequence[str], topics: Sequence[str]) -> list[str]:
    """Those of some topics that fit one of the patterns.

    >>> matching(["cdp.*", "crm"], ["cdp.web", "crm", "crm.old"])
    ['cdp.web', 'crm']
    """
    return [topic for topic in topics if any(_glob(pattern).fullmatch(topic) for pattern in patterns)]


def is_pattern(topic: str) -> bool:
    """Whether it stands for several topics."""
    return "*" in topic


def _ways(source: Source, topic: str, *, is_native: bool) -> Iterator[Mapping[str, re.Pattern[str]]]:
    """The headers, each way, with which a record of a topic is a source's."""
    by_name = _by_name(source)
    own = {name: _glob(pattern) for name, pattern in source.headers.items()}
    # Sources that name no topic, but a header, take records of ours: a publisher that cannot choose a topic.
    if matching(source.topics, [topic]) if source.topics else is_native:
        yield own if source.headers or source.topics else by_name
    # What a webhook sends comes in our topic, whatever else comes from the source, and the gateway says whose it is.
    if is_native and source.http and (source.headers or source.topics):
        yield by_name


def _by_name(source: Source) -> Mapping[str, re.Pattern[str]]:
    return {NAMED_BY: re.compile(re.escape(source.name))}


def _condition(source: Source) -> Getter | None:
    return compile_path(source.when) if source.when else None


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern in which * stands for anything."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)

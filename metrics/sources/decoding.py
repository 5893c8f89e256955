"""Decoding where sources are: records of theirs are mapped, and go through the same decoder as our own.

A record gives all of its events or is rejected whole: sent through again, after its mapping was corrected, it counts
once either way.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from metrics.events.decoding import Run, decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason, Rejected
from metrics.events.scope import SCOPED_BY, Scope, scope_of
from metrics.sources.mapping import SourceMapping
from metrics.sources.model import EVENT_FIELDS, RawHeaders
from metrics.sources.records import RecordReader
from metrics.sources.routing import NAMED_BY, REDRIVEN, Candidate, Routes, headers_of
from metrics.sources.unfit import Refusal
from metrics.sources.wire import SchemaKey, Schemas, no_schemas

_encode: Final = msgspec.json.Encoder().encode


class _Origin(msgspec.Struct):
    topic: str


_origin: Final = msgspec.json.Decoder(_Origin).decode
_NO_HEADERS: Final[Mapping[str, str]] = {}
UNKNOWN_SOURCE: Final = "(unknown)"
"""What is counted for a source that the file has not: anybody may name any."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NO_SCOPE: Final = f"header {SCOPED_BY} cannot be read, so that nothing is known to be its sender's to send"
_NOTHING: Final = object()
"""The record of a tombstone: in a topic of a source it says that something was deleted, and gives nothing."""


@dataclass(slots=True)
class MappedRun:
    """The outcome of a run of records, some of which were mapped.

    Attributes:
        run: As of a run of our own; the events of one record follow each other, those of rejected ones are not there.
        stamps_ms: The Kafka timestamp of each event's record, milliseconds since 1970.
        outcomes: How many records of each source were mapped, dropped and rejected.
        missing: Schemas to ask for first: all else does not count until the run is decoded with them.
    """

    run: Run
    stamps_ms: list[int]
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: Collection[SchemaKey] = ()


class _Expanded:
    """The records of a run with those of sources replaced by their events."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []
        self.origins: list[int] = []
        self.mappings: dict[int, SourceMapping] = {}
        self.scopes: dict[int, Scope] = {}
        self.rejected: dict[int, Rejected] = {}
        self.dropped: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def keep(self, position: int, value: bytes | None) -> None:
        self.values.append(value)
        self.origins.append(position)

    def add(self, position: int, mapping: SourceMapping, values: Sequence[bytes]) -> None:
        if len(values) == 1:
            self.values.append(values[0])
            self.origins.append(position)
        else:
            self.values += values
            self.origins += [position] * len(values)
        self.mappings[position] = mapping
        if not values:
            self.dropped[mapping.source.name] += 1

    def reject(self, position: int, source: str, rejected: Rejected) -> None:
        self.rejected[position] = rejected
        self.refused[source] += 1

    def outcomes(self) -> Counter[tuple[str, str]]:
        taken = Counter(self.mappings.values())
        result = Counter({(mapping.source.name, "mapped"): count for mapping, count in taken.items()})
        for source, count in self.dropped.items():
            result[source, "dropped"] += count
            result[source, "mapped"] -= count
        for source, count in self.refused.items():
            result[source, "rejected"] += count
        return result


def decode_routed(
    values: Sequence[bytes | None], headers: Sequence[RawHeaders | None], stamps_ms: Sequence[int],
    limits: RecordLimits, routes: Routes, schemas: Schemas = no_schemas,
) -> MappedRun:  # fmt: skip
    """Decodes and validates a run of records of a topic that sources take records of.

    Args:
        values: The value of each.
        headers: The headers of each.
        stamps_ms: The Kafka timestamp of each, milliseconds since 1970.
        limits: The size and age that a record may have.
        routes: What may become of them.
        schemas: Those that records were written with, as far as they are known.

    Returns:
        As `metrics.events.decoding.decode_run`: nothing is raised, whatever the bytes.
    """
    expanded, reader = _Expanded(), RecordReader(limits, schemas)
    sole = routes.sole
    for position, value in enumerate(values):
        raw = headers[position]
        if sole is not None:
            record = _NOTHING if value is None else reader.read(sole.source, value, raw)
            _map(expanded, position, sole, record, raw)
        elif routes.by_headers and routes.is_native and not raw:
            expanded.keep(position, value)
        else:
            _expand(expanded, position, value, raw, reader, routes)
    if reader.missing:
        return MappedRun(Run(), [], missing=reader.missing)
    run = decode_run(expanded.values, [stamps_ms[position] for position in expanded.origins], limits)
    if expanded.scopes:
        _reject_out_of_scope(expanded, run)
    return _gathered(expanded, run, stamps_ms)


def encoded(mapping: SourceMapping, record: Any, headers: Mapping[str, str]) -> list[bytes] | Refusal:
    """The events of a record, each as JSON; or why there are none."""
    events = mapping.events(record, headers)
    if isinstance(events, Refusal):
        return events
    try:
        return [_encode(event) for event in events]
    except UnicodeEncodeError:
        return Refusal(mapping.source.name, Reason.BAD_VALUE, "a text has half of a surrogate pair, which is no letter")


def rejected_event(mapping: SourceMapping, rejected: Rejected) -> Rejected:
    """Why one of a record's events was rejected, with the source and where the field was read from."""
    name = rejected.detail.partition(" ")[0].rstrip(":")
    origin = mapping.origin_of(name) if name in EVENT_FIELDS else ""
    where = f", {name} from {origin}" if origin else ""
    return Rejected(
        rejected.reason, f"source {mapping.source.name}{where}: {rejected.detail}", rejected.field, mapping.source.name
    )


def _expand(
    expanded: _Expanded, position: int, value: bytes | None, raw: RawHeaders | None,
    reader: RecordReader, routes: Routes,
) -> None:  # fmt: skip
    headers = headers_of(raw)
    if routes.is_native and REDRIVEN in headers:
        routes = _routes_of_origin(headers[REDRIVEN], routes)
    candidates = [candidate for candidate in routes.candidates if candidate.takes_headers(headers)]
    if not candidates and routes.is_native and NAMED_BY in headers:
        expanded.reject(position, UNKNOWN_SOURCE, _unknown(headers[NAMED_BY]))
        return
    if not candidates:
        _take_as_native(expanded, position, value, routes)
        return
    named = next((candidate.mapping for candidate in candidates if NAMED_BY in candidate.headers), None)
    is_shared = routes.is_native and named is None and all(candidate.when for candidate in candidates)
    if value is None and not is_shared:
        _map(expanded, position, candidates[0].mapping, _NOTHING, raw)
        return
    mapping, record = _chosen(candidates, value, raw, reader)
    if mapping is not None:
        _map(expanded, position, mapping, record, raw)
    elif isinstance(record, Rejected) and not is_shared:
        expanded.reject(position, candidates[0].mapping.source.name, record)
    elif named is not None:
        expanded.reject(position, named.source.name, _untaken(named))
    else:
        _take_as_native(expanded, position, value, routes)  # none of them knows it for its own


def _map(expanded: _Expanded, position: int, mapping: SourceMapping, record: Any, raw: RawHeaders | None) -> None:
    if record is _NOTHING:
        expanded.add(position, mapping, ())
        return
    if isinstance(record, Rejected):
        expanded.reject(position, mapping.source.name, record)
        return
    headers = headers_of(raw) if raw else _NO_HEADERS
    if SCOPED_BY in headers:
        expanded.scopes[position] = scope_of(headers[SCOPED_BY])
    result = encoded(mapping, record, headers)
    if isinstance(result, Refusal):
        expanded.reject(position, mapping.source.name, result.rejected())
    else:
        expanded.add(position, mapping, result)


def _routes_of_origin(mark: str, routes: Routes) -> Routes:
    """Those of the topic from which a record came that is sent through again; anybody may have written the mark."""
    try:
        topic = _origin(mark).topic
    except (msgspec.DecodeError, RecursionError):
        return routes
    return routes.of_topic(topic) or routes


def _take_as_native(expanded: _Expanded, position: int, value: bytes | None, routes: Routes) -> None:
    if routes.is_native:
        expanded.keep(position, value)
        return
    name = routes.candidates[0].mapping.source.name if routes.candidates else ""
    detail = "no [[source]] of its topic takes this record: look at header and when (cxb sources try)"
    expanded.reject(position, name, Rejected(Reason.BAD_VALUE, detail, source=name))


def _untaken(mapping: SourceMapping) -> Rejected:
    """Why a record that names its source is rejected: taken for ours it would be whatever its sender likes."""
    name = mapping.source.name
    detail = f"source {name}: its `when` does not take this record, whose header names it (cxb sources try)"
    return Rejected(Reason.BAD_VALUE, detail, source=name)


def _unknown(name: str) -> Rejected:
    """Why a record is rejected whose source is none here: gateway and workers may have different files."""
    named = f"the source {name}" if _NAME.fullmatch(name) else "a source"
    remedy = "give this worker the file that the gateway has, then cxb redrive"
    return Rejected(
        Reason.BAD_VALUE, f"its header names {named}, which no [[source]] here has for this topic: {remedy}"
    )


def _reject_out_of_scope(expanded: _Expanded, run: Run) -> None:
    """A webhook's record is mapped as the file says now: what its token may not send stays out, whatever that is."""
    refused = {index for index, _ in run.rejected}
    accepted = [position for index, position in enumerate(expanded.origins) if index not in refused]
    for position, event in zip(accepted, run.events, strict=True):
        scope = expanded.scopes.get(position)
        mapping = expanded.mappings.get(position)
        if scope is not None and mapping is not None and (foreign := scope.foreign(event)) is not None:
            name = mapping.source.name
            detail = f"source {name}: {foreign.detail}" if scope.touchpoints else f"source {name}: its {_NO_SCOPE}"
            expanded.reject(position, name, Rejected(Reason.BAD_VALUE, detail, foreign.field, name))
            del expanded.mappings[position]


def _chosen(
    candidates: Sequence[Candidate], value: bytes | None, raw: RawHeaders | None, reader: RecordReader
) -> tuple[SourceMapping | None, Any]:
    """The first that takes a record, and the record by its format; or else the record, or why none can read it."""
    read: dict[object, Any] = {}
    for candidate in candidates:
        source = candidate.mapping.source
        layout = source.format, source.tsv
        if layout not in read:
            read[layout] = reader.read(source, value, raw)
        record = read[layout]
        if not isinstance(record, Rejected) and candidate.takes(record):
            return candidate.mapping, record
    readable = (record for record in read.values() if not isinstance(record, Rejected))
    return None, next(readable, next(iter(read.values())))


def _gathered(expanded: _Expanded, run: Run, stamps_ms: Sequence[int]) -> MappedRun:
    rejected = expanded.rejected
    refused = {index for index, _ in run.rejected}
    for index, verdict in run.rejected:
        position = expanded.origins[index]
        mapping = expanded.mappings.get(position)
        if position not in rejected:
            rejected[position] = verdict if mapping is None else rejected_event(mapping, verdict)
            if mapping is not None:
                del expanded.mappings[position]
                expanded.refused[mapping.source.name] += 1
    accepted = [position for index, position in enumerate(expanded.origins) if index not in refused]
    result = Run(rejected=sorted(rejected.items()), unknown_fields=run.unknown_fields, strangers=run.strangers)
    kept = [index for index, position in enumerate(accepted) if position not in rejected] if rejected else None
    if kept is None or len(kept) == len(accepted):
        result.events, result.occurred_ms = run.events, run.occurred_ms
    else:
        result.events = [run.events[index] for index in kept]
        result.occurred_ms = [run.occurred_ms[index] for index in kept]
        accepted = [accepted[index] for index in kept]
    return MappedRun(result, [stamps_ms[position] for position in accepted], expanded.outcomes())

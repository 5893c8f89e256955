"""The two paths of ingest next to each other: what Python and native code make of the same fetches.

`python -m tests.streams.native.twins 10000000` compares them on so many records by chance, in batches by chance.
"""

import random
import sys
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast
from unittest.mock import patch

from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.common import write_leb128
from clickhouse_connect.driver.insert import InsertContext
from faust.types import TP

from metrics.events import facts
from metrics.events.event import RecordLimits
from metrics.events.placeholders import placeholders_of
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.ingest.batch import Batch, Decoded
from streams.ingest.native import NativeLanding, NativeRows, Others
from streams.ingest.records import header_names, is_run, size_of
from streams.kafka.dead_letters import DeadLetter
from streams.registry.file import CompiledRegistry
from tests.streams.given import Record
from tests.streams.native import batches
from tests.streams.native.chance import STAMP_MS, records

KEYS: Final = (b"k" * 32, b"o" * 32)
PLACEHOLDERS: Final = placeholders_of("+ guest, ß")
LIMITS: Final = RecordLimits()
VERSION_MS: Final = 1_770_000_123_456
RUN: Final = 2_500
REGISTRY: Final = """
version = "7"
policy = "single"
sponsor = "sales"
[[department]]
id = "sales"
name = "Sales"
office = "front"
[[department]]
id = "care"
name = "Care"
office = "back"
[[ownership]]
touchpoint = "web.*"
owner = "sales"
to = 2026-01-15
[[ownership]]
touchpoint = "web.*"
owner = "care"
from = 2026-01-15
[[ownership]]
touchpoint = "web.cart"
segment = "smb"
kind = "nps"
owner = "care"
[[ownership]]
touchpoint = "delivery.*"
region = "it"
owner = "sales"
from = 2026-01-20T10:30:00Z
"""

_TYPES: Final = {
    "event_id": "String", "occurred_at": "DateTime64(3, 'UTC')", "customer": "String", "journey": "String",
    "score": "Nullable(UInt8)", "amount": "Nullable(Decimal(18, 4))", "count": "UInt32", "details": "String",
    "ingested_at": "DateTime64(3, 'UTC')",
}  # fmt: skip


def compiled() -> CompiledRegistry:
    """Owners that depend on time, segment, region and kind."""
    registry = parse(REGISTRY)
    return CompiledRegistry(registry, Attribution(registry), REGISTRY)


class Outcome(NamedTuple):
    """What becomes of records: their dead letters, what is counted, and the rows as bytes with their timestamps."""

    rejected: Sequence[Sequence[DeadLetter]]
    counted: object
    nobodies: object
    tally: object
    stamps_ms: Sequence[int]
    block: bytes


Runs = Sequence[Sequence[Any]]
"""Records as fetches hand them out."""


def listed(values: Sequence[bytes | None]) -> list[Record]:
    """Records with these values, one by one."""
    return [Record(offset, value, STAMP_MS) for offset, value in enumerate(values)]


def columns_by_python(runs: Runs, rules: CompiledRegistry) -> facts.Columns:
    """The facts that Python makes of runs of records."""
    batch = Batch(rules)
    for run in runs:
        gather(batch, run)
    return columns_of(batch, rules)


def landing_by_native(runs: Runs, rules: CompiledRegistry) -> NativeLanding:
    """The facts of runs of records, those that are plain by native code."""
    batch = Batch(rules, NativeRows(LIMITS, PLACEHOLDERS))
    for run in runs:
        gather(batch, run)
    return _landing(batch, columns_of(batch, rules), rules)


def by_python(runs: Runs, rules: CompiledRegistry) -> Outcome:
    """What becomes of runs of records by Python alone."""
    batch = Batch(rules)
    gathered = [gather(batch, run) for run in runs]
    columns = columns_of(batch, rules)
    nobodies = facts.sources_of_nobody(batch.events, columns)
    names = (*facts.column_names(columns), "ingested_at")
    block = driver_block(names, [*columns, [VERSION_MS] * len(columns[0])])
    letters, counts = _letters(runs, gathered), _counts(runs, gathered)
    return Outcome(letters, counts, nobodies, facts.tally(columns), batch.stamps_ms, block)


def by_native(runs: Runs, rules: CompiledRegistry) -> tuple[Outcome, int]:
    """The same by native code, with Python for what is not plain; and how many records were."""
    batch = Batch(rules, NativeRows(LIMITS, PLACEHOLDERS))
    native = cast(NativeRows, batch.native)
    gathered = [gather(batch, run) for run in runs]
    columns = columns_of(batch, rules)
    nobodies, plain = facts.sources_of_nobody(batch.events, columns), len(native)
    nobodies.update(native.nobodies())
    landing = _landing(batch, columns, rules)
    letters, counts = _letters(runs, gathered), _counts(runs, gathered)
    stamps_ms, block = landing.stamps_ms, landing.columns.block(VERSION_MS)
    return Outcome(letters, counts, nobodies, landing.tally(), stamps_ms, block), plain


def _landing(batch: Batch, columns: facts.Columns, rules: CompiledRegistry) -> NativeLanding:
    earlier = facts.earlier_hashes(batch.events, KEYS[0], KEYS[1:])
    others = Others(columns, batch.ordinals, batch.stamps_ms, earlier)
    return cast(NativeRows, batch.native).landing(rules, KEYS, others)


def gather(batch: Batch, run: Sequence[Any]) -> Decoded:
    """Adds a run of records to a batch, as ingest does; returns what Python had to do."""
    decoded = batch.decoded(run, LIMITS)
    batch.events += decoded.run.events
    batch.occurred_ms += decoded.run.occurred_ms
    batch.ordinals += decoded.ordinals
    batch.stamps_ms += decoded.stamps_ms
    return decoded


def columns_of(batch: Batch, rules: CompiledRegistry) -> facts.Columns:
    """The facts of what Python took of a batch."""
    return facts.columns(batch.events, batch.occurred_ms, rules.attribution, rules.version, KEYS[0], PLACEHOLDERS)


def _letters(runs: Runs, gathered: Sequence[Decoded]) -> list[list[DeadLetter]]:
    return [
        [DeadLetter.of(TP("t", 0), run[position], why) for position, why in decoded.run.rejected]
        for run, decoded in zip(runs, gathered, strict=True)
    ]


def _counts(runs: Runs, gathered: Sequence[Decoded]) -> object:
    named = [(size_of(run), set(header_names(run))) for run in runs]
    return named, [(each.run.unknown_fields, each.run.strangers) for each in gathered]


def driver_block(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> bytes:
    """The block that the driver writes of columns, with texts that come again as numbers of a dictionary."""
    types = [get_from_name(_TYPES.get(name, "LowCardinality(String)")) for name in names]
    context = InsertContext("events", list(names), types, column_oriented=True)
    output = bytearray()
    write_leb128(len(columns), output)
    write_leb128(len(columns[0]), output)
    for name, kind, column in zip(names, types, columns, strict=True):
        for text in (name.encode(), kind.insert_name.encode()):
            write_leb128(len(text), output)
            output += text
        context.start_column(name)
        kind.write_column(column, output, context)
    return bytes(output)


class Comparison(NamedTuple):
    """How much of what was compared native code did: records that it took, and fetches that stayed whole."""

    plain: int
    runs: int
    handed_out: int


def compare(seed: int, count: int, rules: CompiledRegistry) -> Comparison:
    """Compares both on records by chance, in batches by chance, from the fetch to the block.

    Raises:
        AssertionError: They differ; the text names a record with which they do, if it is one alone.
    """
    values, chance = records(seed, count), random.Random(seed)
    handed_out: list[Sequence[Any]] = []
    expected: list[Sequence[Any]] = []
    with patch.object(time, "time", lambda: VERSION_MS / 1000):  # when records without a timestamp were published
        while values:
            size, most = chance.choice((1, 100, 800)), chance.choice((None, 1, 50, 300))
            answered, values = batches.answer(chance, values[:size]), values[size:]
            found, other = (batches.chunks(answered, most, is_native=is_native) for is_native in (True, False))
            if batches.shown(found) != batches.shown(other):
                raise AssertionError(f"seed {seed}: other records are handed out, of {answered}")
            handed_out += [run for run, _ in found]
            expected += [run for run, _ in other]
        outcome, plain = by_native(handed_out, rules)
        if outcome != by_python(expected, rules):
            alone = [[record] for run in expected for record in run]
            culprits = [one for one in alone if by_native([one], rules)[0] != by_python([one], rules)]
            raise AssertionError(f"seed {seed}: the paths differ, alone with: {culprits[:5]}")
    return Comparison(plain, sum(map(is_run, handed_out)), len(handed_out))


def main(total: int, first: int = 0) -> None:
    """Compares so many records, and says how far it is."""
    rules, plain = compiled(), 0
    for number in range(first, first + total // RUN):
        plain += compare(number, RUN, rules).plain
        if number % 100 == 99:
            sys.stderr.write(f"\r{(number + 1 - first) * RUN:,} records, {plain:,} of them plain, no difference")
    sys.stderr.write("\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""The two paths of ingest next to each other: what Python and native code make of the same records.

`python -m tests.streams.native.twins 10000000` compares them on so many records by chance.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.common import write_leb128
from clickhouse_connect.driver.insert import InsertContext

from metrics.events import facts
from metrics.events.event import RecordLimits
from metrics.events.placeholders import placeholders_of
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.ingest.batch import Batch, Decoded
from streams.ingest.native import NativeLanding, NativeRows, Others
from streams.registry.file import CompiledRegistry
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
    """What becomes of records: which are rejected and why, what is counted, and the rows as bytes."""

    rejected: Sequence[object]
    counted: object
    nobodies: object
    tally: object
    block: bytes


def columns_by_python(runs: Sequence[Sequence[bytes | None]], rules: CompiledRegistry) -> facts.Columns:
    """The facts that Python makes of runs of records."""
    batch = Batch(rules)
    for run in runs:
        gather(batch, run)
    return columns_of(batch, rules)


def landing_by_native(runs: Sequence[Sequence[bytes | None]], rules: CompiledRegistry) -> NativeLanding:
    """The facts of runs of records, those that are plain by native code."""
    batch = Batch(rules, NativeRows(LIMITS, PLACEHOLDERS))
    for run in runs:
        gather(batch, run)
    return _landing(batch, columns_of(batch, rules), rules)


def by_python(runs: Sequence[Sequence[bytes | None]], rules: CompiledRegistry) -> Outcome:
    """What becomes of runs of records by Python alone."""
    batch = Batch(rules)
    gathered = [gather(batch, run) for run in runs]
    columns = columns_of(batch, rules)
    nobodies = facts.sources_of_nobody(batch.events, columns)
    names = (*facts.column_names(columns), "ingested_at")
    block = driver_block(names, [*columns, [VERSION_MS] * len(columns[0])])
    return Outcome([each.run.rejected for each in gathered], _counts(gathered), nobodies, facts.tally(columns), block)


def by_native(runs: Sequence[Sequence[bytes | None]], rules: CompiledRegistry) -> tuple[Outcome, int]:
    """The same by native code, with Python for what is not plain; and how many records were."""
    batch = Batch(rules, NativeRows(LIMITS, PLACEHOLDERS))
    native = cast(NativeRows, batch.native)
    gathered = [gather(batch, run) for run in runs]
    columns = columns_of(batch, rules)
    nobodies, plain = facts.sources_of_nobody(batch.events, columns), len(native)
    nobodies.update(native.nobodies())
    landing = _landing(batch, columns, rules)
    rejected, block = [each.run.rejected for each in gathered], landing.columns.block(VERSION_MS)
    return Outcome(rejected, _counts(gathered), nobodies, landing.tally(), block), plain


def _landing(batch: Batch, columns: facts.Columns, rules: CompiledRegistry) -> NativeLanding:
    earlier = facts.earlier_hashes(batch.events, KEYS[0], KEYS[1:])
    others = Others(columns, batch.ordinals, batch.stamps_ms, earlier)
    return cast(NativeRows, batch.native).landing(rules, KEYS, others)


def gather(batch: Batch, values: Sequence[bytes | None]) -> Decoded:
    """Adds a run of records to a batch, as ingest does; returns what Python had to do."""
    decoded = batch.decoded(list(values), [STAMP_MS] * len(values), LIMITS)
    batch.events += decoded.run.events
    batch.occurred_ms += decoded.run.occurred_ms
    batch.ordinals += decoded.ordinals
    batch.stamps_ms += decoded.stamps_ms
    return decoded


def columns_of(batch: Batch, rules: CompiledRegistry) -> facts.Columns:
    """The facts of what Python took of a batch."""
    return facts.columns(batch.events, batch.occurred_ms, rules.attribution, rules.version, KEYS[0], PLACEHOLDERS)


def _counts(gathered: Sequence[Decoded]) -> object:
    return [(each.run.unknown_fields, each.run.strangers) for each in gathered]


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


def compare(seed: int, count: int, rules: CompiledRegistry) -> int:
    """Compares both on records by chance, in two runs of one batch; returns how many were plain.

    Raises:
        AssertionError: They differ; the text names a record with which they do.
    """
    values = records(seed, count)
    runs = [values[: count // 3], values[count // 3 :]]
    expected = by_python(runs, rules)
    outcome, plain = by_native(runs, rules)
    if outcome != expected:
        culprits = [value for value in values if by_native([[value]], rules)[0] != by_python([[value]], rules)]
        raise AssertionError(f"seed {seed}: the paths differ, alone with: {culprits[:5]}")
    return plain


def main(total: int, first: int = 0) -> None:
    """Compares so many records, and says how far it is."""
    rules, plain = compiled(), 0
    for number in range(first, first + total // RUN):
        plain += compare(number, RUN, rules)
        if number % 100 == 99:
            sys.stderr.write(f"\r{(number + 1 - first) * RUN:,} records, {plain:,} of them plain, no difference")
    sys.stderr.write("\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

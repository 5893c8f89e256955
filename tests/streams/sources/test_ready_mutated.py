"""Samples of the ready-made sources with values changed and bytes broken: mapped, or rejected with their place."""

import csv
import json
import random
from typing import Any

import msgspec
import pytest
import tomlkit

from metrics.events.event import RecordLimits
from metrics.sources.decoding import decode_routed
from metrics.sources.parsing import parse_sources
from metrics.sources.routing import CompiledSources
from streams.sources.ready import ready_sources, sample_of

NAMES = sorted(set(ready_sources()) - {"surveymonkey"})  # which has no event of its own
MORE: dict[str, dict[str, Any]] = {
    "qualtrics-csv": {"score": {"path": "Q1"}, "occurred_at": {"zone": "UTC"}},
    "google-forms-csv": {"score": {"column": "How likely are you to recommend us?"}, "occurred_at": {"zone": "UTC"}},
    "medallia-csv": {"score": {"column": "q_ltr"}, "occurred_at": {"zone": "UTC"}},
    "formbricks": {"score": {"path": "data.data.q_nps"}},
}
LEAVES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1e300, -0.0, "", " ", "x" * 200, "9", "ü", "2026-11-20T09:59:30Z", [], {}, [[]],
    {"a": 1}, 1_795_168_770, 1e18, -(10**18), "\0", '"' * 5,
)  # fmt: skip
HEADERS = ("ce_id", "ce_source", "ce_time", "cx-redriven")
CONTENTS = (b"1", b"\xff", b'{"topic":"x"}', b"2026-11-20T09:59:30Z", None)


def compiled(name: str) -> CompiledSources:
    fields = {"touchpoint": "web.checkout", **MORE.get(name, {})}
    form = "tsv" if ready_sources()[name].get("format") == "tsv" else "json"
    source = {"name": name, "like": name, "format": form, "topic": name, "header": {}, "fields": fields}
    return CompiledSources(parse_sources(tomlkit.dumps({"source": [source]}), ready_sources()))


def records_of(name: str) -> list[Any]:
    text, suffix = sample_of(name).read_text(), sample_of(name).suffix
    if suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    if suffix == ".tsv":
        return [line.split("\t") for line in text.splitlines()]
    return [json.loads(text)] if suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def mutated(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.06:
        return chance.choice(LEAVES)
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if chance.random() > 0.02}
        return {name + "x" * (chance.random() < 0.02): mutated(inner, chance) for name, inner in kept.items()}
    return [mutated(inner, chance) for inner in value] if isinstance(value, list) else value


def written(record: Any, chance: random.Random) -> bytes:
    changed = mutated(record, chance)
    if not isinstance(record, list) or not all(isinstance(text, str) for text in record):
        return msgspec.json.encode(changed)
    texts = changed if isinstance(changed, list) else [changed]
    return "\t".join(text if isinstance(text, str) else str(text) for text in texts).encode()


def broken(value: bytes, chance: random.Random) -> bytes:
    changed = bytearray(value)
    for _ in range(chance.randint(1, 4) if chance.random() < 0.2 else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_tool_sends_is_mapped_or_rejected_with_the_name_of_its_source(name: str) -> None:
    chance, routes = random.Random(name), compiled(name).routes(name, "cx.touchpoints")
    assert routes is not None
    originals = records_of(name)
    for _ in range(300):
        value = broken(written(chance.choice(originals), chance), chance)
        headers = [(chance.choice(HEADERS), chance.choice(CONTENTS))]
        mapped = decode_routed([value], [headers], [1_795_168_770_000], RecordLimits(), routes)
        assert sum(mapped.outcomes.values()) == 1, value
        for _, why in mapped.run.rejected:
            assert why.source == name
            assert why.detail.startswith(f"source {name}")

"""Records by chance: events of ours, whole or spoilt in one of many ways, for what must judge them alike."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from metrics.catalogue import ALL_KINDS, KINDS

STAMP_MS: Final = 1_770_000_000_000
"""The Kafka timestamp of all of them: 2026-02-02T02:40:00Z."""

_ODD_TEXTS: Final = (
    '""', '" "', '"null"', '"NULL "', '" anonymous"', '"N/A"', '"é"', '"ß"', '"İ"', '"\u00a0"', '"\u0085"', '"\x7f"',
    '"a\\nb"', '"\\u0041"', '"\\ud800"', '"\\"x\\""', '"\U0001f6d2"', '"a b"', '"web.Cart"', '"web..cart"', '".web"',
    '"x.y-z_0"', '"' + "x" * 64 + '"', '"' + "x" * 65 + '"', '"' + "é" * 64 + '"', '"' + "x" * 128 + '"',
    '"' + "x" * 129 + '"', "null", "true", "1", "[]", "{}", '"EUR"', '"eur"', '"E R"', '"EURO"', '"12"', "",
)  # fmt: skip
_ODD_NUMBERS: Final = (
    "0", "1", "5", "7", "10", "11", "-1", "-0", "0.0", "5.0", "5e0", "1E1", "01", "+1", "1.", ".5", "255", "256",
    "1000000000", "1000000001", "4294967296", "9223372036854775808", "1e400", "NaN", "Infinity", '"5"', "null", "true",
)  # fmt: skip
_AMOUNTS: Final = (
    '"19.90"', "19.90", '"0"', "0", "0.0", '"0.0001"', '"0.00010"', "0.00001", '"999999999999.9999"', "1000000000000",
    '"1000000000000"', '"12,5"', '"-1"', "-1", "1e3", '"1e3"', '"00012.5"', "00012.5", '".5"', '"5."', '" 5"', "null",
    '"٣"', '"1_0"', "12.3400000000000000000000000000000000000000", '""', '"12.345"', '"1\\u0032"', "[]",
)  # fmt: skip
_TIMES: Final = (
    "2026-02-02T02:40:00Z", "2026-02-02T02:40:00.123Z", "2026-02-02T02:40:00.1239Z", "2026-02-02T02:40:00.999999Z",
    "2026-02-02T02:40:00.9999999Z", "2026-02-02T02:40:00.000001+00:00", "2026-02-02T04:40:00+02:00",
    "2026-02-01T21:10:00-05:30", "2026-02-02T02:40:00-00:00", "2026-02-02T02:40:00+23:59", "2026-02-02T02:40:00+24:00",
    "2026-02-02T02:40:00+02:60", "2026-02-02T02:40:00+0200", "2026-02-02T02:40:00+02", "2026-02-02t02:40:00z",
    "2026-02-02 02:40:00Z", "2026-02-02T02:40:00", "2026-02-02", "2026-02-02T02:40Z", "2026-02-02T24:00:00Z",
    "2026-02-02T02:60:00Z", "2026-02-02T02:40:60Z", "2025-12-31T23:59:60Z", "2026-02-29T00:00:00Z",
    "2024-02-29T00:00:00Z", "2025-01-01T00:00:00Z", "2024-12-29T02:40:00Z", "2024-12-29T02:39:59.999Z",
    "2026-02-02T02:45:00Z", "2026-02-02T02:45:00.001Z", "2026-02-02T02:45:00.0009Z", "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z", "2106-02-07T06:28:15.999Z", "2106-02-07T06:28:16Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-00-02T02:40:00Z", "2026-02-02T02:40:00.Z",
    "2026-2-2T02:40:00Z", "٢026-02-02T02:40:00Z", "+2026-02-02T02:40:00Z", "2026-02-02T02:40:00,5Z", "1770000000",
)  # fmt: skip
_NO_EVENTS: Final = (
    None,
    b"",
    b"[]",
    b"{}",
    b"1",
    b"null",
    b'"x"',
    b"\xff",
    b"[" * 2_000,
    b'{"a":' * 2_000,
    b" " * 70_000,
)
_SCORES: Final[Mapping[str, int]] = {"nps": 10, "csat": 5, "ces": 7}
_OWN: Final = ('"answer":"sales"', '"role":"owner"', '"case_id":"c"', '"text":"sale"', '"value":0.5', '"colour":"red"')


def records(seed: int, count: int) -> list[bytes | None]:
    """So many records, the same for the same seed."""
    return list(_records(random.Random(seed), count))


def _records(chance: random.Random, count: int) -> Iterator[bytes | None]:
    for _ in range(count):
        fields = _event(chance)
        luck = chance.random()
        if luck < 0.25:
            _spoil(chance, fields)
        text = _listed(fields) if 0.35 < luck < 0.36 else _joined(chance, fields, is_strange=luck < 0.1)
        value = text.encode("utf-8", "surrogatepass")
        yield _hit(chance, value) if 0.25 < luck < 0.35 else value if luck < 0.998 else chance.choice(_NO_EVENTS)


def _event(chance: random.Random) -> dict[str, str]:
    kind = chance.choice(KINDS) if chance.random() < 0.94 else chance.choice(ALL_KINDS)
    day, hour, minute = chance.randint(1, 28), chance.randint(0, 23), chance.randint(0, 59)
    fraction = chance.choice(("", ".5", f".{chance.randint(0, 999):03d}", f".{chance.randint(0, 999_999):06d}"))
    zone = chance.choice(("Z", "+00:00", "+01:00", "-08:00"))
    fields = {
        "event_id": f'"e{chance.randint(0, 999_999)}"',
        "source": chance.choice(('"shop"', '"app"', '"crm-2"', '"caffè"')),
        "kind": f'"{kind}"',
        "touchpoint": chance.choice(('"web.cart"', '"web.checkout"', '"store"', '"delivery.parcel.late"')),
        "occurred_at": f'"2026-01-{day:02d}T{hour:02d}:{minute:02d}:{chance.randint(0, 59):02d}{fraction}{zone}"',
    }
    if kind in _SCORES:
        fields["score"] = str(chance.randint(1, _SCORES[kind]) + chance.choices((0, -1, 1), (40, 1, 1))[0])
    if kind in {"visit", "awareness"} and chance.random() < 0.5:
        fields["count"] = str(chance.randint(1, 500))
    if kind in {"conversion", "repeat_purchase"} and chance.random() < 0.8:
        fields |= {"amount": chance.choice(_AMOUNTS[:7]), "currency": chance.choice(('"EUR"', '"USD"'))}
    for name, values in _OF_KIND.get(kind, {}).items():
        fields[name] = chance.choice(values)
    for name, values in _OPTIONAL.items():
        if chance.random() < 0.5:
            fields[name] = chance.choice(values)
    return fields


_OF_KIND: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "ownership_answer": {"answer": ('"sales"', '"nobody"', '"don\'t know"'), "role": ('"agent"', '"größer"')},
    "success_answer": {"metric": ('"nps"', '"csat"'), "value": ("0.5", "30", "-1e3")},
    "spend": {"category": ('"media"', '"größer"'), "amount": _AMOUNTS[:7], "currency": ('"EUR"',)},
    "case_opened": {"case_id": ('"case-1"', '"case-2"')},
    "case_closed": {"case_id": ('"case-1"',), "resolved": ("true", "false")},
    "note": {"text": ('"sale"', '"voyage à pied"', '"\\u0041"'), "touchpoint": ('"web.cart"', '""')},
}
_OPTIONAL: Final[Mapping[str, Sequence[str]]] = {
    "customer": (*(f'"c{number}"' for number in range(40)), '"null"', '"Guest"', '" unknown "', '"Zoë"', '""'),
    "journey": ('"j-1"', '"j-2"', '"voyage à pied"'),
    "segment": ('"smb"', '"enterprise"', '"größer"'),
    "region": ('"it"', '"north east"'),
}
_ODD: Final[Mapping[str, Sequence[str]]] = {
    "score": _ODD_NUMBERS,
    "count": _ODD_NUMBERS,
    "amount": _AMOUNTS,
    "occurred_at": (*(f'"{text}"' for text in _TIMES), *_ODD_TEXTS),
    "kind": (*(f'"{kind}"' for kind in (*ALL_KINDS, "Visit", "nps ")), *_ODD_TEXTS),
}
_NAMES: Final = (
    "event_id", "source", "kind", "touchpoint", "occurred_at", "customer", "journey", "score", "amount", "currency",
    "count", "segment", "region",
)  # fmt: skip


def _spoil(chance: random.Random, fields: dict[str, str]) -> None:
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice(_NAMES)
        if chance.random() < 0.1:
            fields |= {"amount": chance.choice(_AMOUNTS), "currency": '"EUR"'}
        elif chance.random() < 0.15:
            fields.pop(name, None)
        else:
            fields[name] = chance.choice(_ODD.get(name, _ODD_TEXTS))


def _joined(chance: random.Random, fields: Mapping[str, str], *, is_strange: bool) -> str:
    pairs = [f'"{name}":{value}' for name, value in fields.items()]
    if is_strange:
        pairs += chance.choice(((), (chance.choice(_OWN),), (chance.choice(pairs),), ('"k\\u0069nd":"visit"',)))
        chance.shuffle(pairs)
        space = chance.choice(("", " ", "\n", "\t", "\r\n", "\u00a0", "\ufeff"))
        return f"{space}{{{f',{space}'.join(pairs)}}}{space}"
    return f"{{{','.join(pairs)}}}"


def _listed(fields: Mapping[str, str]) -> str:
    """An array of what an event has, which some decoders take for the fields in their order."""
    return f"[{','.join(fields[name] for name in _NAMES if name in fields)}]"


def _hit(chance: random.Random, value: bytes) -> bytes:
    """A record of which a byte was changed, added or taken away, or which was cut off."""
    at, byte = chance.randrange(len(value) + 1), bytes([chance.randrange(256)])
    return chance.choice((
        value[:at] + byte + value[at + 1 :], value[:at] + byte + value[at:], value[:at] + value[at + 1 :], value[:at],
        value[:at] + chance.choice((b'"', b"\\", b",", b":", b"}", b"0", b"\xc2\x85", b"\x00")) + value[at:],
    ))  # fmt: skip

from types import SimpleNamespace

import pytest

from metrics.events.erasure import happened_ms, is_of_erased
from metrics.events.pseudonyms import pseudonym

KEYS = (b"k" * 32, b"o" * 32)
AT = 10_000
"""Epoch milliseconds of the erasure: ten seconds after 1970 began."""


def event(second: int | None, customer: str = "ann") -> bytes:
    when = f', "occurred_at": "1970-01-01T00:00:{second:02}Z"' if second is not None else ""
    return f'{{"customer": "{customer}"{when}}}'.encode()


@pytest.mark.parametrize(
    ("value", "stamp_ms", "dropped"),
    [
        (event(9), 20_000, True),  # it says that it occurred before
        (event(20), 9_000, True),  # it was published before, by a clock that was ahead
        (event(20), 20_000, False),
        (event(10), AT, True),
        (event(None), 9_000, True),  # its record must do
        (event(None), 20_000, False),
        (event(None), None, True),  # nothing says that it is from after
        (event(None), -1, True),
        (event(9, "bob"), 9_000, False),
        (b"", 9_000, False),
        (None, None, False),
    ],
)
def test_what_names_an_erased_person_and_is_from_before_stays_out(
    value: bytes | None, stamp_ms: int | None, dropped: bool
) -> None:
    record = SimpleNamespace(key=None, value=value)
    for key in KEYS:
        assert is_of_erased(record, stamp_ms, {pseudonym("ann", key): AT}, KEYS) is dropped


def test_an_instant_is_read_wherever_it_can_be() -> None:
    assert happened_ms(b'{"occurred_at": 7}', 5) == 5
    assert happened_ms(b'{"occurred_at": "yesterday"}', None) == -1
    assert happened_ms(b"\xff", 5) == 5

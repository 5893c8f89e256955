"""Customer ids as keyed hashes: the only form in which the service keeps them."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import UNSET, UnsetType

from metrics.events.placeholders import PLACEHOLDERS, is_nobody

KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 64


@lru_cache(maxsize=64)
def key_id(key: bytes) -> str:
    """The id of a key, 8 hexadecimal digits: it distinguishes the hashes of two keys and reveals nothing of the key.

    It is HMAC-SHA-256 of a fixed text under the key, cut to 32 bits. It stands before each hash.

    >>> len(key_id(b"k" * 32))
    8
    """
    return hmac.digest(key, b"cx-balance key id", "sha256")[:4].hex()


def pseudonym(customer: str, key: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) of a customer's id, cut to 128 bits, after the id of the key: `9f86d081-<32 digits>`.

    Args:
        customer: The id as published.
        key: The secret. Whoever has it can link hashes to ids; whoever destroys it makes them anonymous.

    >>> pseudonym("c-1", b"k" * 32) == pseudonym("c-1", b"k" * 32) != pseudonym("c-1", b"j" * 32)
    True
    """
    name, inner, outer = _keyed(key)
    message, whole = inner.copy(), outer.copy()
    message.update(customer.encode())
    whole.update(message.digest())
    digits: str = whole.hexdigest()
    return name + digits[:32]


class Pseudonyms(dict[str | UnsetType, str]):
    """Pseudonyms by id as published, each computed once; "" for UNSET and for whatever stands for nobody.

    It holds ids, so do not keep it for long.

    A visit brings several events, and a hash costs as much as all other columns of an event together.

    >>> found = Pseudonyms(b"k" * 32)
    >>> found["c-1"] == pseudonym("c-1", b"k" * 32), found[UNSET], found["NULL"]
    (True, '', '')
    """

    def __init__(self, key: bytes, placeholders: Collection[str] = PLACEHOLDERS) -> None:
        super().__init__({UNSET: ""})
        self._key = key
        self._placeholders = placeholders

    def __missing__(self, customer: str) -> str:
        """Computes one more."""
        nobody = is_nobody(customer, self._placeholders)
        result = self[customer] = "" if nobody else pseudonym(customer, self._key)
        return result


def pseudonyms(customer: str, keys: Sequence[bytes]) -> tuple[str, ...]:
    """Every hash under which a customer may be stored: one for each key that has been in use."""
    return tuple(pseudonym(customer, key) for key in keys)


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> tuple[str, Any, Any]:
    # The two hashes of HMAC with the key already in them. Setting up OpenSSL's HMAC again for each customer takes
    # twice as long as all the rest: it was the largest single cost of an event.
    block = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return f"{key_id(key)}-", inner, outer

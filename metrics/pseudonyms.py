"""Customer ids as keyed hashes: the only form in which the service keeps them."""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

KEY_BYTES: Final = 32


@lru_cache(maxsize=64)
def key_id(key: bytes) -> str:
    """A key's name, 8 hexadecimal digits: it tells hashes of one key from another's and gives nothing of the key away.

    >>> len(key_id(b"k" * 32))
    8
    """
    return hmac.digest(key, b"cx-balance key id", "sha256")[:4].hex()


def pseudonym(customer: str, key: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) of a customer's id cut to 128 bits, after the id of the key: `9f86d081-<32 digits>`.

    Args:
        customer: The id as published.
        key: The secret; who has it can link hashes to ids, who destroys it makes them anonymous.

    >>> pseudonym("c-1", b"k" * 32) == pseudonym("c-1", b"k" * 32) != pseudonym("c-1", b"j" * 32)
    True
    """
    return f"{key_id(key)}-{hmac.digest(key, customer.encode(), 'sha256')[:16].hex()}"


def pseudonyms(customer: str, keys: Sequence[bytes]) -> tuple[str, ...]:
    """Every hash that a customer may stand under: one for each key that has been in use."""
    return tuple(pseudonym(customer, key) for key in keys)

"""The keys of customers' hashes as an operator gives them: the one in use, old ones, and ids of destroyed ones."""

from pathlib import Path
from typing import Final

from metrics.events.pseudonyms import KEY_BYTES, key_id
from streams.errors import ConfigurationError
from streams.settings.key_format import CUSTOMER_KEYS
from streams.settings.private_files import private_text
from streams.settings.settings import Settings

_WHICH: Final = (
    "where facts are stored, restore the key that they were hashed with, for a new one splits customers; "
    "for a new service, make one with: openssl rand -hex 32"
)


def customer_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys of customers' hashes, 32 bytes each: the one in use, then those that were.

    Raises:
        ConfigurationError: There is none, one is not 64 hexadecimal digits, or others may read their file.
    """
    return tuple(bytes.fromhex(word) for word in _customer_key_words(settings) if len(word) == 2 * KEY_BYTES)


def known_key_ids(settings: Settings) -> frozenset[str]:
    """The ids of these keys, and of those that were destroyed on purpose: their hashes are anonymous.

    Raises:
        ConfigurationError: As for `customer_keys`.
    """
    destroyed = {word.lower() for word in _customer_key_words(settings) if len(word) < 2 * KEY_BYTES}
    return frozenset(destroyed | {key_id(key) for key in customer_keys(settings)})


def _customer_key_words(settings: Settings) -> list[str]:
    if settings.customer_key is not None:
        text, origin = settings.customer_key.get_secret_value(), "CXB_CUSTOMER_KEY"
    elif settings.customer_key_file is not None:
        text, origin = _private_text(settings.customer_key_file), str(settings.customer_key_file)
    else:
        raise ConfigurationError(
            "no key for customers' hashes: set CXB_CUSTOMER_KEY_FILE to a file (mode 0600) that holds 64 hexadecimal "
            f"digits, or CXB_CUSTOMER_KEY to the digits; {_WHICH}"
        )
    if not CUSTOMER_KEYS.fullmatch(text):
        raise ConfigurationError(
            f"{origin} must hold 64 hexadecimal digits; {_WHICH}; "
            "after a rotation the new key first, then the old ones, or the 8 digits of the id of one that was destroyed"
        )
    return text.split()


def _private_text(path: Path) -> str:
    if CUSTOMER_KEYS.fullmatch(str(path)):
        raise ConfigurationError("CXB_CUSTOMER_KEY_FILE is for the name of a file, and has a key: set CXB_CUSTOMER_KEY")
    return private_text(path, "the customer key file", "ascii")

"""Who may publish through the gateway: a TOML file with the hash of each token, followed while we run.

A token is 32 random bytes, so that its plain SHA-256 does not help to find it: nothing slower is needed.
"""

import asyncio
import hashlib
import logging
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from metrics.events.event import Label
from metrics.events.scope import ANY, Scope, is_touchpoint_pattern
from streams.errors import ConfigurationError

POLL_S: Final = 1.0
HASHED: Final = "sha256:"

Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
HashedToken = Annotated[str, Meta(pattern=f"^{HASHED}[0-9a-f]{{64}}$")]

logger = logging.getLogger(__name__)


class PublisherAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A publisher: what its events have as source, where they may come from, and the hashes of its tokens."""

    name: Name
    source: Label
    touchpoints: Annotated[tuple[str, ...], Meta(min_length=1)]
    tokens: tuple[HashedToken, ...] = ()
    events_per_s: Annotated[float, Meta(gt=0)] | None = None

    @property
    def scope(self) -> Scope:
        """What it may send."""
        return Scope(self.source, frozenset(self.touchpoints))


class _File(msgspec.Struct, forbid_unknown_fields=True):
    publisher: list[PublisherAccount] = []


LOCAL: Final = PublisherAccount("local", "", (ANY,))
"""Whoever reaches the port, where no file says who may: any source and touchpoint."""


def hashed(token: str) -> str:
    """A token as the file has it."""
    return HASHED + hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def by_token(text: str, origin: str) -> Mapping[str, PublisherAccount]:
    """The publishers of a text, by the hash of each token.

    Args:
        text: TOML.
        origin: Where it is from, for errors.

    Raises:
        ConfigurationError: It is not what it should be; all that is wrong is listed.
    """
    try:
        publishers = msgspec.convert(tomllib.loads(text), _File).publisher
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"the publishers in {origin} are wrong: {error}; see docs/gateway.md") from error
    if faults := [*_faults(publishers)]:
        raise ConfigurationError(f"the publishers in {origin} are wrong: {'; '.join(faults)}")
    return {token: publisher for publisher in publishers for token in publisher.tokens}


def _faults(publishers: list[PublisherAccount]) -> Iterator[str]:
    for name, times in Counter(publisher.name for publisher in publishers).items():
        if times > 1:
            yield f"the name {name} occurs {times} times: give each publisher one of its own"
    for publisher in publishers:
        for pattern in publisher.touchpoints:
            if not is_touchpoint_pattern(pattern):
                yield f'{publisher.name}: {pattern!r} is no pattern: write an id, a prefix that ends in ".*", or "*"'
    for times in Counter(token for publisher in publishers for token in publisher.tokens).values():
        if times > 1:
            yield f"the same token occurs {times} times: make one for each with cxb gateway token"


class PublishersFile:
    """A file of publishers that is followed: the last good text is in force."""

    def __init__(self, path: Path) -> None:
        """Reads it.

        Raises:
            ConfigurationError: It cannot be used.
        """
        self._path = path
        self._text: str | None = self._read()
        self._by_token = by_token(self._text, str(path))
        self.error: str | None = None

    def find(self, token: str) -> PublisherAccount | None:
        """Whose token it is. By its hash, so that how long the answer takes says nothing of the tokens."""
        return self._by_token.get(hashed(token))

    def check(self) -> None:
        """Reads the file again, and takes what it says if it can be used."""
        try:
            text = self._read()
            if text == self._text and self.error is None:
                return
            self._by_token, self._text = by_token(text, str(self._path)), text
        except ConfigurationError as error:
            if str(error) != self.error:
                logger.error("the publishers changed, and those of before stay in force: %s", error)
            self.error = str(error)
            return
        self.error = None
        logger.info("the publishers changed: %d tokens are in force", len(self._by_token))

    async def follow(self) -> None:
        """Looks at the file every second, until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            await asyncio.to_thread(self.check)

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read the publishers in {self._path}: {error}; make the file with cxb gateway token, and set "
                "CXB_GATEWAY_PUBLISHERS to it"
            ) from error

"""Who may publish through the gateway: a TOML file with the hash of each token, followed while we run.

A token is 32 random bytes, so that its plain SHA-256 does not help to find it: nothing slower is needed.
"""

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
from streams.followed import FollowedFile

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


class PublishersFile(FollowedFile[Mapping[str, PublisherAccount]]):
    """A file of publishers that is followed: `current` has those of the last good text, by the hash of each token."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__()

    def find(self, token: str) -> PublisherAccount | None:
        """Whose token it is. By its hash, so that how long the answer takes says nothing of the tokens."""
        return self.current.get(hashed(token))

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read the publishers in {self._path}: {error}; make the file with cxb gateway token, and set "
                "CXB_GATEWAY_PUBLISHERS to it"
            ) from error

    def _compiled(self, text: str) -> Mapping[str, PublisherAccount]:
        return by_token(text, str(self._path))

    def _say_changed(self) -> None:
        logger.info("the publishers changed: %d tokens are in force", len(self.current))

    def _say_refused(self, error: ConfigurationError) -> None:
        logger.error("the publishers changed, and those of before stay in force: %s", error)

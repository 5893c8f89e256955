"""Sessions: what a login leaves in a browser, and how long it counts.

They are not kept here, so that every worker with the same token takes them, also after a restart: a session is an
expiry and a random id, signed with a key that is made from the token. Another token ends all of them.
"""

import hashlib
import hmac
import re
import secrets
from functools import cached_property
from typing import Final, NamedTuple

MOST_ENDED: Final = 1000
"""So many sessions that were ended by hand are remembered; each needed a login with the token."""
_FORM: Final = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


class Session(NamedTuple):
    """A login in one browser.

    Attributes:
        until_s: When it ends, seconds since 1970.
        id: Tells it apart from others; random.
    """

    until_s: int
    id: str


class Sessions:
    """Makes sessions and recognises them. The token cannot be found from one: its key costs 16 MiB for each guess."""

    def __init__(self, token: str, length_s: int) -> None:
        self._token, self._length_s = token, length_s
        self._ended: dict[str, int] = {}

    def begin(self, now_s: float) -> tuple[Session, str]:
        """A new session, and the text that stands for it."""
        session = Session(int(now_s) + self._length_s, secrets.token_urlsafe(16))
        return session, f"{_signed_part(session)}.{self._signature(session)}"

    def find(self, text: str, now_s: float) -> Session | None:
        """The session that a text stands for; None if it is not ours, over, or was ended."""
        if (match := _FORM.fullmatch(text)) is None:
            return None
        session = Session(int(match[1]), match[2])
        if not hmac.compare_digest(self._signature(session), match[3]):
            return None
        # One from before the setting was made shorter ends by the setting.
        lasts = now_s < session.until_s <= now_s + self._length_s
        return session if lasts and session.id not in self._ended else None

    def end(self, session: Session, now_s: float) -> None:
        """Makes this worker take a session no more."""
        self._ended = {id: until_s for id, until_s in self._ended.items() if until_s > now_s}
        if len(self._ended) >= MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        self._ended[session.id] = session.until_s

    @cached_property
    def name(self) -> str:
        """What the cookie is called: two services on one host, with tokens of their own, do not share it."""
        return f"cxb-{self._mac('name')[:8]}"

    @cached_property
    def _key(self) -> bytes:
        return hashlib.scrypt(self._token.encode(), salt=b"cx-balance: sessions", n=2**14, r=8, p=1, dklen=32)

    def _signature(self, session: Session) -> str:
        return self._mac(_signed_part(session))

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _signed_part(session: Session) -> str:
    return f"{session.until_s}.{session.id}"

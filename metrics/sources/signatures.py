"""Signatures of webhooks: HMAC over the body, and over a timestamp where the tool sends one."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

ALGORITHMS: Final = ("sha256", "sha1", "sha512")
ENCODINGS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
}
BODY, TIMESTAMP = "{body}", "{timestamp}"
TOLERANCE_S: Final = 300.0
"""How far a timestamp may be from now. Without one, a record that is sent again counts once by its event_id."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a tool signs what its webhook sends.

    Attributes:
        header: Where the signature is.
        secret_file: The file that holds the secret.
        algorithm: One of ALGORITHMS.
        encoding: One of ENCODINGS.
        prefix: What stands before it, like "sha256=".
        timestamp: The header with the time of sending, RFC 3339 or seconds since 1970; "" where there is none.
        signed: What is signed, with {timestamp} and {body} in their places.
    """

    header: str
    secret_file: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    timestamp: str = ""
    signed: str = BODY

    def fault(self, headers: Mapping[str, str], body: bytes, secret: bytes, now_s: float) -> str:
        """Why a request is not the tool's; "" where it is.

        Args:
            headers: Of the request, names in lower case.
            body: As it came, before anything is unpacked.
            secret: What the tool signs with.
            now_s: Now, seconds since 1970.
        """
        offered = headers.get(self.header.lower(), "")
        if not offered:
            return f"it has no signature: the header {self.header} is missing"
        stamp = headers.get(self.timestamp.lower(), "") if self.timestamp else ""
        if self.timestamp and (fault := self._fault_of_stamp(stamp, now_s)):
            return fault
        expected = self.prefix + ENCODINGS[self.encoding](self._digest(stamp, body, secret))
        if hmac.compare_digest(expected.encode(), offered.strip().encode(errors="replace")):
            return ""
        return f"its signature in {self.header} is not that of this secret: compare it with what the tool has"

    def _fault_of_stamp(self, stamp: str, now_s: float) -> str:
        age_s = _age_s(stamp, now_s)
        if age_s is None:
            return f"the header {self.timestamp} must be a time, in RFC 3339 or in seconds since 1970"
        if abs(age_s) > TOLERANCE_S:
            return f"it was signed {age_s:.0f} s ago, and {TOLERANCE_S:.0f} are allowed: check the clocks"
        return ""

    def _digest(self, stamp: str, body: bytes, secret: bytes) -> bytes:
        before, _, after = self.signed.partition(BODY)
        parts = (before.replace(TIMESTAMP, stamp).encode(), body, after.replace(TIMESTAMP, stamp).encode())
        return hmac.new(secret, b"".join(parts), getattr(hashlib, self.algorithm)).digest()


def _age_s(stamp: str, now_s: float) -> float | None:
    if stamp.isascii() and stamp.isdigit() and len(stamp) < 12:
        return now_s - int(stamp)
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return None if at.tzinfo is None else now_s - at.timestamp()

"""Bodies of requests: read to a bound in length and in time, and only those that the page or a program sent."""

from typing import Annotated, Final

import msgspec
from aiohttp import web

from streams.parameters import BadParameter
from streams.registry.lint_apart import LARGER, LONGEST_REGISTRY
from streams.web.access.gate import Gate
from streams.web.reading import HAS_COME, read_whole

REGISTRY_BYTES: Final = 8 << 20
"""Of a registry as JSON: a text of LONGEST_REGISTRY with two bytes for each character, and some more."""
REGISTRY_S: Final = 30.0
"""What a line of two megabits takes for it."""
TOML: Final = "application/toml"


class Proposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A registry that is not in force."""

    registry: Annotated[str, msgspec.Meta(max_length=LONGEST_REGISTRY, description="The text of its file, TOML.")]


def require_own(request: web.Request, gate: Gate) -> None:
    """Lets nothing through that a page of another site made a browser send."""
    if gate.is_foreign(request):
        raise web.HTTPForbidden(text="a page of another site sent this\n")


async def registry_text(request: web.Request, gate: Gate) -> str:
    """The registry that a request proposes: as JSON, or as the TOML itself.

    Raises:
        BadParameter: The body is not what its type says.
    """
    require_own(request, gate)
    # Neither type is one that a form of another site could send without asking first.
    if request.content_type not in ("application/json", TOML) or "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(text=f"send application/json or {TOML}, not compressed\n")
    body = await read_whole(request, REGISTRY_BYTES, REGISTRY_S)
    if has_come := request.get(HAS_COME):
        has_come()
    try:
        text = body.decode() if request.content_type == TOML else msgspec.json.decode(body, type=Proposal).registry
        text.encode()
    except (UnicodeError, msgspec.DecodeError) as error:
        raise BadParameter("body", f"{_why(error)}: send the registry's text, in UTF-8") from None
    if len(text) > LONGEST_REGISTRY:
        most = f"a registry here has at most {LONGEST_REGISTRY:,}; {LARGER}"
        raise BadParameter("body", f"{len(text):,} characters: {most}")
    return text


def _why(error: Exception) -> str:
    return "not UTF-8" if isinstance(error, UnicodeError) else str(error)

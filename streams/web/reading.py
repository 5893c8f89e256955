"""Reading the body of a request: to a bound in length and in time."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

HAS_COME: Final[web.RequestKey[Callable[[], None]]] = web.RequestKey("whole")
"""Of a request: what to call once its body has come, so that from then on its client waits for us."""


async def read_whole(request: web.Request, most_bytes: int, limit_s: float) -> bytes:
    """The body of a request, of fewer bytes than `most_bytes`.

    Raises:
        HTTPRequestEntityTooLarge: It is longer.
        HTTPRequestTimeout: It did not come in time.
    """
    try:
        async with asyncio.timeout(limit_s):
            body = await request.content.readexactly(most_bytes)
    except asyncio.IncompleteReadError as error:
        return error.partial
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body did not come in time\n") from None
    raise web.HTTPRequestEntityTooLarge(max_size=most_bytes, actual_size=len(body), text=_too_large(most_bytes))


def _too_large(most_bytes: int) -> str:
    return f"too large: send fewer than {most_bytes:,} bytes\n"

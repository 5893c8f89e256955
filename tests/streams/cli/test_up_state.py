"""The line of `cxb up` about its state."""

import asyncio
from contextlib import suppress
from io import StringIO

import pytest
from aiohttp import web
from rich.console import Console

from streams.cli.up_state import show_state
from streams.embedded.instance import Instance

METRICS = """\
# TYPE cx_events counter
cx_events_total{department="sales"} 1200
cx_events_total{department="it"} 34
# TYPE cx_rejected counter
cx_rejected_total{reason="too_old"} 5
# TYPE cx_unowned_events counter
cx_unowned_events_total 6
"""


@pytest.mark.parametrize(
    ("terminal", "says"),
    [
        (True, "since the worker started: 1,234 events landed, 5 rejected, 6 without an owner, no figures yet"),
        (False, "since the worker started: 1,234 events landed, 5 rejected"),
    ],
)
async def test_it_says_from_when_on_it_counts(terminal: bool, says: str) -> None:
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=METRICS)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    console, lines = Console(file=StringIO(), force_terminal=terminal, width=120), list[str]()
    instance = Instance(1, None, "", "", "", "", url, "", "")
    with suppress(TimeoutError):
        await asyncio.wait_for(show_state(instance, lines.append, console), 0.5)
    await runner.cleanup()
    assert isinstance(console.file, StringIO)
    assert (lines[0] if terminal else console.file.getvalue().strip()) == says

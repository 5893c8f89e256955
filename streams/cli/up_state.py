"""The state of a running instance, in one line on its terminal."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from streams.embedded.instance import Instance
from streams.settings import settings
from streams.wording import counted

STATE_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _State:
    """What a worker has counted since it started; `age_s` is the age of the figures, None while there are none."""

    landed: int
    rejected: int
    unowned: int
    age_s: float | None

    @property
    def counts(self) -> str:
        return f"since the worker started: {counted(self.landed, 'event')} landed, {self.rejected:,} rejected"

    def __str__(self) -> str:
        age = "no figures yet" if self.age_s is None else f"figures {self.age_s:.0f} s old"
        return f"{self.counts}, {self.unowned:,} without an owner, {age}"


async def show_state(
    instance: Instance, update: Callable[[str], None], console: Console, more: Callable[[], str] = str
) -> None:
    """Shows the state every second, until cancelled; `more` gives what else the line says, or nothing."""
    last, token = "", settings.load().http.token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):  # the supervisor reports that the worker is away
                state = await _state(session, instance.web_url)
                if console.is_terminal:
                    update("; ".join(filter(None, (str(state), more()))))
                elif state.counts != last:
                    last = state.counts
                    console.print(last)
            await asyncio.sleep(STATE_EVERY_S)


async def _state(session: aiohttp.ClientSession, url: str) -> _State:
    async with session.get(f"{url}/metrics", timeout=aiohttp.ClientTimeout(2)) as response:
        text = await response.text()
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    updated = sums.get("cx_balances_updated_timestamp_seconds")
    return _State(
        landed=int(sums.get("cx_events_total", 0)),
        rejected=int(sums.get("cx_rejected_total", 0)),
        unowned=int(sums.get("cx_unowned_events_total", 0)),
        age_s=max(0.0, datetime.now(UTC).timestamp() - updated) if updated else None,
    )

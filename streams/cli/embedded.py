"""`cxb up`: an instance under its supervisor, and what it tells."""

import asyncio
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from streams.embedded import supervisor
from streams.embedded.instance import Instance
from streams.embedded.supervisor import Hooks

WORKER: Final = {"CXB_MIGRATE_AT_START": "1", "CXB_KAFKA_SESSION_TIMEOUT_S": "2"}


async def run(data: Path, registry: Path, *, demo: bool) -> None:
    """Runs an instance until it is told to stop, telling what happens on stderr."""
    console = Console(stderr=True, highlight=False)
    status = console.status("starting broker, store and worker")
    tasks: list[asyncio.Task[None]] = []

    def ready(found: Instance) -> None:
        console.print(Text.from_markup(_welcome(found, data)))
        status.update("running")
        from streams.cli import onlookers  # noqa: PLC0415  (slow to import: the children come first)

        tasks.append(asyncio.create_task(onlookers.show_state(found, status.update, console)))
        if demo:
            tasks.append(asyncio.create_task(onlookers.demo(data, console)))

    async def stopping() -> None:
        status.update("stopping: all that was accepted is landed first (Ctrl-C again: at once)")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with status:
        hooks = Hooks(lambda text: console.print(Text(text)), ready, stopping)
        await supervisor.run(data, registry, hooks=hooks, worker_env=WORKER)
    console.print("stopped: all that was accepted has landed")


def _welcome(found: Instance, data: Path) -> str:
    flag = "" if str(data) == ".cxb" else escape(f" --data {data}")
    return (
        f"\n  [bold]Page and API[/bold]  {found.web_url}\n"
        f"  [bold]Metrics[/bold]       {found.web_url}/metrics\n"
        f"  [bold]Kafka[/bold]         {found.kafka}, topic cx.touchpoints\n"
        f"  [bold]Registry[/bold]      {escape(found.registry)}\n\n"
        f"  In another terminal:  [bold]cxb balances{flag}[/bold]\n"
        f"                        [bold]cxb scorecards{flag}[/bold]\n"
        f"                        [bold]cxb publish --wait FILE{flag}[/bold]\n"
        "  Stop with Ctrl-C.\n"
    )

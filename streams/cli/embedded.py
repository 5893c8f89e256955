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


async def run(data: Path, registry: Path | None, *, demo: bool) -> None:
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
        # Children share our working directory, so that a relative path names the same file.
        told = WORKER | ({"CXB_REGISTRY": str(registry)} if registry else {})
        await supervisor.run(data, lambda: _checked(registry), hooks=hooks, worker_env=told)
    console.print("stopped: all that was accepted has landed")


def _checked(registry: Path | None) -> Path:
    # The worker would find the same, and say it in its log: here it is said in the terminal.
    from streams.registry.file import load, sample  # noqa: PLC0415
    from streams.settings import settings  # noqa: PLC0415  (slow to import: the children come first)

    told = settings.load()
    chosen = registry or told.registry or sample()
    load(chosen)
    return chosen


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

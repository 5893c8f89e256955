"""`cxb up`: broker, store, worker and gateway on this machine, under their supervisor."""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from streams.cli import options
from streams.cli.lazy import MODULE_OPTIONS, ListeningCommand, examples
from streams.embedded import losses, supervisor
from streams.embedded.drain import LAND_WITHIN_S, NotLanded
from streams.embedded.instance import Instance
from streams.embedded.supervisor import Deadlines, Hooks, Ports
from streams.runtime.lazy import lazy

if TYPE_CHECKING:
    from streams.cli.up_demo import DemoProgress, publish_demo
    from streams.cli.up_missing import missing, waiting
    from streams.cli.up_port import wanted_port
    from streams.cli.up_registry import checked_registry
    from streams.cli.up_state import show_state
else:
    # Half a second to load: the children start first, and need the processor then.
    DemoProgress = lazy("streams.cli.up_demo:DemoProgress")
    publish_demo = lazy("streams.cli.up_demo:publish_demo")
    missing = lazy("streams.cli.up_missing:missing")
    waiting = lazy("streams.cli.up_missing:waiting")
    wanted_port = lazy("streams.cli.up_port:wanted_port")
    checked_registry = lazy("streams.cli.up_registry:checked_registry")
    show_state = lazy("streams.cli.up_state:show_state")

app = typer.Typer(**MODULE_OPTIONS)

DRAIN_HELP: Final = (
    "Ctrl-C waits until all accepted events are stored. After S seconds it says how many are not yet, and goes on "
    "waiting; a second Ctrl-C ends at once, and keeps them for the next start."
)
WORKER: Final = {"CXB_MIGRATE_AT_START": "1", "CXB_KAFKA_SESSION_TIMEOUT_S": "2"}


@app.command(cls=ListeningCommand, epilog=examples("cxb up --demo", "cxb up --data ./shop --registry registry.toml"))
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Also publish a simulated company: 90 days, then as it goes on.")
    ] = False,
    registry: Annotated[
        Path | None, typer.Option("--registry", metavar="FILE", help="Who owns what [default: the sample].")
    ] = None,
    data: options.DataOption = None,
    drain_s: Annotated[float, typer.Option("--drain-s", min=0, metavar="S", help=DRAIN_HELP)] = LAND_WITHIN_S,
) -> None:
    """Runs everything on this machine. Broker, store, worker, gateway, API and page; Ctrl-C stops it without loss."""
    asyncio.run(_run(options.data_directory(data), registry, demo=demo, drain_s=drain_s))


async def _run(data: Path, registry: Path | None, *, demo: bool, drain_s: float) -> None:
    """Runs an instance until a signal stops it; what happens is reported on stderr."""
    console = Console(stderr=True, highlight=False)
    status = console.status("starting broker, store, worker and gateway")
    tasks: list[asyncio.Task[None]] = []

    def ready(instance: Instance) -> None:
        console.print(Text.from_markup(_welcome(instance, data)))
        status.update("running")
        progress = DemoProgress()
        tasks.append(asyncio.create_task(show_state(instance, status.update, console, lambda: progress.text)))
        if demo:
            tasks.append(asyncio.create_task(publish_demo(instance, data, console, progress)))

    async def stopping() -> None:
        status.update("stopping: all that was accepted is landed first (Ctrl-C again: at once)")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with status:
        look = partial(missing, spool=data / "spool")
        hooks = Hooks(lambda text: console.print(Text(text), soft_wrap=True), look, ready, stopping, waiting)
        # Children share our working directory, so that a relative path names the same file.
        environment = WORKER | ({"CXB_REGISTRY": str(registry)} if registry else {})
        proved = await supervisor.run(
            data,
            lambda: checked_registry(registry),
            hooks=hooks,
            worker_env=environment,
            ports=Ports(only_http=wanted_port(), only_gateway=wanted_port("gateway")),
            deadlines=Deadlines(drain_s=drain_s),
        )
    if lost := _lost(data / "spool"):
        raise NotLanded(f"stopped: {lost}")
    console.print(f"stopped{': all that was accepted has landed' if proved else ' before it was ready'}")


def _lost(spool: Path) -> str:
    try:
        lost = losses.read(spool)
    except OSError as error:
        return str(error)
    return losses.lost_in_words(lost) if lost else ""


def _welcome(instance: Instance, data: Path) -> str:
    flag = "" if str(data) == ".cxb" else escape(f" --data {data}")
    return (
        f"\n  [bold]Page and API[/bold]  {instance.web_url}\n"
        f"  [bold]Metrics[/bold]       {instance.web_url}/metrics\n"
        f"  [bold]Kafka[/bold]         {instance.kafka}, topic cx.touchpoints\n"
        f"  [bold]Gateway[/bold]       {instance.gateway_url}/v1/events\n"
        f"  [bold]Registry[/bold]      {escape(instance.registry)}\n\n"
        f"  In another terminal:  [bold]cxb balances{flag}[/bold]\n"
        f"                        [bold]cxb scorecards{flag}[/bold]\n"
        f"                        [bold]cxb publish --wait FILE{flag}[/bold]\n"
        "  Stop with Ctrl-C.\n"
    )

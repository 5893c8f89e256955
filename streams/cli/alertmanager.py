"""`cxb alertmanager`: Alertmanager's configuration, from the registry."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from metrics.registry.alert_routing import Receivers, RoutingError, to_yaml
from metrics.registry.alert_routing import alertmanager as configuration_of
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.registry import file
from streams.registry import receivers as receivers_file
from streams.settings import settings

app = typer.Typer(**MODULE_OPTIONS)

HEADER: Final = (
    "# Made from the registry by: cxb alertmanager. After a change of departments or receivers, run it again.\n"
)


@app.command(epilog=examples("cxb alertmanager --registry registry.toml --receivers receivers.toml > alertmanager.yml"))
def alertmanager(
    registry: Annotated[
        Path | None, typer.Option("--registry", help="The registry [default: CXB_REGISTRY].", metavar="FILE")
    ] = None,
    receivers: Annotated[
        Path | None,
        typer.Option(
            "--receivers",
            help="TOML of their addresses [default: a file for each in /run/receivers].",
            metavar="FILE",
        ),
    ] = None,
    as_json: options.JsonOption = False,
) -> None:
    """Prints Alertmanager's configuration.

    Each department's alerts go to its receiver.
    """
    addresses = receivers_file.load(receivers) if receivers else Receivers()
    compiled = file.load(registry or settings.load().registry or file.sample())
    departments = compiled.registry.departments
    used = {addresses.fallback, addresses.on_call, *(department.receiver for department in departments)}
    for name in sorted(set(addresses.addresses) - used):
        output.say(f"receiver.{name}: no department of the registry has this receiver; it is left out")
    try:
        config = configuration_of(compiled.registry, addresses)
    except RoutingError as error:
        raise ConfigurationError(str(error)) from error
    if as_json:
        output.as_json(config)
    else:
        sys.stdout.write(HEADER + to_yaml(config))

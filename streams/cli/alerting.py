"""The command that tells Alertmanager whose alerts are whose."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import options
from streams.errors import ConfigurationError

HEADER = "# Made from the registry by: cxb alertmanager. A change of departments or receivers needs it anew.\n"


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
    as_json: options.Json = False,
) -> None:
    """Prints Alertmanager's configuration.

    Each department's alerts to its receiver.
    """
    from metrics.registry.alert_routing import Receivers, RoutingError, to_yaml  # noqa: PLC0415
    from metrics.registry.alert_routing import alertmanager as configuration_of  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.registry import file  # noqa: PLC0415
    from streams.registry import receivers as receivers_file  # noqa: PLC0415
    from streams.settings import settings  # noqa: PLC0415

    known = receivers_file.load(receivers) if receivers else Receivers()
    found = file.load(registry or settings.load().registry or file.sample()).registry
    used = {known.fallback, known.on_call, *(department.receiver for department in found.departments)}
    for name in sorted(set(known.addresses) - used):
        output.say(f"receiver.{name}: no department of the registry has this receiver; it is left out")
    try:
        config = configuration_of(found, known)
    except RoutingError as error:
        raise ConfigurationError(str(error)) from error
    if as_json:
        output.as_json(config)
    else:
        sys.stdout.write(HEADER + to_yaml(config))

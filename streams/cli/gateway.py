"""`cxb gateway`: events by HTTP; and the tokens of those who may send them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.embedded.processes import end_with_parent
from streams.errors import ConfigurationError
from streams.gateway import service
from streams.gateway.token_file import add_token
from streams.settings import settings

app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False, help="Takes events by HTTP, and makes tokens.", **MODULE_OPTIONS
)


@app.callback(
    epilog=examples(
        "CXB_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CXB_GATEWAY_PUBLISHERS=publishers.toml cxb gateway",
        "cxb gateway token shop --source web-shop --touchpoint 'web.*' --file publishers.toml",
    )
)
def gateway(context: typer.Context) -> None:
    """Takes events by HTTP, and answers once Kafka has them. Settings: docs/configuration.md."""
    if context.invoked_subcommand is not None:
        return
    end_with_parent()
    loaded, embedded = settings.load(), os.environ.get("CXB_EMBEDDED") == "1"
    if embedded:  # on one machine nothing is in the way of what is sent, and who asks whether it answers speaks no TLS
        plain = loaded.gateway.model_copy(update={"ssl_certfile": None, "ssl_keyfile": None})
        loaded = loaded.model_copy(update={"gateway": plain})
    service.run(loaded, embedded=embedded)


@app.command(
    "token",
    epilog=examples(
        "cxb gateway token shop --source web-shop --touchpoint 'web.*' --file publishers.toml",
        "cxb gateway token shop    # one more, to change to without a gap",
    ),
)
def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the publisher: a-z 0-9 _ -")],
    source: Annotated[str, typer.Option("--source", help="The source that its events name.")] = "",
    touchpoint: Annotated[
        list[str] | None,
        typer.Option("--touchpoint", metavar="PATTERN", help="Where its events may come from; give several times."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The publishers [default: CXB_GATEWAY_PUBLISHERS].")
    ] = None,
    as_json: options.JsonOption = False,
) -> None:
    """Makes a token, prints it once, and adds its hash to the file of publishers."""
    path = file or settings.load().gateway.publishers
    if path is None:
        raise ConfigurationError("which file? give --file publishers.toml, or set CXB_GATEWAY_PUBLISHERS")
    made = add_token(path, name, source, tuple(touchpoint or ()))
    if as_json:
        output.as_json({"publisher": name, "token": made, "file": str(path)})
        return
    typer.echo(made)
    output.say(
        f"the token of {name}, shown this once: {path} has its hash alone; a gateway that runs takes it in a second"
    )

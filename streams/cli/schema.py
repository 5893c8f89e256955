"""`cxb schema`: the contract with publishers, for machines."""

from enum import StrEnum
from typing import Annotated

import typer

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import ANY_EVENT
from streams.cli import options
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.contract.files import contract_text

app = typer.Typer(**MODULE_OPTIONS)


class ContractFormat(StrEnum):
    """How the contract is written."""

    JSON_SCHEMA = "json-schema"
    ASYNCAPI = "asyncapi"
    TYPESCRIPT = "typescript"
    JAVA = "java"


@app.command(
    epilog=examples(
        "cxb schema nps", "cxb schema --format typescript > cx-event.d.ts", "cxb schema --format java > CxEvent.java"
    )
)
def schema(
    kind: Annotated[
        str | None,
        typer.Argument(help="Only events of this kind.", **options.choice(ALL_KINDS, "KIND")),
    ] = None,
    written: Annotated[
        ContractFormat, typer.Option("--format", help="JSON Schema of events, or what is made from it.")
    ] = ContractFormat.JSON_SCHEMA,
) -> None:
    """What an event may be, for machines: JSON Schema and more.

    The others are the topics as an AsyncAPI document, types for TypeScript and records for Java.
    """
    if written is ContractFormat.JSON_SCHEMA:
        typer.echo(contract_text(kind or ANY_EVENT), nl=False)
    elif kind is None:
        typer.echo(contract_text(written), nl=False)
    else:
        raise typer.BadParameter(f"{written} is of all kinds: leave out {kind}", param_hint="--format")

"""`cxb sources list`: the sources of the file in force, and the ready-made ones."""

import re
from typing import Any, Final

import typer

from metrics.sources.model import Source
from metrics.sources.parsing import lint_sources
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.sources_options import SourcesOption, sources_file
from streams.sources.file import compiled_sources, text_of
from streams.sources.ready import purpose_of, ready_sources

app = typer.Typer(**MODULE_OPTIONS)


@app.command(name="list", epilog=examples("cxb sources list", "cxb sources list --sources sources.toml --json"))
def list_sources(sources: SourcesOption = None, as_json: options.JsonOption = False) -> None:
    """The sources of the file in force, and the ready-made ones, with the fields that they leave to you."""
    file = sources_file(sources)
    own = compiled_sources(text_of(file), str(file)).sources if file is not None else ()
    rows = [_own(source) for source in own] + [_ready(name) for name in ready_sources()]
    if as_json:
        output.as_json(rows)
        return
    columns = {
        "name": lambda row: str(row["name"]),
        "from": lambda row: str(row["from"]),
        "takes": lambda row: str(row["takes"]),
        "kinds": lambda row: ", ".join(row["kinds"]),
        "you add": lambda row: ", ".join(row["you_add"]),
        "what it is": lambda row: str(row["purpose"]),
    }
    output.table(rows, columns, "Sources", prose=("what it is",), spare=("takes",))


def _own(source: Source) -> dict[str, Any]:
    kinds = {str(rule.constant or "by record") for spec in source.events for rule in spec.fields if rule.name == "kind"}
    takes = [*(f"topic {topic}" for topic in source.topics), *(f"header {name}" for name in source.headers)]
    takes += [f"file {source.file}"] if source.file else []
    takes += [f"HTTP {source.http}"] if source.http else []
    return {
        "name": source.name, "from": source.like or "your file", "takes": ", ".join(takes), "kinds": sorted(kinds),
        "you_add": [], "purpose": "",
    }  # fmt: skip


def _ready(name: str) -> dict[str, Any]:
    source = ready_sources()[name]
    shared, events = source.get("fields", {}), source.get("event", [])
    return {
        "name": name,
        "from": "ready-made",
        "takes": ", ".join(f"header {header}" for header in source.get("header", {})),
        "kinds": sorted({_kind({**shared, **event}.get("kind")) for event in events}),
        "you_add": _left(name),
        "purpose": purpose_of(name),
    }


def _left(name: str) -> list[str]:
    """What a ready-made source leaves to whoever uses it: what the lint misses."""
    text = f'[[source]]\nname = "x"\nlike = "{name}"\n'
    paths = [problem.path.removeprefix("source[1].") for problem in lint_sources(text, ready_sources())]
    fields = [_OF_EVENT.sub("", path) for path in paths]
    return ["[[source.event]]" if field == "event" else field for field in dict.fromkeys(fields)]


def _kind(value: Any) -> str:
    return value if isinstance(value, str) else "by record"


_OF_EVENT: Final = re.compile(r"^(event\[\d+\]|fields)\.")

"""`cxb alertmanager`: Alertmanager's configuration, from the registry."""

import re
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from metrics.registry import Registry
from metrics.registry.alert_channels import DEBIAN, NEWEST, RoutingError, Version
from metrics.registry.alert_routing import TEMPLATES, Receivers, newer_than, to_yaml
from metrics.registry.alert_routing import alertmanager as configuration_of
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.registry import file
from streams.registry import receivers as receivers_file
from streams.settings import settings

app = typer.Typer(**MODULE_OPTIONS)

TemplatesOption = Annotated[
    bool, typer.Option("--templates", help="Prints the message templates instead: a file next to it.")
]

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Writes it here if nothing is wrong; else the file stays as it is."),
]

VersionOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="VERSION",
        help="The Alertmanager that reads it: what it does not know yet is an error "
        f"[default: {NEWEST}, and what Debian's {DEBIAN} does not know is said].",
    ),
]

HEADER: Final = (
    "# Made from the registry by: cxb alertmanager. After a change of departments or receivers, run it again.\n"
)
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)(\.\d+)?")


def _version(text: str | None) -> Version | None:
    if text is None:
        return None
    if (parts := _VERSION.fullmatch(text)) is None:
        raise typer.BadParameter("must be a version of Alertmanager, such as 0.25", param_hint="--for")
    return Version(int(parts[1]), int(parts[2]))


def _configuration(registry: Path | None, receivers: Path | None, version: Version | None) -> dict[str, Any]:
    addresses = receivers_file.load(receivers) if receivers else Receivers()
    compiled = file.load(registry or settings.load().registry or file.sample())
    for remark in _remarks(compiled.registry, addresses):
        output.say(remark)
    try:
        config = configuration_of(compiled.registry, addresses, version or NEWEST)
    except RoutingError as error:
        raise ConfigurationError(str(error)) from error
    if version is None:
        for need, names in newer_than(compiled.registry, addresses, DEBIAN).items():
            output.say(
                f"{need.what} needs Alertmanager {need.version} or later: {', '.join(names)}; with an older one, "
                f"such as Debian's {DEBIAN}, {need.instead}"
            )
    if "templates" in config:
        output.say(f"it reads {TEMPLATES} from its own folder: cxb alertmanager --templates > {TEMPLATES}")
    return config


def _remarks(registry: Registry, receivers: Receivers) -> Iterator[str]:
    """What is not wrong, but perhaps not meant."""
    for department in registry.departments:
        if not department.receiver:
            yield f"department {department.id}: has no receiver, so {receivers.fallback} is notified of its alerts"
    used = {receivers.fallback, receivers.on_call, *(department.receiver for department in registry.departments)}
    for name in sorted(set(receivers.addresses) - used):
        yield f"receiver.{name}: no department of the registry has this receiver; it is left out"


def _print_templates(*, as_json: bool) -> None:
    text = resources.files("deploy").joinpath("alertmanager", TEMPLATES).read_text(encoding="utf-8")
    if as_json:
        output.as_json({TEMPLATES: text})
    else:
        sys.stdout.write(text)


@app.command(
    epilog=examples(
        "cxb alertmanager --registry registry.toml --receivers receivers.toml --out alertmanager.yml",
        f"cxb alertmanager --templates > {TEMPLATES}",
    )
)
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
    version: VersionOption = None,
    templates: TemplatesOption = False,
    out: OutOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Prints Alertmanager's configuration.

    Each department's alerts go to its receiver. A shell's > empties a file before anything is checked: use --out.
    """
    if out is not None and (as_json or templates):
        raise typer.BadParameter("it is for the configuration alone: use > for others", param_hint="--out")
    if templates:
        _print_templates(as_json=as_json)
        return
    config = _configuration(registry, receivers, _version(version))
    if as_json:
        output.as_json(config)
    elif out is not None:
        _write(out, HEADER + to_yaml(config))
    else:
        sys.stdout.write(HEADER + to_yaml(config))


def _write(path: Path, text: str) -> None:
    """Puts a text in place of a file at once: whoever reads meanwhile sees the old or the new one."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}; choose another file with --out") from error

"""Writes what the chart takes from elsewhere: rules, dashboards, settings, the table of its values (make chart)."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic.fields import FieldInfo

from streams.settings.base import SettingsSection
from streams.settings.settings import SECTIONS, Settings

PROJECT: Final = Path(__file__).resolve().parents[2]
CHART: Final = PROJECT / "deploy" / "helm" / "cx-balance"
TEMPLATES: Final = CHART / "templates"
COPIED: Final = {
    "rules": PROJECT / "deploy" / "prometheus" / "rules",
    "dashboards": PROJECT / "deploy" / "grafana" / "dashboards",
}
"""Folders of the chart's `files/`, and what is copied into each."""
_SET: Final = re.compile(r'(?:name: |")(CXB_[A-Z_]+)')
"""A variable where a template sets it, not where it reads a value."""
HEAD: Final = "| value | default | meaning |\n|---|---|---|\n"


def files() -> Mapping[Path, str]:
    """What is generated, by path."""
    copies = {
        CHART / "files" / name / path.name: path.read_text()
        for name, folder in COPIED.items()
        for path in sorted(folder.iterdir())
    }
    text = schema_text((CHART / "values.schema.json").read_text())
    readme = document((CHART / "README.md").read_text(), json.loads(text))
    return copies | {CHART / "values.schema.json": text, CHART / "README.md": readme}


def schema_text(text: str) -> str:
    """The schema with its part about `settings` made again."""
    schema = json.loads(text)
    schema["properties"]["settings"] = {
        "description": "any other setting of docs/configuration.md, by the name of its variable",
        "type": "object",
        "additionalProperties": False,
        "properties": dict(settings()),
    }
    return json.dumps(schema, indent=2) + "\n"


def settings() -> Iterator[tuple[str, dict[str, Any]]]:
    """The settings that an operator may give by name: those that the chart does not set itself, and no secret."""
    own = {name for path in TEMPLATES.rglob("*.*") for name in _SET.findall(path.read_text())}
    for name, section, field in _fields():
        variable = f"{section.model_config['env_prefix']}{name}".upper()
        if variable not in own and variable not in NOT_FOR_A_CHART:
            yield variable, _allowed(section, name, field)


NOT_FOR_A_CHART: Final = frozenset(
    {
        "CXB_CUSTOMER_KEY_FILE",  # a Secret's file is readable by the pod's group, which the service refuses
        "CXB_MIGRATE_AT_START",  # the job migrates
    }
)
"""Settings that have no place in a chart."""


def _fields() -> Iterator[tuple[str, type[SettingsSection], FieldInfo]]:
    sections: list[type[SettingsSection]] = [*SECTIONS.values(), Settings]
    for section in sections:
        for name, field in section.model_fields.items():
            if name not in SECTIONS or section is not Settings:
                yield name, section, field


def _allowed(section: type[SettingsSection], name: str, field: FieldInfo) -> dict[str, Any]:
    """What a setting may be, from its own type."""
    made = section.model_json_schema()["properties"][name]
    kept = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")
    return {"description": field.description} | {key: made[key] for key in kept if key in made}


def document(text: str, schema: Mapping[str, Any]) -> str:
    """A document with its table of values made again."""
    before, head, rest = text.partition(HEAD)
    if not head:
        raise SystemExit(f"{CHART / 'README.md'}: the head of the table of values is not there: {HEAD}")
    _, _, after = rest.partition("\n\n")
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    rows = [row(*value) for value in values(schema["properties"], defaults)]
    return before + head + "\n".join(rows) + "\n\n" + after


def values(
    properties: Mapping[str, Any], defaults: Mapping[str, Any], above: str = ""
) -> Iterator[tuple[str, Any, str]]:
    """Each value by its path, with its default and its meaning; not those of `settings`, which have a page."""
    for name, found in properties.items():
        path, default = f"{above}{name}", defaults.get(name)
        if name != "settings" and "properties" in found and isinstance(default, dict):
            yield from values(found["properties"], default, f"{path}.")
        elif name in defaults:
            yield path, default, found["description"]


def row(path: str, default: object, meaning: str) -> str:
    """A value as a row of the table."""
    shown = "" if default == "" else f"`{json.dumps(default) if not isinstance(default, str) else default}`"
    return f"| `{path}` | {shown} | {meaning} |"


def main() -> None:
    """Writes every file, says which have changed, and removes copies of what is no more."""
    made = files()
    for path in (CHART / "files").rglob("*.*"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            sys.stdout.write(f"written: {path.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()

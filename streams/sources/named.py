"""A source by its name: of the file in force or ready-made, with what a command sets of its fields."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from metrics.registry import suggestion
from metrics.sources.mapping import SourceMapping
from metrics.sources.model import EVENT_FIELDS, SourcesError
from metrics.sources.parsing import overlaid, parse_sources
from streams.errors import ConfigurationError
from streams.sources.file import compiled_sources, text_of
from streams.sources.ready import ready_sources


def mapping_named(name: str, file: Path | None, fields: Mapping[str, Any]) -> SourceMapping:
    """The mapping of a source.

    Args:
        name: Of the file, or ready-made.
        file: The file of sources; None for the ready-made ones alone.
        fields: What fills its fields, besides what its file says.

    Raises:
        ConfigurationError: There is no such source, or something is wrong with it.
    """
    bases = {**ready_sources(), **(_of_file(file) if file is not None else {})}
    if name not in bases:
        raise ConfigurationError(f"no source is called {name!r}: {suggestion(name, bases)}; see cxb sources list")
    document = {"source": [{"name": name, "like": name, "fields": dict(fields)}]}
    try:
        (source,) = parse_sources(tomlkit.dumps(document), bases)
    except SourcesError as error:
        problems = "\n  ".join(dict.fromkeys(f"{problem.message}; {problem.remedy}" for problem in error.problems))
        raise ConfigurationError(
            f"the source {name} cannot be used as it is (--set FIELD=VALUE fills a field):\n  {problems}"
        ) from error
    return SourceMapping(source)


def assignments(texts: Sequence[str]) -> dict[str, Any]:
    """The fields that texts like touchpoint=web.checkout fill; the value may be TOML, like { column = "Score" }.

    Raises:
        ConfigurationError: One is no such text.

    >>> assignments(["touchpoint=web.checkout", 'score={ column = "Rating" }'])
    {'touchpoint': 'web.checkout', 'score': {'column': 'Rating'}}
    """
    result = {}
    for text in texts:
        field, sign, value = text.partition("=")
        if not sign or field.strip() not in EVENT_FIELDS:
            hint = suggestion(field.strip(), EVENT_FIELDS)
            raise ConfigurationError(f"--set {text}: write FIELD=VALUE with a field of an event; {hint}")
        result[field.strip()] = _value(value.strip())
    return result


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # without quotes: web.checkout


def _of_file(file: Path) -> Mapping[str, Mapping[str, Any]]:
    text = text_of(file)
    compiled_sources(text, str(file))
    result = {}
    for item in tomllib.loads(text.removeprefix("\ufeff")).get("source", []):
        whole = overlaid(ready_sources()[item["like"]], item) if "like" in item else item
        result[item["name"]] = {key: value for key, value in whole.items() if key not in ("name", "like")}
    return result

"""The ready-made sources: they ship with us, each in a file of its own with a sample of our making."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def ready_sources() -> Mapping[str, Mapping[str, Any]]:
    """All of them by name, as their files have them."""
    return {path.stem: _source(path) for path in sorted(_folder().glob("*.toml"))}


def purpose_of(name: str) -> str:
    """What a ready-made source is for: the first comment of its file."""
    first = (_folder() / f"{name}.toml").read_text(encoding="utf-8").split("\n", 1)[0]
    return first.removeprefix("#").strip()


def sample_of(name: str) -> Path:
    """The sample of a ready-made source."""
    return next((_folder() / "samples").glob(f"{name}.*"))


def _folder() -> Path:
    return Path(str(resources.files("deploy").joinpath("sources")))


def _source(path: Path) -> Mapping[str, Any]:
    (source,) = tomllib.loads(path.read_text(encoding="utf-8"))["source"]
    return {key: value for key, value in source.items() if key != "name"}

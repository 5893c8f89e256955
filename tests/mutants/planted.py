"""Planted breaches: what is broken on purpose, one at a time, and the tests of which one must fail."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

PROJECT: Final = Path(__file__).parents[2]
LIST: Final = Path(__file__).with_name("planted.toml")


class Breach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One breach.

    Attributes:
        name: What no longer holds, as a sentence without its full stop.
        file: The file that is changed, from the project's root.
        old: The text that is replaced; it occurs there once.
        new: What it is replaced by.
        tests: Files or single tests, the quick ones first; one of them must fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The text of the file with the breach in it.

        Raises:
            ValueError: The old text does not occur exactly once: the list must follow the code.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: the old text occurs {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def planted() -> list[Breach]:
    """All of them, in the order of the list."""
    return msgspec.convert(tomllib.loads(LIST.read_text(encoding="utf-8"))["breach"], list[Breach])

"""Copies the programs' examples into docs/publish.md and docs/read.md: `python -m tests.clients.examples`."""

import re
import textwrap
from pathlib import Path

from tests.clients.catalogue import HERE

PAGES = (HERE.parents[1] / "docs" / "publish.md", HERE.parents[1] / "docs" / "read.md")
_EXAMPLE = re.compile(r"[^\n]*the example begins\n(.*?)\n[^\n]*the example ends", re.DOTALL)
_BLOCK = re.compile(r"(<!-- tests/clients/(\S+) -->\n```\w+\n).*?\n(?=```$)", re.DOTALL | re.MULTILINE)


def example(program: Path) -> str:
    """What is shown of a program."""
    match = _EXAMPLE.search(program.read_text())
    if match is None:
        raise ValueError(f"{program} does not say where its example begins and ends")
    return textwrap.dedent(match[1]).strip()


def filled(page: str) -> str:
    """The page with the examples as the programs have them."""
    return _BLOCK.sub(lambda block: f"{block[1]}{example(HERE / block[2])}\n", page)


def shown(page: str) -> list[str]:
    """The programs of which the page shows an example."""
    return [program for _, program in _BLOCK.findall(page)]


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled(page.read_text()))

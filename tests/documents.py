"""The project's documents, as tests read them: their text, their blocks of code, their headings and links."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "deploy", "bench", "tests", ".github")
DOCUMENTS = sorted(
    path
    for path in [*PROJECT.glob("*.md"), *(path for folder in FOLDERS for path in PROJECT.glob(f"{folder}/**/*.md"))]
    if not {"results", "node_modules"} & set(path.parts)
)
TEXT = "\n".join(path.read_text() for path in DOCUMENTS)

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block of code: where it begins, its language, its label and what is in it."""

    document: Path
    line: int
    language: str
    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(PROJECT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """The fenced blocks of all documents, or those of some languages."""
    return [block for path in DOCUMENTS for block in _blocks(path) if not languages or block.language in languages]


def _blocks(path: Path) -> Iterator[Block]:
    text = path.read_text()
    for match in _BLOCK.finditer(text):
        language, _, label = match[1].partition(" ")
        yield Block(path, text.count("\n", 0, match.start()) + 1, language, label, match[2])


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return _BLOCK.sub("", path.read_text())


def links(path: Path) -> list[str]:
    """What a document links to within the project: paths, with an anchor or not, or only an anchor."""
    return [link for link in _LINK.findall(prose(path)) if not re.match(r"[a-z]+:", link)]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    used: Counter[str] = Counter()
    names = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w -]", "", text).replace(" ", "-")
        names.add(f"{name}-{used[name]}" if used[name] else name)
        used[name] += 1
    return names

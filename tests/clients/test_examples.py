import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.clients.catalogue import CLIENTS, HERE, READERS, Client
from tests.clients.examples import PAGES, example, filled, shown

SUFFIXES = {".py", ".go", ".java", ".js", ".rs"}
PROGRAMS = sorted(
    path.relative_to(HERE).as_posix()
    for path in HERE.rglob("*")
    if path.suffix in SUFFIXES
    and "the example begins" in path.read_text()
    and len(path.relative_to(HERE).parts) > 1
    and not {"node_modules", "target"} & set(path.parts)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_the_examples_that_are_tried(page: Path) -> None:
    text = page.read_text()
    assert filled(text) == text


def test_every_program_is_shown() -> None:
    assert sorted(program for page in PAGES for program in shown(page.read_text())) == PROGRAMS
    assert len(PROGRAMS) + len({"kcat"}) == len(CLIENTS) + len(READERS)


@pytest.mark.parametrize(
    ("page", "clients"), list(zip(PAGES, (CLIENTS, READERS), strict=True)), ids=["publish", "read"]
)
def test_every_client_is_named_in_the_table_of_those_that_were_tried(page: Path, clients: Sequence[Client]) -> None:
    rows = re.findall(r"(?m)^\| (\S+)", page.read_text())
    assert {client.name for client in clients} - set(rows) == set()


def test_a_page_with_an_older_example_is_noticed() -> None:
    old = "<!-- tests/clients/go/franz/main.go -->\n```go\nold\n```\n"
    assert filled(old) == old.replace("old", example(HERE / "go/franz/main.go"))
    with pytest.raises(ValueError, match="where its example begins"):
        example(HERE / "kcat.sh")

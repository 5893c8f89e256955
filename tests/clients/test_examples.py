import re

import pytest

from tests.clients.catalogue import CLIENTS, HERE
from tests.clients.examples import PAGE, example, filled, shown

SUFFIXES = {".py", ".go", ".java", ".js", ".rs"}
PROGRAMS = sorted(
    path.relative_to(HERE).as_posix()
    for path in HERE.rglob("*")
    if path.suffix in SUFFIXES
    and len(path.relative_to(HERE).parts) > 1
    and not {"node_modules", "target"} & set(path.parts)
)


def test_the_page_shows_the_examples_that_are_tried() -> None:
    text = PAGE.read_text()
    assert filled(text) == text


def test_every_program_is_shown() -> None:
    assert sorted(shown(PAGE.read_text())) == PROGRAMS
    assert len(PROGRAMS) + len({"kcat"}) == len(CLIENTS)


def test_every_client_is_named_in_the_table_of_those_that_were_tried() -> None:
    rows = re.findall(r"(?m)^\| (\S+)", PAGE.read_text())
    assert {client.name for client in CLIENTS} - set(rows) == set()


def test_a_page_with_an_older_example_is_noticed() -> None:
    old = "<!-- tests/clients/go/franz/main.go -->\n```go\nold\n```\n"
    assert filled(old) == old.replace("old", example(HERE / "go/franz/main.go"))
    with pytest.raises(ValueError, match="where its example begins"):
        example(HERE / "kcat.sh")

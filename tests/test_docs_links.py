"""Documents lead somewhere: links, anchors and pictures; the README stays short."""

from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, PROJECT, anchors, links

LONGEST_README = 120


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_to_a_file_or_a_folder(document: Path) -> None:
    for link in links(document):
        assert (document.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_to_headings_lead_to_one(document: Path) -> None:
    for link in links(document):
        target, _, anchor = link.partition("#")
        if anchor:
            assert anchor in anchors(document.parent / target if target else document), link


def test_links_and_anchors_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# The `cxb`: a [word](a.md#b)\n\n## Two\n\n## Two\n\n```sh\n# no [heading](no.md)\n```\n[x](https://y)"
    )
    assert links(page) == ["a.md#b"]
    assert anchors(page) == {"the-cxb-a-word", "two", "two-1"}
    assert len(DOCUMENTS) > 40


def test_the_readme_comes_to_the_point() -> None:
    text = (PROJECT / "README.md").read_text()
    before, heading, _ = text.partition("\n## More\n")
    assert heading
    assert len(before.splitlines()) <= LONGEST_README


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [PROJECT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            paths = [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
            waiting += [path for path in paths if path.suffix == ".md"]
            waiting += [path / "README.md" for path in paths if (path / "README.md").exists()]
    pages = {path for path in DOCUMENTS if path.parent == PROJECT or path.is_relative_to(PROJECT / "docs")}
    assert pages - reached == set()

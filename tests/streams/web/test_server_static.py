"""The files of the page: how large they are, and that what it carries along is what its manifest says."""

import gzip
import json
import re
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path

from streams.web.server import page_file, static_names

STATIC = Path(__file__).parents[3] / "streams" / "web" / "static"
KEY = re.compile(r'^ *(\w+|"[^"]+"): \["', re.MULTILINE)
RULE = re.compile(r"([^{}]+)\{")
FREE = {"MIT", "ISC", "BSD-3-Clause"}


def test_the_page_is_small() -> None:
    bodies = [page_file(name) for name in ("index.html", *static_names())]
    assert sum(map(len, bodies)) <= 400_000
    assert len(gzip.compress(b"".join(bodies))) <= 120_000


def test_what_is_sent_has_the_lines_of_the_file_without_those_that_are_comments() -> None:
    for name in static_names():
        sent, kept = page_file(name).decode().split("\n"), (STATIC / name).read_text(encoding="utf-8").split("\n")
        dropped = {line.strip()[:2] for mine, line in zip(sent, kept, strict=True) if mine != line}
        assert dropped <= ({"//", "/*"} if name.endswith(".js") else set())
    assert b"/**" not in page_file("texts.js")


def test_no_text_of_the_page_has_the_key_of_another() -> None:
    files = [STATIC / "texts.js", *sorted((STATIC / "texts").glob("*.js"))]
    keys = Counter(key for path in files for key in KEY.findall(path.read_text()))
    assert [key for key, times in keys.items() if times > 1] == []


def classes_of(style: str) -> set[str]:
    """The classes that selectors of a style begin with."""
    rules = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    selectors = (one for group in RULE.findall(rules) for one in group.split(","))
    return {found[1] for one in selectors if (found := re.match(r"\s*\.([\w-]+)", one))}


def test_no_two_styles_define_one_class() -> None:
    assert classes_of(".a .b, i.c { } @media print { .d { } } /* .e { } */") == {"a", "d"}
    files: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((STATIC / "styles").glob("*.css")):
        for name in classes_of(path.read_text()):
            files[name].append(path.name)
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


def test_what_the_page_carries_along_is_what_its_manifest_says() -> None:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text())
    licences = (STATIC / "vendor" / "LICENSES.txt").read_text()
    assert {one["file"] for one in manifest} == {path.name for path in (STATIC / "vendor").glob("*.js")}
    for one in manifest:
        assert sha256((STATIC / "vendor" / one["file"]).read_bytes()).hexdigest() == one["sha256"], one["file"]
        for package in one["packages"]:
            assert package["licence"] in FREE
            assert f"{package['package']}\n---" in licences

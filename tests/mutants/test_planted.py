"""The list of planted breaches follows the code, and the table in the documents follows the list."""

import ast
import re

import pytest

from tests.mutants.__main__ import BEGINS, DOCUMENT, ENDS, SOME, chosen
from tests.mutants.planted import PROJECT, Breach, planted

BREACHES = planted()
PLACES = {
    "the store": ("deploy/clickhouse/", "streams/store/"),
    "ingest": ("streams/ingest/", "streams/runtime/retry.py"),
    "transport": ("streams/kafka/transport.py",),
    "dead letters": ("streams/kafka/dead_letters.py",),
    "cells": ("streams/figures/minutes.py", "streams/figures/sql/recompute_cells.sql"),
    "days": ("streams/figures/days.py", "streams/figures/sql/fold_days.sql", "metrics/figures/days.py"),
    "refresh": ("streams/figures/refresh.py",),
    "erasure": ("streams/operations/erase.py", "streams/ingest/erased.py"),
    "embedded": ("streams/embedded/",),
}


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.name)
def test_what_a_breach_replaces_is_in_its_file_once(breach: Breach) -> None:
    whole = (PROJECT / breach.file).read_text(encoding="utf-8")
    broken = breach.applied(whole)
    assert broken != whole
    if breach.file.endswith(".py"):
        ast.parse(broken)


def test_a_breach_whose_text_is_gone_is_an_error() -> None:
    for text in ("", "ab ab"):
        with pytest.raises(ValueError, match="the old text occurs"):
            Breach("it breaks", "x.py", "ab", "", ()).applied(text)


@pytest.mark.parametrize("test", sorted({test for breach in BREACHES for test in breach.tests}))
def test_every_test_that_must_notice_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    functions = re.findall(r"def (test_\w+)", (PROJECT / file).read_text(encoding="utf-8"))
    assert not name or name in functions


def test_breaches_are_of_all_places_and_have_names_of_their_own() -> None:
    assert len(BREACHES) >= 25
    assert len({breach.name for breach in BREACHES}) == len(BREACHES)
    for place, files in PLACES.items():
        assert any(breach.file.startswith(files) for breach in BREACHES), place


def test_a_few_take_turns_through_all_of_them() -> None:
    turns = -(-len(BREACHES) // SOME) * SOME
    taken = [breach.name for number in range(turns) for breach in chosen(BREACHES, number)]
    assert set(taken) == {breach.name for breach in BREACHES}
    assert chosen(BREACHES, None) == BREACHES


def test_the_table_of_the_documents_is_about_these() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text[text.index(BEGINS) : text.index(ENDS)]
    assert re.findall(r"^\| ([^|]+) \| `", table, re.MULTILINE) == [breach.name for breach in BREACHES]

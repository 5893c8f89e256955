"""CODEOWNERS as a registry: the same owner for every touchpoint as for the path that it stands for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.registry import UNOWNED, parse
from metrics.registry.attribution import Attribution
from metrics.registry.exchange.codeowners import codeowners
from metrics.registry.exchange.drafts import Draft
from tests.metrics.registry_text import COMPANY_OF_TWO, rule

WORDS = ("web", "shop", "cart")
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
paths = st.just("*") | words.map(lambda names: "/" + "/".join(names)) | words.map(lambda n: "/" + "/".join(n) + "/")


def rules(draft: Draft) -> list[tuple[str, str]]:
    return [(rule.touchpoint, rule.owner) for rule in draft.ownerships]


def last_match(lines: list[tuple[str, str]], touchpoint: str) -> str:
    """What CODEOWNERS says about the file at a path: the last line that matches it, or a folder that holds it."""
    path, result = "/" + touchpoint.replace(".", "/"), UNOWNED
    for pattern, owner in lines:
        below = path.startswith(pattern if pattern.endswith("/") else f"{pattern}/")
        if pattern == "*" or below or path == pattern:
            result = owner
    return result


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(paths, st.sampled_from(["it", "sales"])), max_size=6), words)
def test_the_last_match_wins_as_in_codeowners(lines: list[tuple[str, str]], names: list[str]) -> None:
    draft = codeowners("\n".join(f"{path} @shop/{owner}" for path, owner in lines))
    assert not [note for note in draft.notes if note.lost]
    text = COMPANY_OF_TWO + "".join(rule(pattern, owner) for pattern, owner in rules(draft))
    touchpoint = ".".join(names)
    assert Attribution(parse(text)).owner(touchpoint, "", "", "nps", 0) == last_match(lines, touchpoint)


def test_a_path_without_a_slash_at_its_end_is_a_touchpoint_and_all_below_it() -> None:
    assert rules(codeowners("/web/checkout @shop/it")) == [("web.checkout", "it"), ("web.checkout.*", "it")]
    assert rules(codeowners("web/checkout/** @shop/it")) == [("web.checkout.*", "it")]


def test_teams_are_named_by_their_last_word_and_departments_that_are_declared_by_their_handle() -> None:
    assert rules(codeowners("* @company/Shop/IT")) == [("*", "it")]
    assert rules(codeowners("* @IT", {"it"})) == [("*", "it")]


def test_departments_come_with_no_office_as_the_file_has_none() -> None:
    assert [(department.id, department.office) for department in codeowners("* @shop/it").departments] == [("it", "")]


def test_comments_and_empty_lines_say_nothing() -> None:
    assert codeowners("# who\n\n   \n* @shop/it # for now\n").notes == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("docs/ @shop/it", "matches at every depth"),
        ("*.js @shop/it", "write /*.js"),
        ("/web/*.js @shop/it", "matches what no touchpoint pattern can"),
        ("/web/* @shop/it", "matches what no touchpoint pattern can"),
        ("/Web/ @shop/it", "lower-case letters"),
        ("!/web/ @shop/it", "matches what"),
        ("/web//cart @shop/it", "matches what"),
        ("/ @shop/it", "matches what"),
        ("[Shop] @shop/it", "sections are not read"),
        ("/web/ @anna", "may be a person"),
        ("/web/ anna@example.org", "may be a person"),
        ("/web/ @shop/it @shop/sales", "2 owners (@shop/it @shop/sales)"),
        ("/web/", "nobody is named"),
        ("/web/ @shop/unowned", "is not a department id"),
    ],
)
def test_what_has_no_meaning_here_is_said_and_left_out(line: str, says: str) -> None:
    draft = codeowners(f"\n{line}")
    assert draft.ownerships == ()
    [note] = draft.notes
    assert (note.line, note.lost) == (2, True)
    assert says in str(note)


def test_a_line_that_cannot_be_kept_says_who_gets_its_touchpoints() -> None:
    draft = codeowners("* @shop/it\n/web/ @shop/sales\n/web/legal/ @anna")
    assert "web.legal.* falls to 'sales' of line 2" in draft.notes[0].message


def test_a_line_that_cannot_be_kept_still_overrules_those_before_it() -> None:
    draft = codeowners("/web/cart/ @shop/sales\n/web/ @anna\n")
    assert draft.ownerships == ()
    assert [(note.line, note.lost) for note in draft.notes] == [(1, False), (2, True)]

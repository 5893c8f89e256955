"""Registries from files of others and back: what goes out as CSV comes in with the same owners at every instant."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalogue import FACETS
from metrics.registry import Department, Ownership, Registry, Touchpoint, parse
from metrics.registry.attribution import Attribution
from metrics.registry.exchange.drafts import Draft, with_office
from metrics.registry.exchange.rows import SHEET_COLUMNS
from streams.errors import ConfigurationError
from streams.registry.exchange import as_csv, as_toml, declared, merged, problems_of, read, write
from streams.registry.file import sample
from tests.metrics.registry_text import COMPANY_OF_TWO, MINIMAL, rule

START = datetime(2026, 1, 1, tzinfo=UTC)
TOUCHPOINTS = ("web", "web.cart", "web.cart.pay", "fax")
PATTERNS = ("*", "web.*", "web.cart.*", *TOUCHPOINTS)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''-1", "\uff1d1", "a;=1")
names = st.text(min_size=1, max_size=8).filter(str.strip) | st.sampled_from(FORMULAS)
labels = st.none() | st.sampled_from(["smb", ' a,"b"\n', "\r\n\t;\\", "=1+1"]) | names
instants = st.integers(0, 400).map(lambda n: START + timedelta(hours=7 * n))


@st.composite
def ownerships(draw: st.DrawFn, ids: list[str]) -> Ownership:
    owner, *others = draw(st.permutations(ids))
    helpers = others[: draw(st.integers(0, len(others)))]
    period = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
    return Ownership(
        draw(st.sampled_from(PATTERNS)), draw(labels), draw(labels),
        draw(st.sampled_from([None, "nps", "visit"])), owner,
        {name: draw(st.floats(1e-9, 0.9 / len(helpers))) for name in helpers},
        draw(st.sampled_from([None, period[0]])), draw(st.sampled_from([None, period[1]])), 0, None,
        draw(st.sampled_from([None, *FACETS])), tuple(others[len(helpers) :]), draw(st.none() | names),
    )  # fmt: skip


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    ids = draw(st.lists(st.from_regex(r"[a-z0-9_-]{1,6}", fullmatch=True), min_size=1, max_size=4, unique=True))
    people = [Department(name, draw(names), draw(st.sampled_from(["front", "back"])), None) for name in ids]
    points = [
        Touchpoint(name, {"en": draw(names), "it": draw(names)}, "before", "online")
        for name in draw(st.sets(st.sampled_from(TOUCHPOINTS)))
    ]
    compiled = draw(st.lists(ownerships(ids), max_size=5))
    return parse(MINIMAL + as_toml(Draft(tuple(people), tuple(points), tuple(compiled))))


@settings(deadline=None, max_examples=60)
@given(registries())
def test_what_goes_out_as_csv_comes_in_with_the_same_owners_at_every_instant(
    tmp_path_factory: pytest.TempPathFactory, registry: Registry
) -> None:
    path = tmp_path_factory.getbasetemp() / "owners.csv"
    path.write_text(as_csv(registry, None), encoding="utf-8", newline="")
    draft = read("csv", path)
    assert draft.notes == ()
    back = parse(MINIMAL + as_toml(draft))
    assert sorted(back.departments, key=str) == sorted(registry.departments, key=str)
    assert sorted(back.touchpoints, key=str) == sorted(registry.touchpoints, key=str)
    assert [replace(one, line=None) for one in back.ownerships] == [
        replace(one, line=None) for one in registry.ownerships
    ]
    # Not only alike as declared: every event has the same owner before and after every change.
    for facet in (None, *FACETS):
        one, other = Attribution(registry, facet=facet), Attribution(back, facet=facet)
        for at_s in {0, *(edge + by for edge in one.boundaries for by in (-1, 0))}:
            for touchpoint in TOUCHPOINTS:
                for segment in {"", *(own.segment or "" for own in registry.ownerships)}:
                    question = (touchpoint, segment, "", "nps", at_s)
                    assert one.owner(*question) == other.owner(*question)


def test_the_sample_goes_out_and_comes_in_whole(tmp_path: Path) -> None:
    registry, path = declared(sample())[1], tmp_path / "owners.csv"
    path.write_text(as_csv(registry, None), encoding="utf-8")
    back = parse(MINIMAL + as_toml(read("csv", path)))
    assert {one.touchpoint for one in back.ownerships} == {one.touchpoint for one in registry.ownerships}
    assert {one.id for one in back.touchpoints} == {one.id for one in registry.touchpoints}


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula_to_a_spreadsheet(formula: str) -> None:
    department = Department("-it", formula, "front", None)
    point = Touchpoint("-web", {"en": formula}, "before", "online")
    own = Ownership("-web", formula, formula, None, "-it", {}, None, None, 0, None, None, (), formula)
    text = as_csv(parse(MINIMAL + as_toml(Draft((department,), (point,), (own,)))), None)
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert [cell for cell in row.values() if cell[:1] in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")] == []
    assert row["owner_name"].removeprefix("'") == formula or row["owner_name"] == formula == "a;=1"
    assert ";=1" not in text.replace('"a;=1"', "")


def test_an_empty_registry_is_a_header() -> None:
    assert as_csv(parse(MINIMAL), None) == ",".join(SHEET_COLUMNS) + "\r\n"


def test_lines_of_a_csv_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_text('touchpoint,owner,sponsor\nweb,it,"one\ntwo"\nWeb,it\n')
    draft = read("csv", path)
    assert draft.ownerships[0].sponsor == "one\ntwo"
    assert [note.line for note in draft.notes] == [4]


def test_a_byte_order_mark_of_a_spreadsheet_is_no_part_of_its_first_column(tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_text("touchpoint,owner\r\nweb,it\r\n", encoding="utf-8-sig", newline="")
    assert [one.owner for one in read("csv", path).ownerships] == ["it"]


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        ("csv", "", "it needs touchpoint and owner"),
        ("csv", "touchpoint,boss\n", "has the columns touchpoint, boss"),
        ("csv", "touchpoint,owner,owner\n", "each column once"),
        ("csv", "touchpoint,owner\nweb,it,sales\n", "line 2 has 3 cells for 2 columns"),
        ("csv", 'touchpoint,owner\nweb,"it\n', "unexpected end of data"),
        ("backstage", "kind: [", "line 1"),
        ("backstage", "!!python/object:os.system {}", "could not determine a constructor"),
        ("backstage", "a: 2026-13-45", "month must be in 1..12"),
    ],
)
def test_a_file_that_is_something_else_is_refused(form: str, text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="correct it there and import it again") as raised:
        read(form, path)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_documents_of_a_catalogue_are_found_by_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "catalog-info.yaml"
    path.write_text(
        "# ours\n---\nkind: API\nmetadata: {name: web.cart}\nspec: {owner: it}\n---\n---\nkind: User\n---\n- 1\n"
    )
    draft = read("backstage", path)
    assert [(one.touchpoint, one.owner) for one in draft.ownerships] == [("web.cart", "it")]
    assert [(note.line, note.lost) for note in draft.notes] == [(8, False), (10, True)]


def test_an_office_that_nobody_told_stays_open_and_the_registry_says_so(tmp_path: Path) -> None:
    path = tmp_path / "CODEOWNERS"
    path.write_text("* @shop/hr\n")
    draft = read("codeowners", path)
    text = merged(MINIMAL, as_toml(draft))
    assert '# office = "front" or "back"' in text
    assert any("missing key 'office'" in problem for problem in problems_of(text, MINIMAL))
    assert problems_of(merged(MINIMAL, as_toml(with_office(draft, "back"))), MINIMAL) == []


def test_what_stood_in_the_file_stays_with_its_comments_and_its_problems_are_not_told_again() -> None:
    before = COMPANY_OF_TWO + "# by the board\n" + rule("web", "it") + rule("web", "sales")
    text = merged(before, as_toml(Draft(ownerships=parse(COMPANY_OF_TWO + rule("fax", "it")).ownerships)))
    assert text.startswith(before.rstrip())
    assert problems_of(text, before) == []
    assert merged(before, "") == before
    assert any("fax" in one for one in problems_of(text + rule("fax", "sales"), before))


def test_a_team_and_a_partner_are_written_as_such() -> None:
    people = (
        Department("courier", "Courier", "back", None, kind="partner"),
        Department("duo", "Duo", "front", None, kind="team", members={"courier": 0.5, "it": 0.5}),
        Department("it", "IT", "back", None),
    )
    back = {one.id: one for one in parse(MINIMAL + as_toml(Draft(departments=people))).departments}
    assert back == {one.id: one for one in people}


def test_a_file_is_replaced_at_once_with_its_mode_and_through_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "registry.toml"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link, "new")
    assert (real.read_text(), real.stat().st_mode & 0o777, link.is_symlink()) == ("new", 0o640, True)
    assert {path.name for path in tmp_path.iterdir()} == {"real.toml", "registry.toml"}


def test_what_cannot_be_read_or_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read"):
        read("csv", tmp_path / "none.csv")
    with pytest.raises(ConfigurationError, match="cannot add to the registry"):
        declared(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot write"):
        write(tmp_path / "none.toml", "new")
    assert list(tmp_path.iterdir()) == []

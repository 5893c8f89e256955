"""The registry as rows, and back: the same owners at every instant."""

from datetime import UTC, datetime

import pytest

from metrics.registry import parse
from metrics.registry.exchange.drafts import Draft
from metrics.registry.exchange.rows import draft_of, rows_of
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

TEAM = '\n[[team]]\nid = "web-team"\nname = "Web"\noffice = "front"\nmembers = { it = 0.5, sales = 0.5 }\n'


def read(*rows: dict[str, str]) -> Draft:
    return draft_of(enumerate(rows, start=2))


def test_a_rule_says_what_it_is_where_it_is_and_which_office_owns_it() -> None:
    text = COMPANY_OF_TWO + touchpoint("web.cart") + rule("web.cart", "it", "from = 2026-03-01T08:30:00+01:00")
    first, *rest = rows_of(parse(text))
    assert {name: cell for name, cell in first.items() if cell} == {
        "touchpoint": "web.cart", "stage": "before", "channel": "online", "name_en": "X",
        "owner": "it", "owner_name": "IT", "office": "back", "from": "2026-03-01T07:30:00+00:00",
    }  # fmt: skip
    # Who owns nothing has a row as well, for somebody may name it.
    assert [row["owner"] for row in rest] == ["sales"]


def test_at_an_instant_only_the_rules_in_force_are_written_but_every_touchpoint() -> None:
    text = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it", "to = 2026-03-01")
    text += rule("web", "sales", "from = 2026-03-01")
    march = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    fields = [[(r["touchpoint"], r["owner"]) for r in rows_of(parse(text), at)] for at in (march - 1, march)]
    assert fields == [[("web", "it"), ("", "sales")], [("web", "sales"), ("", "it")]]
    assert ("web", "") in [(r["touchpoint"], r["owner"]) for r in rows_of(parse(COMPANY_OF_TWO + touchpoint("web")))]


def test_teams_come_back_with_their_members() -> None:
    registry = parse(COMPANY_OF_TWO + TEAM + rule("web", "web-team", "contributors = { it = 0.1 }"))
    back = draft_of(enumerate(rows_of(registry)))
    assert {department.id: dict(department.members) for department in back.departments}["web-team"] == {
        "it": 0.5,
        "sales": 0.5,
    }
    assert back.ownerships[0].contributors == {"it": 0.1}
    assert back.notes == ()


def test_empty_rows_say_nothing() -> None:
    assert read({"touchpoint": "", "owner": ""}, {}) == Draft()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"region": "es"}, "names neither a touchpoint nor an owner"),
        ({"touchpoint": "web", "region": "es"}, "has no owner, so these cells have no meaning: region"),
        ({"owner": "it", "kind": "nps"}, "has no touchpoint, so these cells have no meaning: kind"),
        ({"touchpoint": "web", "owner": "it", "from": "1/2/2026"}, "from: '1/2/2026' is not an instant"),
        ({"touchpoint": "web", "owner": "it", "to": "2026-01-01T10:00"}, "has no offset from UTC"),
        ({"touchpoint": "web", "owner": "it", "contributors": "sales"}, "contributors: 'sales' is not a share"),
        ({"touchpoint": "web", "owner": "it", "kind": "visits"}, "unknown kind 'visits'; did you mean 'visit'?"),
        ({"touchpoint": "web", "stage": "before", "name_en": "Web"}, "missing key 'channel'"),
        ({"touchpoint": "web.*", "stage": "before", "channel": "online", "name_en": "X"}, "is not a touchpoint id"),
    ],
)
def test_what_cannot_be_kept_is_said(row: dict[str, str], says: str) -> None:
    draft = read({}, row)
    assert (draft.ownerships, draft.touchpoints) == ((), ())
    [note] = draft.notes
    assert (note.line, note.lost) == (3, True)
    assert says in note.message


def test_a_rule_is_kept_where_only_the_declaration_of_its_touchpoint_is_wrong() -> None:
    draft = read({"touchpoint": "web", "owner": "it", "stage": "before", "consulted": "hr sales"})
    assert [(rule.owner, rule.consulted) for rule in draft.ownerships] == [("it", ("hr", "sales"))]
    assert len(draft.notes) == 2

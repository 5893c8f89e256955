"""Drafts: parts of a registry read from elsewhere, checked as the file itself is."""

from metrics.registry import parse
from metrics.registry.exchange.drafts import Draft, Sketch, beyond, with_office
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

CART = {"id": "web.cart", "name": {"en": "Cart"}, "stage": "during", "channel": "online"}


def said(sketch: Sketch) -> list[str]:
    return [str(note) for note in sketch.draft().notes]


def test_a_department_that_is_only_named_is_replaced_by_its_declaration() -> None:
    sketch = Sketch()
    sketch.ownership(1, {"touchpoint": "*", "owner": "it", "consulted": ["hr"]})
    sketch.department(2, {"id": "it", "name": "IT", "office": "back"})
    sketch.ownership(3, {"touchpoint": "web", "owner": "it"})
    result = sketch.draft()
    assert [(department.id, department.name, department.office) for department in result.departments] == [
        ("it", "IT", "back"),
        ("hr", "hr", ""),
    ]
    assert result.notes == ()


def test_two_declarations_must_be_alike() -> None:
    sketch = Sketch()
    for line, office in enumerate(("back", "back", "front"), start=1):
        sketch.department(line, {"id": "it", "name": "IT", "office": office})
    sketch.touchpoint(4, CART)
    sketch.touchpoint(5, CART | {"stage": "after"})
    assert said(sketch) == [
        "line 3: it is declared differently in line 1; make the two the same",
        "line 5: web.cart is declared differently in line 4; make the two the same",
    ]


def test_a_team_brings_its_members() -> None:
    sketch = Sketch()
    sketch.department(1, {"id": "digital", "name": "Digital", "members": {"it": 0.5, "sales": 0.5}})
    assert [(department.id, department.kind, department.office) for department in sketch.draft().departments] == [
        ("it", "department", ""),
        ("sales", "department", ""),
        ("digital", "team", ""),
    ]


def test_what_the_registry_rejects_is_rejected_with_the_line_of_the_other_file() -> None:
    sketch = Sketch()
    sketch.ownership(7, {"touchpoint": "Web", "owner": "it"})
    sketch.ownership(8, {"touchpoint": "web", "owner": "it", "contributors": {"it": 0.5}})
    sketch.ownership(9, {"touchpoint": "web", "owner": "IT!"})
    sketch.ownership(10, {"touchpoint": "web", "owner": "it", "contributors": 3, "consulted": 4})
    sketch.touchpoint(11, {"id": "web", "name": {"en": "Web"}, "stage": "later", "channel": "online"})
    sketch.department(12, {"id": "company", "name": "All", "office": "back"})
    assert sketch.draft().ownerships == sketch.draft().touchpoints == sketch.draft().departments == ()
    assert [line.partition(";")[0] for line in said(sketch)] == [
        "line 7: touchpoint: 'Web' is not a touchpoint pattern",
        "line 8: contributors.it: 'it' is the owner itself",
        "line 9: 'IT!' is not a department id",
        "line 10: contributors: must be a table of shares, not an integer 3",
        "line 10: consulted: must be an array of strings, not an integer 4",
        "line 11: stage: unknown stage 'later'",
        "line 12: id: 'company' is reserved: the figures use it themselves",
    ]


def test_only_what_is_not_there_yet_is_added() -> None:
    registry = parse(COMPANY_OF_TWO + touchpoint("web.cart") + rule("web.*", "it", "contributors = { sales = 0.25 }"))
    sketch = Sketch()
    sketch.touchpoint(1, CART)
    sketch.ownership(2, {"touchpoint": "web.*", "owner": "it", "contributors": {"sales": 0.25}})
    sketch.ownership(3, {"touchpoint": "web.*", "owner": "it", "contributors": {"sales": 0.5}})
    sketch.ownership(4, {"touchpoint": "fax", "owner": "hr"})
    added = beyond(sketch.draft(), registry)
    assert [department.id for department in added.departments] == ["hr"]
    assert added.touchpoints == ()
    assert [(rule.touchpoint, rule.owner) for rule in added.ownerships] == [("web.*", "it"), ("fax", "hr")]


def test_an_office_is_given_to_those_alone_that_have_none() -> None:
    sketch = Sketch()
    sketch.department(1, {"id": "it", "name": "IT", "office": "back"})
    sketch.ownership(2, {"touchpoint": "fax", "owner": "hr"})
    assert [department.office for department in with_office(sketch.draft(), "front").departments] == ["back", "front"]
    assert with_office(Draft(), "front") == Draft()

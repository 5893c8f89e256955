"""A Backstage catalogue as a registry."""

from typing import Any

import pytest

from metrics.registry.exchange.backstage import backstage
from metrics.registry.exchange.drafts import Draft


def component(name: Any = "web.cart", owner: Any = "group:default/it", **more: Any) -> dict[str, Any]:
    annotations = {f"cx-balance/{key}": value for key, value in more.items()}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": name, "title": "Shopping cart", "annotations": annotations},
        "spec": {"type": "service", "owner": owner},
    }


def read(*entities: object) -> Draft:
    return backstage((10 * number, entity) for number, entity in enumerate(entities, start=1))


def rules(draft: Draft) -> list[tuple[str, str]]:
    return [(rule.touchpoint, rule.owner) for rule in draft.ownerships]


@pytest.mark.parametrize("owner", ["it", "group:it", "Group:default/it", "shop/it"])
def test_a_component_belongs_to_the_group_that_its_owner_refers_to(owner: str) -> None:
    draft = read(component(owner=owner))
    assert rules(draft) == [("web.cart", "it")]
    assert (draft.touchpoints, draft.notes) == ((), ())


def test_annotations_declare_the_touchpoint() -> None:
    [result] = read(component(stage="during", channel="online")).touchpoints
    assert (result.id, result.name, result.stage, result.channel) == (
        "web.cart", {"en": "Shopping cart"}, "during", "online",
    )  # fmt: skip
    nameless = component(stage="during", channel="online")
    del nameless["metadata"]["title"]
    assert read(nameless).touchpoints[0].name == {"en": "web.cart"}


def test_an_annotation_may_name_another_touchpoint_or_a_pattern() -> None:
    draft = read(component("Shop", touchpoint="web.*", stage="during"))
    assert rules(draft) == [("web.*", "it")]
    assert (draft.touchpoints, draft.notes) == ((), ())


def test_groups_are_departments_teams_or_partners() -> None:
    def group(name: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"kind": "Group", "metadata": {"name": name, **more}, "spec": {"type": kind, "profile": profile}}

    profile: Any = {"displayName": "The people"}
    office = {"annotations": {"cx-balance/office": "back", "other/office": "front"}}
    draft = read(group("it", "business-unit", **office), group("web", "team"), group("courier", "partner"))
    assert [
        (department.id, department.name, department.kind, department.office) for department in draft.departments
    ] == [
        ("it", "The people", "department", "back"),
        ("web", "The people", "team", ""),
        ("courier", "The people", "partner", ""),
    ]
    bare = read({"kind": "Group", "metadata": {"name": "it"}})
    assert [(department.name, department.kind) for department in bare.departments] == [("it", "department")]


def test_one_touchpoint_has_one_owner_however_many_parts_it_is_made_of() -> None:
    draft = read(component(), component("cart-api", touchpoint="web.cart"), component(owner="sales"))
    assert rules(draft) == [("web.cart", "it")]
    assert [str(note) for note in draft.notes] == ["line 30: web.cart belongs to it by line 10; name one owner"]


@pytest.mark.parametrize(
    ("entity", "says", "lost"),
    [
        (component(owner="user:anna"), "web.cart: the owner 'user:anna' is not a group", True),
        (component(owner=None), "the owner '' is not a group", True),
        (component(name=None), "has no name", True),
        (component(name="Cart"), "'Cart' is not a touchpoint pattern", True),
        (component(stage="later", channel="online"), "unknown stage 'later'", True),
        ({"kind": "Component"}, "has no name", True),
        ({"kind": "User", "metadata": {"name": "anna"}}, "kind 'User' owns nothing", False),
        (["kind"], "is not an entity", True),
    ],
)
def test_what_cannot_be_kept_is_said(entity: object, says: str, lost: bool) -> None:
    [note] = read(None, entity).notes
    assert (note.line, note.lost) == (20, lost)
    assert says in note.message

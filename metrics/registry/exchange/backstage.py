"""A Backstage catalogue read as a registry: components, systems and APIs are touchpoints, groups are departments.

| in the catalogue | in the registry |
|---|---|
| `spec.owner` of a Component, System or API, a group | the owner of the touchpoint |
| `metadata.name`, or the annotation `cx-balance/touchpoint` | the touchpoint, or pattern |
| annotations `cx-balance/stage` and `cx-balance/channel` | the touchpoint's declaration |
| `metadata.title`, else its name | the touchpoint's name in English |
| Group: `metadata.name`, `spec.profile.displayName` | a department and its name |
| Group: `spec.type` | `team` and `partner` are kinds of department, every other type is a plain department |
| Group: annotation `cx-balance/office` | its office |
"""

from collections.abc import Iterable, Mapping
from typing import Final

from metrics.ids import is_touchpoint_id
from metrics.registry.exchange.drafts import Draft, Sketch
from metrics.registry.table import shown

PREFIX: Final = "cx-balance/"
OWNED: Final = ("Component", "System", "API")
_KINDS: Final = ("team", "partner")

Entity = Mapping[str, object]


def backstage(entities: Iterable[tuple[int, object]]) -> Draft:
    """Reads the documents of catalogue files.

    Args:
        entities: The line on which each entity begins, and its contents.

    >>> entity = {"kind": "API", "metadata": {"name": "web.checkout"}, "spec": {"owner": "group:default/it"}}
    >>> [(rule.touchpoint, rule.owner) for rule in backstage([(1, entity)]).ownerships]
    [('web.checkout', 'it')]
    """
    sketch, taken = Sketch(), dict[str, tuple[int, str]]()
    for line, entity in entities:
        if entity is None:
            continue
        if not isinstance(entity, Mapping):
            sketch.note(line, "is not an entity; an entity has kind, metadata and spec")
        elif entity.get("kind") in OWNED:
            _owned(sketch, line, entity, taken)
        elif entity.get("kind") == "Group":
            _group(sketch, line, entity)
        else:
            sketch.note(line, f"kind {shown(entity.get('kind'))} owns nothing and is not owned; left out", lost=False)
    return sketch.draft()


def _owned(sketch: Sketch, line: int, entity: Entity, taken: dict[str, tuple[int, str]]) -> None:
    annotations, owner = _annotations(entity), _text(entity, "spec", "owner")
    touchpoint = annotations.get("touchpoint") or _text(entity, "metadata", "name")
    group = _group_of(owner)
    if not touchpoint or not group:
        wrong = "has no name" if not touchpoint else f"{touchpoint}: the owner {shown(owner)} is not a group"
        sketch.note(line, f"{wrong}; departments own touchpoints: give it a metadata.name, and a group as spec.owner")
        return
    first = taken.setdefault(touchpoint, (line, group))
    if first[1] != group:
        sketch.note(line, f"{touchpoint} belongs to {first[1]} by line {first[0]}; name one owner")
    elif first[0] == line:
        sketch.ownership(line, {"touchpoint": touchpoint, "owner": group})
    declared: dict[str, object] = {key: annotations[key] for key in ("stage", "channel") if key in annotations}
    if declared and is_touchpoint_id(touchpoint):
        name = _text(entity, "metadata", "title") or touchpoint
        sketch.touchpoint(line, {"id": touchpoint, "name": {"en": name}, **declared})


def _group(sketch: Sketch, line: int, entity: Entity) -> None:
    spec = entity.get("spec")
    profile = spec.get("profile") if isinstance(spec, Mapping) else None
    shown_name = profile.get("displayName") if isinstance(profile, Mapping) else None
    annotations, name, kind = _annotations(entity), _text(entity, "metadata", "name"), _text(entity, "spec", "type")
    data = {"id": name, "name": shown_name or name}
    data |= {"kind": kind} if kind in _KINDS else {}
    sketch.department(line, data | ({"office": annotations["office"]} if "office" in annotations else {}))


def _group_of(reference: str) -> str:
    """The name of the group that a reference names, "" if it names something else: [kind:][namespace/]name."""
    kind, colon, rest = reference.rpartition(":")
    return rest.rpartition("/")[2] if not colon or kind.lower() == "group" else ""


def _annotations(entity: Entity) -> dict[str, str]:
    metadata = entity.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(annotations, Mapping):
        return {}
    return {
        str(key).removeprefix(PREFIX): str(value) for key, value in annotations.items() if str(key).startswith(PREFIX)
    }


def _text(entity: Entity, section: str, key: str) -> str:
    values = entity.get(section)
    value = values.get(key) if isinstance(values, Mapping) else None
    return value if isinstance(value, str) else ""

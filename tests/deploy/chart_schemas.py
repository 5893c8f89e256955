"""What the schemas of Kubernetes, the Prometheus Operator and KEDA say of objects; run by the Python of .venv-chart.

Standard input: a list of objects as JSON. Standard output: a list of problems, likewise. Arguments: versions of
Kubernetes.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import kubernetes_validate
from kubernetes_validate import utils
from pydantic import BaseModel, ValidationError

OTHERS = {
    "monitoring.coreos.com/v1": "cloudcoil.models.prometheus_operator.v1",
    "keda.sh/v1alpha1": "cloudcoil.models.keda.v1alpha1",
}
"""Versions that are not Kubernetes' own: where their kinds are. Imported where they are met, which takes seconds."""
utils.schema_contents = cache(utils.schema_contents)  # it reads all definitions for each object


def problems(thing: dict[str, Any], versions: list[str]) -> Iterator[str]:
    """What is wrong with an object, unknown keys included."""
    kind = f"{thing['apiVersion']} {thing['kind']}"
    if module := OTHERS.get(thing["apiVersion"]):
        yield from problems_of_model(thing, getattr(import_module(module), thing["kind"]))
        return
    for version in versions:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{kind}, {version}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{kind}: {error.message}"


def problems_of_model(thing: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """The same by a model, which drops what it does not know."""
    try:
        known = model.model_validate(thing).model_dump(mode="json", by_alias=True, exclude_unset=True)
    except ValidationError as error:
        yield f"{thing['kind']}: {error}"
        return
    yield from dropped(thing, known, thing["kind"])


def dropped(given: object, known: object, path: str) -> Iterator[str]:
    """Keys that were given and are not known."""
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key in known:
                yield from dropped(value, known[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}: no such key"
    elif isinstance(given, list) and isinstance(known, list):
        for index, value in enumerate(given):
            yield from dropped(value, known[index], f"{path}[{index}]")


def main() -> None:
    """Reads objects, writes problems."""
    things = json.load(sys.stdin)
    json.dump([problem for thing in things for problem in problems(thing, sys.argv[1:])], sys.stdout)


if __name__ == "__main__":
    main()

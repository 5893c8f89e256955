"""The OpenAPI 3.1 document of the API, made from its routes and their types."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import msgspec

from streams.parameters import Parameter, Parameters, parameters_of
from streams.web.responses import Problem
from streams.web.routes import JSON, Route

Schema = dict[str, Any]

ABOUT: Final = """\
What a worker of cx-balance knows: figures, indices, drift, governance, the registry and rejected events.

No route changes anything: each is a GET, but for the POST of a registry that is not in force. Another method is
answered with 405, and a path that does not exist with 404, both in plain text. Each parameter is given at most once. A
parameter that is unknown, has no meaning, or names what does not exist is answered with 400, and a sentence that says
what is wrong, where, and what to do. Rows may gain fields: ignore those that you do not know. `Cache-Control` is always
`no-store`.
"""
INSTANT: Final[Schema] = {
    "type": "string",
    "anyOf": [{"format": "date"}, {"format": "date-time"}],
    "pattern": "^(19[7-9][0-9]|20[0-9]{2}|210[0-5])-",
    "description": "A date (midnight UTC), or a date and time with an offset; from 1970 to 2105.",
    "examples": ["2026-03-01", "2026-03-01T12:00:00Z"],
}


class Failure(NamedTuple):
    """Why there is no answer, as any route may say it."""

    name: str
    description: str
    content: Mapping[str, Any]


PROBLEM: Final = {JSON: Problem}
PLAIN: Final = {"text/plain": str}
FAILURES: Final[Mapping[int, Failure]] = {
    400: Failure(
        "BadParameter",
        "A parameter is unknown, given more than once, has no meaning, or names what does not exist; or a body is not "
        "what its type says, is too long, or takes too long to read.",
        PROBLEM,
    ),
    401: Failure("Unauthorized", "The token is missing or wrong.", PLAIN),
    403: Failure(
        "Foreign",
        "The worker listens on its own machine only, and another host is named; or another site's page sends a body.",
        PLAIN,
    ),
    408: Failure("BodyLate", "The body did not come in time.", PLAIN),
    413: Failure("BodyTooLarge", "The body has eight mebibytes or more.", PLAIN),
    415: Failure("UnknownType", "The body is of another type, or compressed.", PLAIN),
    429: Failure("TooManyAttempts", "Too many wrong tokens came; `Retry-After` says when to try again.", PLAIN),
    503: Failure(
        "StoreAway",
        "The store does not answer, too many questions wait (`Retry-After`), or the registry cannot be applied.",
        PROBLEM,
    ),
    504: Failure("StoreSlow", "The store took too long.", PROBLEM),
}
_SCHEMAS: Final = "#/components/schemas/{name}"
_HEADERS: Final[Schema] = {"Cache-Control": {"$ref": "#/components/headers/Cache-Control"}}
_NO_STORE: Final[Schema] = {
    "description": "Figures change.",
    "required": True,
    "schema": {"type": "string", "const": "no-store"},
}
_WAYS: Final[Schema] = {
    "token": {"type": "http", "scheme": "bearer", "description": "CXB_HTTP_TOKEN of the worker."},
    "password": {"type": "http", "scheme": "basic", "description": "The same as password, with any user name."},
}
"""How a program shows the token; a browser has a session after a login at /login."""


class Guards(NamedTuple):
    """What a worker looks at before it answers: its bearer token; whether it is called by a name of its own machine."""

    token: bool
    host: bool


def document(routes: Sequence[Route], guards: Guards) -> dict[str, Any]:
    """The document of a worker."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "cx-balance",
            "version": version("cx-balance"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This worker."}],
        "paths": {route.path: {route.method.lower(): _operation(route, guards)} for route in routes},
        "components": {
            "schemas": _schemas(routes),
            "responses": {
                failure.name: _response(failure.description, failure.content) for failure in FAILURES.values()
            },
            "headers": {"Cache-Control": _NO_STORE},
            "securitySchemes": _WAYS if guards.token else {},
        },
    }


def _schemas(routes: Iterable[Route]) -> dict[str, Schema]:
    kinds = [
        kind
        for route in routes
        for kind in (*route.content.values(), *route.others.values(), *(route.body or {}).values())
    ]
    _, components = msgspec.json.schema_components([*kinds, Problem], ref_template=_SCHEMAS)
    return dict(sorted(components.items()))


def _schema(kind: Any) -> Schema:
    [schema], _ = msgspec.json.schema_components([kind], ref_template=_SCHEMAS)
    return dict(schema)


def _operation(route: Route, guards: Guards) -> Schema:
    is_secured = guards.token and not route.is_open
    responses = {200: _response("OK", route.content)} | {
        status: {"$ref": f"#/components/responses/{FAILURES[status].name}"}
        for status, is_possible in (
            (400, route.parameters is not None),
            (401, is_secured),
            (429, is_secured),
            (403, guards.host or route.body is not None),
            *((status, route.body is not None) for status in (408, 413, 415)),
            (503, route.uses_store),
            (504, route.uses_store),
        )
        if is_possible
    }
    responses |= {status: _response("Not now.", {JSON: kind}) for status, kind in route.others.items()}
    return {
        "operationId": route.answer.__name__,
        "summary": (inspect.getdoc(route.answer) or "").partition("\n")[0],
        "parameters": list(_parameters(route.parameters, route.path)) if route.parameters else [],
        **({"requestBody": {"required": True, "content": _content(route.body)}} if route.body else {}),
        "responses": {str(status): responses[status] for status in sorted(responses)},
        "security": [{way: []} for way in _WAYS] if is_secured else [],
    }


def _response(description: str, content: Mapping[str, Any]) -> Schema:
    return {
        "description": description,
        "headers": _HEADERS,
        "content": _content(content),
    }


def _content(content: Mapping[str, Any]) -> Schema:
    return {media_type: {"schema": _schema(kind)} for media_type, kind in content.items()}


def _parameters(kind: type[Parameters], path: str) -> Iterable[Schema]:
    parameters = parameters_of(kind)
    for parameter in parameters.values():
        where = {"in": "path", "required": True} if f"{{{parameter.name}}}" in path else {}
        yield _parameter(parameter) | where
    for old, name in kind.renamed.items():
        described = f"The old name of `{name}`, accepted for one version more. Give only one of them."
        yield _parameter(parameters[name]) | {"name": old, "description": described, "deprecated": True}


def _parameter(parameter: Parameter) -> Schema:
    schema = INSTANT if parameter.type in (date, datetime) else _schema(parameter.type)
    if parameter.default is not None:
        schema = schema | {"default": parameter.default}
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": schema,
    }

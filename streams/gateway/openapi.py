"""The OpenAPI 3.1 document of the gateway, made from what it reads and answers."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import msgspec

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import of_kind, title
from metrics.events.carried import LINES_TYPES
from metrics.events.cloud_events import CLOUD_EVENT, CLOUD_EVENTS, REQUIRED_ATTRIBUTES, VERSION
from streams.gateway.answers import Accepted, DoorRefusal, Received
from streams.web.health import Health, Readiness

ObjectSchema = dict[str, Any]

ABOUT_DOOR: Final = """\
The gateway of cx-balance: events by HTTP.

All or nothing: `202` says that the broker has every event of the request, and none is lost from then on. After any
other answer send the request again, without the events that the answer names as wrong. An event counts once by
`source`, `event_id` and the minute of `occurred_at`, however often it is sent.
"""
_REF: Final = "#/components/schemas/{name}"
_EVENT: Final[ObjectSchema] = {"$ref": _REF.format(name="Event")}
_ENVELOPE: Final[ObjectSchema] = {
    "type": "object",
    "description": "A CloudEvent in JSON, whose data is an event. Nothing is taken from its attributes.",
    "required": [*REQUIRED_ATTRIBUTES],
    "properties": {
        "specversion": {"const": VERSION},
        **{name: {"type": "string", "minLength": 1} for name in REQUIRED_ATTRIBUTES[1:]},
        "datacontenttype": {"const": "application/json"},
        "data": _EVENT,
        "data_base64": {"type": "string", "contentEncoding": "base64"},
    },
    "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
}


class DoorAnswer(NamedTuple):
    """An answer of the door: what it says, its content, and whether it says when to come again."""

    description: str
    kind: type[msgspec.Struct]
    waits: bool = False


DOOR_ANSWERS: Final[Mapping[int, DoorAnswer]] = {
    202: DoorAnswer("The broker has acknowledged every event.", Accepted),
    400: DoorAnswer(
        "The body cannot be read, or events are wrong; each of those is named. None was sent.", DoorRefusal
    ),
    401: DoorAnswer("No token, or none that counts.", DoorRefusal),
    403: DoorAnswer("Events are not this token's to send, or the page's origin is unknown.", DoorRefusal),
    408: DoorAnswer("The body did not come in time.", DoorRefusal),
    413: DoorAnswer("The body, also unpacked, or an event is too long, or there are too many events.", DoorRefusal),
    415: DoorAnswer("Content-Type, charset or Content-Encoding is none of those that are read.", DoorRefusal),
    429: DoorAnswer("The publisher sends too fast, or wrong tokens came too often.", DoorRefusal, waits=True),
    503: DoorAnswer("The broker has not acknowledged every event, or too much waits for it.", DoorRefusal, waits=True),
}


def gateway_document() -> dict[str, Any]:
    """The document of a gateway."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "cx-balance gateway",
            "version": version("cx-balance"),
            "description": ABOUT_DOOR,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This gateway."}],
        "paths": {
            "/v1/events": {"post": _events()},
            "/v1/sources/{name}": {"post": _webhook()},
            "/v1/openapi.json": {"get": _read("openapi", "This document.", {"application/json": {"type": "object"}})},
            "/healthz": {"get": _read("health", "That the process answers.", _json(Health))},
            "/readyz": {"get": _read("ready", "Whether events are taken.", _json(Readiness), others={503: Readiness})},
            "/metrics": {"get": _metrics()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "publisher": {"type": "http", "scheme": "bearer", "description": "A token of cxb gateway token."},
                "operator": {"type": "http", "scheme": "bearer", "description": "CXB_HTTP_TOKEN, where it is set."},
            },
        },
    }


def _events() -> ObjectSchema:
    several: ObjectSchema = {"type": "array", "minItems": 1, "items": _EVENT}
    lines: ObjectSchema = {"type": "string", "description": "One event on each line."}
    content = {
        "application/json": {"schema": {"oneOf": [_EVENT, several]}},
        **{media_type: {"schema": lines} for media_type in sorted(LINES_TYPES)},
        CLOUD_EVENT: {"schema": {"$ref": _REF.format(name="CloudEvent")}},
        CLOUD_EVENTS: {
            "schema": {"type": "array", "minItems": 1, "items": {"$ref": _REF.format(name="CloudEvent")}},
        },
    }
    return {
        "operationId": "publish",
        "summary": "Publishes events.",
        "description": "Several lines of application/json are read as well. Where headers begin with `ce-`, the "
        "body is the data of a CloudEvent in binary mode.",
        "parameters": [_coding(), *(_attribute(name) for name in REQUIRED_ATTRIBUTES)],
        "requestBody": {"required": True, "content": content},
        "responses": {str(status): _door_response(answer) for status, answer in DOOR_ANSWERS.items()},
        "security": [{"publisher": []}],
    }


def _webhook() -> ObjectSchema:
    answers = {
        **DOOR_ANSWERS,
        202: DoorAnswer("The broker has acknowledged every record.", Received),
        404: DoorAnswer("No source has this path.", DoorRefusal),
    }
    described = "The end of the `http` of a [[source]]."
    name: ObjectSchema = {"name": "name", "in": "path", "required": True, "description": described}
    anything = {
        "description": "One record of the source as JSON, an array of records, or one on each line.",
        "not": {"type": "array", "maxItems": 0},
    }
    return {
        "operationId": "hook",
        "summary": "Takes what the webhook of a tool sends, for workers to map.",
        "description": "What does not fit the source or is no JSON is kept as a dead letter; the answer names it.",
        "parameters": [name | {"schema": {"type": "string"}}, _coding()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": anything}}},
        "responses": {str(status): _door_response(answer) for status, answer in sorted(answers.items())},
        "security": [{"publisher": []}, {}],
    }


def _coding() -> ObjectSchema:
    schema = {"type": "string", "enum": ["identity", "gzip", "zstd"]}
    return {"name": "Content-Encoding", "in": "header", "description": "How the body is packed.", "schema": schema}


def _attribute(name: str) -> ObjectSchema:
    described = f"The attribute {name} of a CloudEvent in binary mode. All of these headers, or none."
    return {"name": f"ce-{name}", "in": "header", "description": described, "schema": {"type": "string"}}


def _door_response(answer: DoorAnswer) -> ObjectSchema:
    retry = {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}}
    headers = {"headers": {"Retry-After": retry}} if answer.waits else {}
    return {"description": answer.description, **headers, "content": _content(_json(answer.kind))}


def _metrics() -> ObjectSchema:
    operation = _read("metrics", "The series of this gateway.", {"text/plain": {"type": "string"}})
    refused = {str(status): _door_response(DOOR_ANSWERS[status]) for status in (401, 403)}
    return operation | {"responses": operation["responses"] | refused, "security": [{"operator": []}, {}]}


def _read(
    name: str, summary: str, content: Mapping[str, Any], others: Mapping[int, type[msgspec.Struct]] | None = None
) -> ObjectSchema:
    responses: ObjectSchema = {"200": {"description": "OK", "content": _content(content)}}
    for status, kind in (others or {}).items():
        responses[str(status)] = {"description": "Not now.", "content": _content(_json(kind))}
    return {"operationId": name, "summary": summary, "responses": responses, "security": []}


def _json(kind: type[msgspec.Struct]) -> ObjectSchema:
    return {"application/json": {"$ref": _REF.format(name=kind.__name__)}}


def _content(schemas: Mapping[str, Any]) -> ObjectSchema:
    return {media_type: {"schema": schema} for media_type, schema in schemas.items()}


def _schemas() -> ObjectSchema:
    kinds = [Accepted, Received, DoorRefusal, Health, Readiness]
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    # The contract with publishers, as it is: what it says of an event is said in one place.
    events = {title(kind): of_kind(kind) for kind in ALL_KINDS}
    refs = {kind: _REF.format(name=title(kind)) for kind in ALL_KINDS}
    event = {
        "description": "An event, by its kind. Where the service differs from its schema is in docs/schema.md.",
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "kind", "mapping": refs},
    }
    return dict(sorted((components | events | {"Event": event, "CloudEvent": _ENVELOPE}).items()))

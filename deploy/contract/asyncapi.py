"""The AsyncAPI 3.1 document: the topics that the service reads and writes, their records' keys, headers and values."""

from typing import Any, Final

from metrics.catalogue import ALL_KINDS
from metrics.contract.descriptions import KIND_MEANINGS
from metrics.contract.json_schema import CONTRACT_VERSION, JsonSchema, of_kind, title
from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason
from metrics.sources.routing import NAMED_BY, REDRIVEN
from streams.kafka.dead_letters import TIMESTAMP, TRUNCATED
from streams.settings.settings import KafkaSettings

ASYNCAPI_VERSION: Final = "3.1.0"
_BINDING: Final = "0.5.0"
_WHOLE: Final[JsonSchema] = {"type": "string", "pattern": "^[0-9]+$"}
_MARK: Final[JsonSchema] = {
    "type": "string",
    "description": "Written by `cxb redrive`, as JSON: which row of the table `rejected` the record resolves.",
}
_EVENT_HEADERS: Final[JsonSchema] = {
    "type": "object",
    "description": "None is needed; others are ignored, and kept where a record is rejected.",
    "properties": {
        REDRIVEN: _MARK,
        NAMED_BY: {"type": "string", "description": "The source that maps the record, if it is no event of ours."},
    },
}
DEAD_LETTER_HEADERS: Final[JsonSchema] = {
    "type": "object",
    "description": "The record's own headers, and these. Each is UTF-8 text.",
    "properties": {
        "cx-reason": {"type": "string", "enum": [reason.value for reason in Reason], "description": "Why, as a word."},
        "cx-detail": {"type": "string", "description": "The field, what is wrong with it and what is allowed."},
        "cx-topic": {"type": "string", "description": "The topic that the record was read from."},
        "cx-partition": {**_WHOLE, "description": "Its partition there."},
        "cx-offset": {**_WHOLE, "description": "Its offset there."},
        NAMED_BY: {"type": "string", "description": "The source whose mapping it went through, where it did."},
        TRUNCATED: {**_WHOLE, "description": "How many bytes the value had, where only its beginning is kept."},
        TIMESTAMP: {
            "type": "string",
            "pattern": "^-?[0-9]+$",
            "description": "The record's timestamp, milliseconds since 1970, where this topic does not take it.",
        },
    },
    "required": ["cx-reason", "cx-detail", "cx-topic", "cx-partition", "cx-offset"],
}


def asyncapi_document() -> dict[str, Any]:
    """The document, with the topics that the service has if nothing else is configured."""
    topics = KafkaSettings()
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "id": f"urn:cx-balance:asyncapi:v{CONTRACT_VERSION}",
        "info": {
            "title": "cx-balance",
            "version": f"{CONTRACT_VERSION}.0.0",
            "description": "Events of customers' experience in, rejected records out. "
            "Both topics can have other names: `CXB_KAFKA_TOPIC`, `CXB_KAFKA_DLQ_TOPIC`.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "touchpoints": {
                "address": topics.topic,
                "title": "Events",
                "description": "What happened at touchpoints: one record for each event. The service reads it; any "
                "service may publish. `acks=all` is needed for the promise that nothing is lost.",
                "messages": {title(kind): {"$ref": f"#/components/messages/{title(kind)}"} for kind in ALL_KINDS},
                "bindings": {"kafka": {"topic": topics.topic, "bindingVersion": _BINDING}},
            },
            "deadLetters": {
                "address": topics.dlq_topic,
                "title": "Rejected records",
                "description": "Each rejected record with its bytes and key, the reason and where it came from.",
                "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
                "bindings": {"kafka": {"topic": topics.dlq_topic, "bindingVersion": _BINDING}},
            },
        },
        "operations": _operations(),
        "components": {
            "messages": {**{title(kind): _message(kind) for kind in ALL_KINDS}, "DeadLetter": _dead_letter()},
            "messageTraits": {"event": _event()},
            "schemas": {title(kind): in_draft_7(of_kind(kind)) for kind in ALL_KINDS},
        },
    }


def in_draft_7(schema: JsonSchema) -> JsonSchema:
    """A schema of ours in the dialect that every AsyncAPI tool reads: it lacks one keyword that we use.

    >>> in_draft_7({"dependentRequired": {"a": ["b"]}, "type": "object"})
    {'dependencies': {'a': ['b']}, 'type': 'object'}
    """
    return {"dependencies" if name == "dependentRequired" else name: value for name, value in schema.items()}


def _operations() -> dict[str, Any]:
    return {
        "receiveEvents": {
            "action": "receive",
            "channel": {"$ref": "#/channels/touchpoints"},
            "summary": "A worker reads events; publishers send them.",
        },
        "sendDeadLetters": {
            "action": "send",
            "channel": {"$ref": "#/channels/deadLetters"},
            "summary": "A worker sends what it rejects.",
        },
        "receiveDeadLetters": {
            "action": "receive",
            "channel": {"$ref": "#/channels/deadLetters"},
            "summary": "`cxb redrive` reads rejected records.",
        },
        "sendAgain": {
            "action": "send",
            "channel": {"$ref": "#/channels/touchpoints"},
            "summary": "`cxb redrive` sends them through again, marked.",
        },
    }


def _message(kind: str) -> dict[str, Any]:
    schema = of_kind(kind)
    return {
        "name": kind,
        "title": title(kind),
        "summary": f"{KIND_MEANINGS[kind]}.",
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "payload": {"$ref": f"#/components/schemas/{title(kind)}"},
        "examples": [{"name": kind, "payload": example} for example in schema["examples"]],
    }


def _event() -> dict[str, Any]:
    return {
        "description": f"UTF-8 without a byte-order mark, at most {RecordLimits().max_bytes} bytes.",
        "contentType": "application/json",
        "headers": _EVENT_HEADERS,
        "bindings": _key("The customer, or the event's id where there is none: it keeps the order of each customer."),
    }


def _dead_letter() -> dict[str, Any]:
    return {
        "name": "dead_letter",
        "title": "DeadLetter",
        "summary": "A record that was rejected.",
        "contentType": "application/octet-stream",
        "headers": DEAD_LETTER_HEADERS,
        "payload": {"description": "The record's bytes, as they were: often JSON, but nothing is certain."},
        "bindings": _key("The record's key, as it was."),
    }


def _key(description: str) -> dict[str, Any]:
    return {"kafka": {"key": {"type": "string", "description": description}, "bindingVersion": _BINDING}}

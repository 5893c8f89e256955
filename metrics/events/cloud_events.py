"""CloudEvents 1.0: the envelope around an event of ours, by the JSON format and by the headers of the HTTP binding.

The attributes must be there, as their specification demands, and nothing is taken from them: what counts is the event
that is the data, with an event_id, a source and a time of its own.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from metrics.events.rejection import Reason, Rejected
from metrics.events.validation import repeated_key

CLOUD_EVENT: Final = "application/cloudevents+json"
CLOUD_EVENTS: Final = "application/cloudevents-batch+json"
VERSION: Final = "1.0"
REQUIRED_ATTRIBUTES: Final = ("specversion", "id", "source", "type")
_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def data_of(envelope: bytes) -> bytes | Rejected:
    """The event that a CloudEvent in JSON carries as its data.

    Args:
        envelope: The CloudEvent, with attributes and data.
    """
    try:
        text = envelope.decode()
        fields = _fields(envelope)
        fault = repeated_key(text) or fault_of_envelope({name: _text(fields[name]) for name in _texts(fields)})
        return fault or _data(fields)
    except RecursionError:
        return Rejected(Reason.NOT_JSON, "nested too deeply to be read: a CloudEvent and its data are flat objects")
    except msgspec.ValidationError:
        return Rejected(Reason.NOT_AN_OBJECT, "a CloudEvent is a JSON object { ... } whose attributes are strings")
    except msgspec.DecodeError as error:
        return Rejected(Reason.NOT_JSON, str(error))
    except UnicodeDecodeError as error:
        return Rejected(Reason.NOT_JSON, f"not UTF-8 at byte {error.start}")


def fault_of_envelope(attributes: Mapping[str, str]) -> Rejected | None:
    """The first fault in the attributes of a CloudEvent; None where there is none."""
    absent = [name for name in REQUIRED_ATTRIBUTES if not attributes.get(name)]
    if absent:
        detail = f"attributes that a CloudEvent must have and that are absent or empty: {', '.join(absent)}"
        return Rejected(Reason.MISSING_FIELD, detail, absent[0])
    if attributes["specversion"] != VERSION:
        return Rejected(Reason.BAD_VALUE, f"specversion must be {VERSION}", "specversion")
    media_type = attributes.get("datacontenttype", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return Rejected(
            Reason.BAD_VALUE, "datacontenttype must be application/json: an event of ours", "datacontenttype"
        )
    return None


def _texts(fields: Mapping[str, Raw]) -> list[str]:
    return [name for name in (*REQUIRED_ATTRIBUTES, "datacontenttype") if name in fields]


def _text(token: Raw) -> str:
    return msgspec.json.decode(token, type=str)


def _data(fields: Mapping[str, Raw]) -> bytes | Rejected:
    if ("data" in fields) == ("data_base64" in fields):
        return Rejected(Reason.MISSING_FIELD, "give an event of ours as data, or else as data_base64", "data")
    if "data" in fields:
        return bytes(fields["data"])
    try:
        return msgspec.json.decode(fields["data_base64"], type=bytes)
    except msgspec.ValidationError:
        return Rejected(Reason.BAD_TYPE, "data_base64 must be a string in Base64", "data_base64")

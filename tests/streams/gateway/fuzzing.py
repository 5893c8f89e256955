"""What schemathesis cannot read in the gateway's document. It loads this by the name in SCHEMATHESIS_HOOKS."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

from metrics.contract.examples import EXAMPLES
from metrics.events.carried import LINES_TYPES

SOURCE: Final = "web-shop"
WEBHOOK: Final = "segment"


@schemathesis.serializer(*sorted(LINES_TYPES))
def lines(context: Any, value: Any) -> bytes:
    """The text itself; what is none becomes bytes that are none."""
    return value.encode() if isinstance(value, str) else b"\xff"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Makes valid what no schema can: an event of just now, from the token's source, in the coding that a header says.

    The rest is what docs/schema.md has of schemas that accept more than the service.
    """
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "name" in case.path_parameters:
        case.path_parameters = {"name": WEBHOOK}
    for name in [name for name in case.headers if name.lower().startswith("ce-") or name == "Content-Encoding"]:
        del case.headers[name]
    if case.operation.path != "/v1/events":
        return
    if case.media_type in LINES_TYPES:
        case.body = "\n".join(json.dumps(_sound(dict(EXAMPLES[kind]))) for kind in ("csat", "visit"))
    else:
        case.body = _sound(case.body)


def _sound(value: Any) -> Any:
    if isinstance(value, list):
        return [_sound(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "specversion" in value:
        sound = dict(value)
        if "data" in value:
            sound["data"] = _sound(value["data"])
        if "data_base64" in value:
            sound["data_base64"] = base64.b64encode(json.dumps(_sound(dict(EXAMPLES["csat"]))).encode()).decode()
        return sound
    event = {name: item.rstrip("\n") if isinstance(item, str) else item for name, item in value.items()}
    amount = event.get("amount")
    if isinstance(amount, float):
        event["amount"] = round(amount, 4)
    return event | {"source": SOURCE, "occurred_at": datetime.now(UTC).isoformat()}

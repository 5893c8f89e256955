"""What the gateway answers: each type is also a schema of its OpenAPI document."""

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta


class Accepted(msgspec.Struct, frozen=True):
    """The broker has all events of the request."""

    accepted: Annotated[int, Meta(ge=1, description="How many events the request carried, all of them.")]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one event."""

    index: Annotated[int, Meta(ge=0, description="Which event of the request, from 0.")]
    reason: Annotated[
        str, Meta(description="As in docs/event.md, or `foreign_source` or `foreign_touchpoint`: not this token's.")
    ]
    field: Annotated[str, Meta(description='The field at fault; "" where it is the event as a whole.')]
    detail: Annotated[str, Meta(description="What is wrong, and what is allowed.")]


class Received(msgspec.Struct, frozen=True, omit_defaults=True):
    """The broker has all records of the request."""

    accepted: Annotated[int, Meta(ge=1, description="How many records the request carried, all of them.")]
    unfit: Annotated[
        list[Fault],
        Meta(
            description="Records that the mapping of their source does not fit, the first hundred, by index: they are "
            "kept as dead letters, which `cxb redrive` sends again once the mapping is corrected."
        ),
    ] = []


class DoorRefusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why nothing of a request was sent, or not all of it is known to have arrived."""

    error: Annotated[str, Meta(description="What is wrong, and what to do.")]
    faults: Annotated[list[Fault], Meta(description="The events that are wrong, by index; the first hundred.")] = []
    faulty: Annotated[int, Meta(ge=0, description="How many events are wrong.")] = 0


class Declined(Exception):
    """A request is answered with a refusal."""

    def __init__(self, status: int, refusal: DoorRefusal | str, retry_after_s: int = 0, **headers: str) -> None:
        self.status = status
        self.refusal = DoorRefusal(refusal) if isinstance(refusal, str) else refusal
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if retry_after_s:
            self.headers["Retry-After"] = str(retry_after_s)
        super().__init__(self.refusal.error)


def json_answer(answer: msgspec.Struct, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """An answer as JSON."""
    body = msgspec.json.encode(answer)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")

"""The parts of a Produce request: each read to its last record, and made such that it can be brought back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kio.schema.errors import ErrorCode

from streams.embedded.record_batches import Corrupt, Invalid, TooLarge, measure, without_producer
from streams.embedded.wire import Place, Produce

_CODES = {Invalid: ErrorCode.invalid_record, TooLarge: ErrorCode.message_too_large}


class NotTaken(Exception):
    """A part of a request is not taken, and so nothing of it is; `errors` says by place why."""

    def __init__(self, errors: Mapping[Place, ErrorCode], why: str) -> None:
        super().__init__(why)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class SentPart:
    """The record batches for one partition, with how many records they hold; `changed`: not as the client sent them."""

    topic: str
    partition: int
    records: bytes
    count: int
    changed: bool


def read_parts(request: Produce, kept: Collection[str]) -> list[SentPart]:
    """The parts, in their order; those of `kept` topics without their producer's id.

    Raises:
        NotTaken: one cannot be read.
    """
    parts: list[SentPart] = []
    errors: dict[Place, ErrorCode] = {}
    reasons: list[str] = []
    for (topic, partition), sent in request.parts():
        try:
            count = measure(sent)
        except Corrupt as error:
            errors[topic, partition] = _CODES.get(type(error), ErrorCode.corrupt_message)
            reasons.append(str(error))
            continue
        records = without_producer(sent) if topic in kept else sent
        parts.append(SentPart(topic, partition, records, count, records is not sent))
    if errors:
        raise NotTaken(errors, "; ".join(reasons))
    return parts

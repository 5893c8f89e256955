"""A source compiled to a function: from a record and its headers to events of ours, or to why there are none."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from metrics.events.rejection import Reason
from metrics.sources.model import EventSpec, FieldRule, Source
from metrics.sources.paths import Getter, Unevaluable, compile_path, is_true
from metrics.sources.readers import Convert, converter_of, getter_of
from metrics.sources.unfit import ABSENT, Refusal, Unfit

TextHeaders = Mapping[str, str]
MadeEvent = dict[str, Any]

MOST_EVENTS: Final = 10_000
"""Events of one record: a record of 64 KiB has no room for more that mean anything."""

_MUST: Final = object()


class _Step(NamedTuple):
    """Fills one field: its name, what it reads, what becomes of that, and what it is where there is nothing.

    A tuple: a loop takes it apart in a third of the time that three attributes take.
    """

    name: str
    get: Getter
    convert: Convert
    default: Any


class FieldReading(NamedTuple):
    """A field of an event: where it is read from, and what is there."""

    field: str
    path: str
    value: Any


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class SourceMapping:
    """A source's mapping. Pure: the same record gives the same events, whenever and wherever."""

    def __init__(self, source: Source) -> None:
        """Compiles a source that `metrics.sources.parsing` has read without a problem."""
        self.source = source
        self._records = _optional(source.records)
        self._drop = _optional(source.drop)
        self._events = [_EventMaker(source.name, number, spec) for number, spec in enumerate(source.events, start=1)]

    def events(self, record: Any, headers: TextHeaders) -> list[MadeEvent] | Refusal:
        """The events of a record; none if it is dropped on purpose.

        Args:
            record: As a JSON decoder gives it, or a row of a CSV by column.
            headers: Its headers, names in lower case.
        """
        try:
            if self._records is None:
                result = self._of_one(record, headers)
            else:
                result = list(chain.from_iterable(self._of_one(part, headers) for part in self._parts(record)))
        except _Refused as refused:
            return refused.refusal
        except Unevaluable as error:
            return self._refusal(Reason.BAD_VALUE, f"a condition cannot be evaluated: {error}")
        return result

    def _of_one(self, record: Any, headers: TextHeaders) -> list[MadeEvent]:
        if self._drop is not None and is_true(self._drop(record)):
            return []
        result: list[MadeEvent] = []
        is_taken = False
        for event in self._events:
            if event.when is None or is_true(event.when(record)):
                is_taken = True
                for context in event.contexts(record):
                    result.append(event.make(context, headers))
        if not is_taken and not self.source.drops_others:
            message = 'no [[source.event]] takes this record: add one, drop it, or write otherwise = "drop"'
            raise _Refused(self._refusal(Reason.BAD_VALUE, message))
        if len(result) > 1:
            self._look_for_repeats(result)
        return result

    def readings(self, record: Any, headers: TextHeaders) -> list[list[FieldReading]]:
        """What the fields of each event of a record are read from, as far as it can be read: for people to compare."""
        result = []
        try:
            for part in self._parts(record):
                if self._drop is not None and is_true(self._drop(part)):
                    continue
                for event in self._events:
                    if event.when is None or is_true(event.when(part)):
                        result += [event.readings(context, headers) for context in event.contexts(part)]
        except (_Refused, Unevaluable):
            return result  # `events` says why it ends here
        return result

    def _parts(self, record: Any) -> Sequence[Any]:
        parts = self._records(record) if self._records is not None else [record]
        if type(parts) is not list:
            message = f"there is no list of records at {self.source.records}"
            raise _Refused(self._refusal(Reason.MISSING_FIELD, message))
        return parts

    def _look_for_repeats(self, events: Sequence[MadeEvent]) -> None:
        if len(events) > MOST_EVENTS:
            raise _Refused(self._refusal(Reason.TOO_LARGE, f"more than {MOST_EVENTS:,} events of one record"))
        ids = {(event.get("event_id"), event.get("source"), event.get("occurred_at")) for event in events}
        if len(ids) < len(events):
            message = (
                "two events of this record have the same event_id, and would count as one: make it of more, like "
                'join = ["id", "item.id"] or join = ["id", "\'csat\'"]'
            )
            raise _Refused(self._refusal(Reason.BAD_VALUE, message))

    def _refusal(self, reason: Reason, message: str) -> Refusal:
        return Refusal(self.source.name, reason, message)

    def origin_of(self, field: str) -> str:
        """Where a field is read from, by the first event that has it; "" if it is a constant."""
        places = (step.where for event in self._events for step in event.spec.fields if step.name == field)
        return next(filter(None, places), "")


class _EventMaker:
    """Makes the events of one [[source.event]]."""

    def __init__(self, source: str, number: int, spec: EventSpec) -> None:
        self.spec, self.when = spec, _optional(spec.when)
        self._source, self._number = source, number
        self._each = _optional(spec.each)
        self._constants = {field.name: field.constant for field in spec.fields if field.constant is not None}
        read = [field for field in spec.fields if field.constant is None]
        self._steps = [_step(source, field) for field in read if not field.header]
        self._header_steps = [_step(source, field) for field in read if field.header]

    def contexts(self, record: Any) -> Sequence[Any]:
        """What its events are read from: the record itself, or the record with each item of its list."""
        if self._each is None:
            return (record,)
        items = self._each(record)
        if items is None:
            return ()
        if type(items) is not list:
            message = f"there is no list at {self.spec.each}"
            raise _Refused(Refusal(self._source, Reason.BAD_TYPE, message, self._number, "", self.spec.each, items))
        around = record if type(record) is dict else {}
        return [{**around, "item": item, "index": index} for index, item in enumerate(items)]

    def readings(self, record: Any, headers: TextHeaders) -> list[FieldReading]:
        """What each field that is not constant is read from, and what is there."""
        result = []
        for step in (*self._steps, *self._header_steps):
            field = next(field for field in self.spec.fields if field.name == step.name)
            try:
                value = step.get(headers if field.header else record)
            except (Unfit, Unevaluable):
                value = None
            result.append(FieldReading(step.name, field.where, value))
        return result

    def make(self, record: Any, headers: TextHeaders) -> MadeEvent:
        """The event of a context."""
        event = self._constants.copy()
        self._fill(event, self._steps, record)
        if self._header_steps:
            self._fill(event, self._header_steps, headers)
        return event

    def _fill(self, event: MadeEvent, steps: Sequence[_Step], record: Any) -> None:
        name, value = "", None
        try:
            for name, get, convert, default in steps:  # the handler asks at which it was
                value = get(record)
                if value is not None and value != "":
                    event[name] = convert(value)
                elif default is _MUST:
                    raise Unfit(Reason.MISSING_FIELD, "there is nothing")
                elif default is not None:
                    event[name] = default
        except Unfit as unfit:
            value = ABSENT if unfit.reason is Reason.MISSING_FIELD else value
            raise self._refused(name, unfit.reason, unfit.message, value) from None
        except Unevaluable as error:
            raise self._refused(name, Reason.BAD_VALUE, f"cannot be evaluated: {error}", ABSENT) from None

    def _refused(self, name: str, reason: Reason, message: str, value: Any) -> _Refused:
        field = next(field for field in self.spec.fields if field.name == name)
        return _Refused(Refusal(self._source, reason, message, self._number, name, field.where, value))


def _optional(path: str) -> Getter | None:
    return compile_path(path) if path else None


def _step(source: str, field: FieldRule) -> _Step:
    default = field.default if field.default is not None else (_MUST if field.required else None)
    return _Step(field.name, getter_of(source, field), converter_of(field), default)

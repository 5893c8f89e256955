"""The contents of a file of sources: where foreign records come from, and what becomes of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from metrics.events.event import Event
from metrics.events.governance_fields import FIELDS
from metrics.registry import Problem
from metrics.sources.scales import Scale
from metrics.sources.signatures import Signature

Plain = str | int | float | bool
RawHeaders = Sequence[tuple[str, bytes | None]]
"""The headers of a record, as the broker has them."""
Format = Literal["json", "csv", "tsv", "avro", "json-schema", "protobuf"]
FORMATS: Final[tuple[Format, ...]] = ("json", "csv", "tsv", "avro", "json-schema", "protobuf")
BY_SCHEMA: Final[tuple[Format, ...]] = ("avro", "protobuf")
"""Whose records nobody can read without their schema."""

EVENT_FIELDS: Final = tuple(
    dict.fromkeys((*Event.__struct_fields__, *(name for own in FIELDS.values() for name in own)))
)
"""Every field that an event of ours can have."""
WEBHOOKS: Final = "/v1/sources/"
"""Where the gateway takes what webhooks send."""
ALWAYS: Final = ("event_id", "source", "kind", "touchpoint", "occurred_at")
"""The fields that every event has, but for the touchpoint of a note."""
WHOLE_FIELDS: Final = ("score", "count")
FLAG_FIELDS: Final = ("resolved", "confirmed_by_customer")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field of an event is filled.

    Attributes:
        name: The event's field.
        constant: Its value, where that is always the same; the rest does not matter then.
        path: Where it is read from, in JMESPath.
        header: The record's header that it is read from, instead.
        hash: The paths whose values give an id, instead.
        join: The paths whose values it is made of, with colons between them, instead.
        default: Its value where there is nothing; None leaves the field out, or rejects the record if it is required.
        table: Its value by what is there, as text.
        other: Its value where the table has none; None rejects the record.
        time: How the time is written.
        zone: The zone of times that have none.
        decimal: The decimal sign of numbers; None for a point.
        scale: How a score becomes one of ours.
        required: Whether a record without it is rejected.
    """

    name: str
    constant: Plain | None = None
    path: str = ""
    header: str = ""
    hash: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    default: Plain | None = None
    table: Mapping[str, Plain] | None = None
    other: Plain | None = None
    time: str = ""
    zone: str | None = None
    decimal: str | None = None
    scale: Scale | None = None
    required: bool = False

    @property
    def where(self) -> str:
        """What it is read from, for people."""
        return self.path or (self.header and f"header {self.header}") or ", ".join(self.hash or self.join)


@dataclass(frozen=True, slots=True)
class EventSpec:
    """A [[source.event]]: an event that a record gives.

    Attributes:
        fields: How its fields are filled, in the order of EVENT_FIELDS.
        when: For which records, in JMESPath; "" for all.
        each: The path of a list of which each item gives an event; "" for one event.
    """

    fields: Sequence[FieldRule]
    when: str = ""
    each: str = ""


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How a CSV is laid out.

    Attributes:
        delimiter: Between columns; "" to find out.
        header_row: The row with the columns' names, from 1.
        skip_rows: How many rows after it are no records.
    """

    delimiter: str = ""
    header_row: int = 1
    skip_rows: int = 0


@dataclass(frozen=True, slots=True)
class TsvFormat:
    """What stands in a line of texts with tabs between, which has no header and no quotes.

    Attributes:
        columns: The names of its texts, in order; what follows them is left out.
        json: Those whose texts are JSON.
    """

    columns: tuple[str, ...] = ()
    json: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A [[source]].

    Attributes:
        name: Its name, and the source of its events unless a field says otherwise.
        events: What a record gives.
        like: The ready-made source that it is made of.
        topics: Patterns of topics that its records come from.
        headers: Patterns of headers that its records have, by name in lower case.
        http: The path of the gateway that its webhook calls; "" where there is none.
        signature: How what the webhook sends is signed.
        file: A pattern of names of files.
        format: What a record of it, or a file, holds.
        csv: How it is laid out, if it is a CSV.
        tsv: The same, if it is lines of texts with tabs between.
        when: Which records are its own, in JMESPath.
        records: The path of the list of records, where one document holds several.
        drop: Which records give nothing on purpose, in JMESPath.
        drops_others: Whether what no event takes is dropped as well, or else rejected.
    """

    name: str
    events: Sequence[EventSpec]
    like: str = ""
    topics: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    http: str = ""
    signature: Signature | None = None
    file: str = ""
    format: Format = "json"
    csv: CsvFormat = CsvFormat()
    tsv: TsvFormat = TsvFormat()
    when: str = ""
    records: str = ""
    drop: str = ""
    drops_others: bool = False


class SourcesError(Exception):
    """A file of sources is wrong; `problems` has everything that is, in order of lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

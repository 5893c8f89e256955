"""Records of sources read by their format: what a decoder of JSON would give, or why they are rejected."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason, Rejected
from metrics.events.validation import diagnose
from metrics.sources.model import Format, RawHeaders, Source, TsvFormat
from metrics.sources.wire import ID_END, Decoder, KnownSchema, SchemaKey, Schemas, Unreadable, no_schemas, unframed

_json: Final = msgspec.json.Decoder().decode
_UNJSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_LATER: Final = Rejected(Reason.UNKNOWN_SCHEMA, "its schema has to be asked for")


class RecordReader:
    """Reads the records of a run. `missing` are schemas to ask for; with them it has to be read again."""

    def __init__(self, limits: RecordLimits, schemas: Schemas = no_schemas) -> None:
        self.missing: set[SchemaKey] = set()
        self._limits, self._schemas = limits, schemas
        self._avro: dict[bytes, Decoder] = {}
        self._readers: Mapping[Format, Callable[[Source, bytes, RawHeaders | None], Any]] = {
            "json": self._json, "tsv": self._tsv, "json-schema": self._json_schema,
            "avro": self._in_avro, "protobuf": self._by_schema,
        }  # fmt: skip

    def read(self, source: Source, value: bytes | None, headers: RawHeaders | None) -> Any:
        """A record, or a Rejected that says why it cannot be read.

        Args:
            source: The source whose format it has.
            value: Its value.
            headers: Its headers.
        """
        if source.format == "json" or not value or len(value) > self._limits.max_bytes:
            return self._json(source, value, headers)
        try:
            return self._readers[source.format](source, value, headers)
        except Unreadable as error:
            return Rejected(Reason.UNREADABLE, f"source {source.name}: {error}", source=source.name)

    def _json(self, source: Source, value: bytes | None, _: RawHeaders | None) -> Any:
        if value and len(value) <= self._limits.max_bytes:
            try:
                return _json(value)
            except _UNJSON:
                pass
        verdict, _unknown = diagnose(value, self._limits)
        reason, detail = (
            (verdict.reason, verdict.detail) if isinstance(verdict, Rejected) else (Reason.NOT_JSON, "cannot be read")
        )
        return Rejected(reason, f"source {source.name}: {detail}", source=source.name)

    def _json_schema(self, source: Source, value: bytes, headers: RawHeaders | None) -> Any:
        return self._json(source, unframed(value, headers).payload, None)

    def _tsv(self, source: Source, value: bytes, _: RawHeaders | None) -> Any:
        try:
            return columns_of(value.decode(), source.tsv)
        except UnicodeDecodeError:
            raise Unreadable("is not UTF-8") from None

    def _in_avro(self, source: Source, value: bytes, headers: RawHeaders | None) -> Any:
        if headers:
            return self._by_schema(source, value, headers)
        # Most records of a run were written with one schema: to take each apart would take as long as to map it.
        decode = self._avro.get(value[:ID_END])
        if decode is not None:
            try:
                return decode(value[ID_END:], ())
            except Unreadable:
                return self._by_schema(source, value, None)  # which says of what schema it should be
        record = self._by_schema(source, value, None)
        if value[:1] == b"\0" and not isinstance(record, Rejected):
            known = self._schemas(unframed(value, None).schema)
            if isinstance(known, KnownSchema):
                self._avro[value[:ID_END]] = known.decode
        return record

    def _by_schema(self, source: Source, value: bytes, headers: RawHeaders | None) -> Any:
        framed = unframed(value, headers, has_messages=source.format == "protobuf")
        known = self._schemas(framed.schema)
        if known is None:
            self.missing.add(framed.schema)
            return _LATER
        if isinstance(known, str) or known.format != source.format:
            why = known if isinstance(known, str) else f"{framed.schema} is of the format {known.format}"
            return Rejected(Reason.UNKNOWN_SCHEMA, f"source {source.name}: {why}", source=source.name)
        try:
            return known.decode(framed.payload, framed.message)
        except Unreadable as error:
            raise Unreadable(f"{error}, {framed.schema}") from None


def columns_of(line: str, layout: TsvFormat) -> dict[str, Any]:
    r"""The texts of a line by column; a column that the line lacks is not there, and neither is JSON that is empty.

    Raises:
        Unreadable: A text that should be JSON is none.

    >>> columns_of("web\t{\"score\": 9}\n", TsvFormat(("app", "data", "more"), ("data",)))
    {'app': 'web', 'data': {'score': 9}}
    """
    record: dict[str, Any] = dict(zip(layout.columns, line.rstrip("\r\n").split("\t"), strict=False))
    for column in layout.json:
        text = record.pop(column, "")
        if text:
            record[column] = _json_in(column, text)
    return record


def _json_in(column: str, text: str) -> Any:
    try:
        return _json(text)
    except (*_UNJSON, UnicodeEncodeError):
        raise Unreadable(f"the text of the column {column} is not JSON ({len(text)} characters)") from None

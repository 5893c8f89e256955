"""Reads how a source's texts are laid out: [source.csv] and [source.tsv]."""

from collections.abc import Callable, Mapping
from typing import Any

from metrics.registry import Code, Table, shown, suggestion, texts
from metrics.sources.model import CsvFormat, Source, TsvFormat

SectionTable = Callable[[Mapping[str, Any], str], Table]
"""Makes the table of a section of the source."""


def csv_layout(source: Table, section: SectionTable) -> CsvFormat:
    """How a CSV is laid out."""
    value = source.data.get("csv", {})
    if not isinstance(value, dict):
        source.mistyped("csv", "a table", "write [source.csv] with header_row = 1 under it")
        return CsvFormat()
    table = section(value, "csv")
    table.report_unknown_keys(("delimiter", "header_row", "skip_rows"))
    delimiter = table.optional_text("delimiter", '";"') if value.get("delimiter") != "\t" else "\t"
    if delimiter and len(delimiter) != 1:
        table.report(Code.BAD_VALUE, "delimiter", "must be one character", 'write delimiter = ";"')
    rows = {key: value.get(key, least) for key, least in (("header_row", 1), ("skip_rows", 0))}
    for key, least in (("header_row", 1), ("skip_rows", 0)):
        if type(rows[key]) is not int or not least <= rows[key] <= 1000:
            message = f"must be a number of rows, {least} to 1000"
            table.report(Code.BAD_VALUE, key, message, f"write {key} = {least}")
    return CsvFormat(delimiter or "", rows["header_row"], rows["skip_rows"])


def tsv_layout(source: Table, section: SectionTable) -> TsvFormat:
    """What the texts of a line are, where tabs stand between them."""
    value = source.data.get("tsv", {})
    if not isinstance(value, dict):
        source.mistyped("tsv", "a table", 'write [source.tsv] with columns = ["id", "score"] under it')
        return TsvFormat()
    table = section(value, "tsv")
    table.report_unknown_keys(("columns", "json"))
    columns, as_json = texts(table, "columns", '["id", "score"]'), texts(table, "json", '["data"]')
    if source.data.get("format") == "tsv" and not columns:
        source.report(Code.MISSING_KEY, "tsv", "does not say what its columns are", 'add tsv = { columns = ["id"] }')
    for name in as_json:
        if name not in columns:
            table.report(Code.BAD_VALUE, "json", f"{shown(name)} is none of its columns", suggestion(name, columns))
    return TsvFormat(tuple(columns), tuple(as_json))


def report_misfits(table: Table, source: Source) -> None:
    """Reports a way on which records of the source's format cannot come."""
    for key, is_given in (("topic", source.topics), ("http", source.http)):
        if source.format == "csv" and is_given:
            table.report(Code.BAD_VALUE, key, "a CSV is a file, not a record", f"remove {key}, or write json")
    if source.http and source.format not in ("json", "csv"):
        table.report(Code.BAD_VALUE, "http", "a webhook sends JSON", "remove http, or write json")
    for rule in (rule for event in source.events for rule in event.fields):
        if source.http and rule.header and rule.required and rule.default is None:
            message = f"what a webhook sends has no headers in its record, and {rule.name} is read from one"
            remedy = f"read {rule.name} from the body, or give it a default; or remove http"
            table.report(Code.BAD_VALUE, "http", message, remedy)
    if source.file and source.format == "protobuf":
        message = "records in Protobuf come in topics: there is no common format of files"
        table.report(Code.BAD_VALUE, "file", message, "remove file")

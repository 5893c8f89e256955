"""Java records of events, one for each kind, made from the JSON Schemas.

A generator of our own: jsonschema2pojo and openapi-generator make no records, and what others make needs a library
or an annotation processor in the publisher's build. It reads only the keywords that our schemas use.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import CONTRACT_VERSION, JsonSchema, of_kind

_COLUMNS: Final = 110
_HEAD: Final = """\
// Made from the JSON Schemas of events, version {version}, by `make schemas`. Do not edit.
// Needs Java 17 and no library. To have it in a package of yours, put a package line first.

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An event, as services publish it. A component that is null is left out of the JSON.
 *
 * <p>A record that breaks a rule cannot be made: its constructor throws an IllegalArgumentException with
 * the field's name.
 */
public sealed interface CxEvent {{
    /** The fields that are there, by their names in JSON. */
    Map<String, Object> fields();

    /** The key of the event's record: the customer, or the event's id where there is none. */
    default String key() {{
        Object customer = fields().get("customer");
        boolean isNobody = customer == null || customer.equals("");
        return (String) (isNobody ? fields().get("event_id") : customer);
    }}

    /** The value of the event's record, to be sent as UTF-8. */
    default String toJson() {{
        return CxEventRules.json(fields());
    }}
{records}}}

/** The rules of fields, and how they become JSON. */
final class CxEventRules {{
    private CxEventRules() {{}}

    static void check(boolean holds, String field, String rule) {{
        if (!holds) {{
            throw new IllegalArgumentException(field + " must be " + rule);
        }}
    }}

    static void required(Object value, String field) {{
        check(value != null, field, "there");
    }}

    static void length(String value, String field, int least, int most) {{
        int length = value == null ? least : value.codePointCount(0, value.length());
        check(length >= least && length <= most, field, least + " to " + most + " characters long");
    }}

    static void pattern(String value, String field, String pattern) {{
        check(value == null || value.matches(pattern), field, "a text that matches " + pattern);
    }}

    static void option(String value, String field, List<String> options) {{
        check(value == null || options.contains(value), field, "one of " + options);
    }}

    static void range(Number value, String field, BigDecimal least, BigDecimal most, boolean within) {{
        if (value != null) {{
            check(Double.isFinite(value.doubleValue()), field, "a number");
            BigDecimal number = new BigDecimal(value.toString());
            boolean low = within ? number.compareTo(least) > 0 : number.compareTo(least) >= 0;
            boolean high = within ? number.compareTo(most) < 0 : number.compareTo(most) <= 0;
            check(low && high, field, (within ? "between " : "from ") + least + (within ? " and " : " to ") + most);
        }}
    }}

    static void amount(BigDecimal value, String field, String pattern) {{
        String rule = "at least 0, below 10^12, with at most 4 decimals";
        check(value == null || value.toPlainString().matches(pattern), field, rule);
    }}

    static void both(Object one, Object other, String fields) {{
        check((one == null) == (other == null), fields, "there both or not at all");
    }}

    static String json(Map<String, Object> fields) {{
        StringBuilder json = new StringBuilder("{{");
        fields.forEach((name, value) -> {{
            if (value != null) {{
                json.append(json.length() > 1 ? "," : "").append(text(name)).append(':').append(value(value));
            }}
        }});
        return json.append('}}').toString();
    }}

    private static String value(Object value) {{
        if (value instanceof BigDecimal amount) {{
            return text(amount.toPlainString());
        }}
        if (value instanceof OffsetDateTime at) {{
            return text(at.toInstant().toString());
        }}
        return value instanceof String string ? text(string) : value.toString();
    }}

    private static String text(String value) {{
        StringBuilder json = new StringBuilder("\\"");
        for (char unit : value.toCharArray()) {{
            boolean escaped = unit < ' ' || unit == '"' || unit == '\\\\';
            json.append(escaped ? String.format("\\\\u%04x", (int) unit) : String.valueOf(unit));
        }}
        return json.append('"').toString();
    }}
}}
"""
_RECORD: Final = """
    /** {description} */
    record {name}({components})
            implements CxEvent {{
        public {name} {{
{checks}
        }}

        @Override
        public Map<String, Object> fields() {{
            Map<String, Object> fields = new LinkedHashMap<>();
{puts}
            return fields;
        }}
    }}
"""


def java_source() -> str:
    """The file CxEvent.java."""
    return _HEAD.format(version=CONTRACT_VERSION, records="".join(map(_record, ALL_KINDS)))


def _record(kind: str) -> str:
    schema = of_kind(kind)
    fields = {name: field for name, field in schema["properties"].items() if field is not False}
    own = {name: field for name, field in fields.items() if name != "kind"}
    puts = [f'fields.put("{name}", {_quoted(kind) if name == "kind" else _camel(name)});' for name in fields]
    return _RECORD.format(
        description=schema["description"],
        name=schema["title"].removesuffix("Event"),
        components=_wrapped(f"{_type(name, field)} {_camel(name)}" for name, field in own.items()),
        checks=_lines(_checks(schema, own)),
        puts=_lines(puts),
    )


def _checks(schema: JsonSchema, fields: Mapping[str, JsonSchema]) -> Iterable[str]:
    for name, field in fields.items():
        rules = [("required", "")] if name in schema["required"] else []
        for rule, limits in (*rules, *_rules(name, field)):
            yield f"CxEventRules.{rule}({_camel(name)}, {_quoted(name)}{limits});"
    if "dependentRequired" in schema:
        yield 'CxEventRules.both(amount, currency, "amount and currency");'


def _rules(name: str, field: JsonSchema) -> Iterable[tuple[str, str]]:
    """The checks of a field's values, each with its further arguments; none where its type says all."""
    if name == "occurred_at" or field.get("type") == "boolean":
        return
    if "anyOf" in field:
        yield "amount", f", {_quoted(field['anyOf'][0]['pattern'])}"
    elif "enum" in field:
        yield "option", f", List.of({', '.join(map(_quoted, field['enum']))})"
    elif field["type"] != "string":
        yield "range", _range(field)
    else:
        if "maxLength" in field:
            yield "length", f", {field.get('minLength', 0)}, {field['maxLength']}"
        if "pattern" in field:
            yield "pattern", f", {_quoted(field['pattern'])}"


def _range(field: JsonSchema) -> str:
    is_open = "exclusiveMinimum" in field
    low, high = ("exclusiveMinimum", "exclusiveMaximum") if is_open else ("minimum", "maximum")
    return f', new BigDecimal("{field[low]}"), new BigDecimal("{field[high]}"), {str(is_open).lower()}'


def _type(name: str, field: JsonSchema) -> str:
    if name == "occurred_at":
        return "OffsetDateTime"
    if "anyOf" in field:
        return "BigDecimal"
    return {"string": "String", "integer": "Long", "number": "Double", "boolean": "Boolean"}[field["type"]]


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _quoted(text: str) -> str:
    return json.dumps(text)


def _lines(statements: Iterable[str]) -> str:
    return "\n".join(f"            {statement}" for statement in statements)


def _wrapped(components: Iterable[str]) -> str:
    lines = [""]
    for component in components:
        if len(lines[-1]) + len(component) > _COLUMNS - 12:
            lines.append("")
        lines[-1] += f"{component}, "
    return "\n            ".join(["", *(line.rstrip() for line in lines)]).removesuffix(",")

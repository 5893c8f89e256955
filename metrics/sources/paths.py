"""Paths into a record, in JMESPath: read by its library's parser, compiled once, fast where they are simple.

Names, indices, comparisons for equality and the logical operators become closures; the library's own interpreter, which
takes ten times as long, does everything else. Both give the same answers, which the tests compare.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import reduce
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

Getter = Callable[[Any], Any]
Node = Any
"""A node of the library's syntax tree: type, value and children."""

_interpreter: Final = TreeInterpreter()
_FAILURES: Final = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError)
"""What the library raises on a record: its own errors; a text compared with a number; a slice without a step."""
_FUNCTIONS: Final = frozenset(Functions.FUNCTION_TABLE)


class Unevaluable(ValueError):
    """A path has no value on this record: a function was given what it does not take."""


def compile_path(text: str) -> Getter:
    """A path as a function of a record; None where the record has nothing there.

    Raises:
        ValueError: It is no JMESPath; the message says why, and where.

    >>> compile_path("answers[0].score")({"answers": [{"score": 9}]}), compile_path("a.b")({"a": 7})
    (9, None)
    """
    try:
        tree = jmespath.compile(text).parsed
    except JMESPathError as error:
        raise ValueError(_sentence(text, error)) from None
    if _has_loose_not(tree):
        raise ValueError("has a ! that belongs to its first name alone, and so is never true: write !(a.b)")
    for name in _functions(tree):
        if name not in _FUNCTIONS:
            close = get_close_matches(name, _FUNCTIONS, n=1)
            raise ValueError(f"there is no function {name}()" + (f", did you mean {close[0]}()?" if close else ""))
    return _compiled(tree)


def is_true(value: Any) -> bool:
    """Whether a value counts as true in JMESPath: everything but null, false and what is empty; 0 does.

    >>> is_true(0), is_true(""), is_true([])
    (True, False, False)
    """
    return not (value is None or value is False or value in ("", [], {}))


def quoted_name(name: str) -> str:
    r"""The path of a field with any name.

    >>> quoted_name("Response Date"), quoted_name("score")
    ('"Response Date"', 'score')
    """
    if name.isascii() and name.isidentifier():
        return name
    return json.dumps(name, ensure_ascii=False)


def names_in(text: str) -> list[str]:
    """The names of a path that is a plain chain of them, in order; those at the beginning of any other."""
    node: Node = jmespath.compile(text).parsed
    while node["type"] != "field" and node.get("children"):
        if node["type"] == "subexpression" and all(child["type"] == "field" for child in node["children"]):
            return [child["value"] for child in node["children"]]
        node = node["children"][0]
    return [node["value"]] if node["type"] == "field" else []


def _sentence(text: str, error: JMESPathError) -> str:
    position = getattr(error, "lex_position", None)
    if position is None:
        return "is empty" if not text.strip() else "is no JMESPath"
    where = f"at character {position + 1}" if position < len(text) else "at its end"
    quotes = "; a name with spaces or signs goes in double quotes" if '"' not in text else ""
    return f"is no JMESPath, {where}{quotes}"


def _has_loose_not(node: Node) -> bool:
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    is_loose = node["type"] == "subexpression" and children[0]["type"] == "not_expression"
    return is_loose or any(map(_has_loose_not, children))


def _functions(node: Node) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in node.get("children", ()):
        if isinstance(child, dict):  # a slice has numbers
            yield from _functions(child)


def _compiled(node: Node) -> Getter:
    compiler = _COMPILERS.get(node["type"])
    return _interpreted(node) if compiler is None else compiler(node)


def _interpreted(node: Node) -> Getter:
    visit = _interpreter.visit

    def get(value: Any) -> Any:
        try:
            return visit(node, value)
        except _FAILURES as error:
            raise Unevaluable(" ".join(str(error).split()) or type(error).__name__) from None

    return get


def _field(node: Node) -> Getter:
    name = node["value"]
    return lambda value: value.get(name) if type(value) is dict else None


def _chain(node: Node) -> Getter:
    children = node["children"]
    if len(children) == 2 and all(child["type"] == "field" for child in children):
        return _pair(children[0]["value"], children[1]["value"])
    return reduce(_after, [_compiled(child) for child in children])


def _pair(outer: str, inner: str) -> Getter:
    def get(value: Any) -> Any:
        below = value.get(outer) if type(value) is dict else None
        return below.get(inner) if type(below) is dict else None

    return get


def _after(first: Getter, second: Getter) -> Getter:
    return lambda value: second(first(value))


def _index(node: Node) -> Getter:
    position = node["value"]

    def get(value: Any) -> Any:
        fits = type(value) is list and -len(value) <= position < len(value)
        return value[position] if fits else None

    return get


def _literal(node: Node) -> Getter:
    value = node["value"]
    return lambda _: value


def _comparison(node: Node) -> Getter:
    if node["value"] not in ("eq", "ne"):
        return _interpreted(node)
    left, right = (_compiled(child) for child in node["children"])
    text = node["children"][1].get("value")
    if node["children"][1]["type"] == "literal" and isinstance(text, str):  # the usual one: nothing else equals a text
        return (lambda value: left(value) == text) if node["value"] == "eq" else (lambda value: left(value) != text)
    if node["value"] == "ne":
        return lambda value: not _equal(left(value), right(value))
    return lambda value: _equal(left(value), right(value))


def _equal(left: Any, right: Any) -> bool:
    # JSON's true is not 1.
    return (left.__class__ is bool) is (right.__class__ is bool) and bool(left == right)


def _or(node: Node) -> Getter:
    left, right = (_compiled(child) for child in node["children"])

    def get(value: Any) -> Any:
        first = left(value)
        return first if is_true(first) else right(value)

    return get


def _and(node: Node) -> Getter:
    left, right = (_compiled(child) for child in node["children"])

    def get(value: Any) -> Any:
        first = left(value)
        return right(value) if is_true(first) else first

    return get


def _not(node: Node) -> Getter:
    inner = _compiled(node["children"][0])
    return lambda value: not is_true(inner(value))


def _itself(_: Node) -> Getter:
    return lambda value: value


_COMPILERS: Final[Mapping[str, Callable[[Node], Getter]]] = {
    "field": _field,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "index": _index,
    "literal": _literal,
    "comparator": _comparison,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "current": _itself,
    "identity": _itself,
}


def nearest(path: str, record: object) -> str:
    """The field of a record that is most like the one that a path names first and the record lacks; "" without any.

    >>> nearest("score", {"Score": "9"}), nearest("person.mail", {"person": {"email": "a@b"}})
    ('Score', 'person.email')
    """
    passed: list[str] = []
    for name in names_in(path):
        if not isinstance(record, dict):
            return ""
        if name not in record:
            return _most_like(name, passed, [key for key in record if isinstance(key, str)])
        passed.append(quoted_name(name))
        record = record[name]
    return ""


def _most_like(name: str, passed: Sequence[str], names: Sequence[str]) -> str:
    by_plain = {key.casefold(): key for key in names}
    close = get_close_matches(name.casefold(), by_plain, n=1, cutoff=0.6)
    return ".".join([*passed, quoted_name(by_plain[close[0]])]) if close else ""

from typing import Any

import jmespath
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from metrics.sources.paths import Unevaluable, compile_path, names_in, nearest, quoted_name

NAMES = ("a", "b", "c d")
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", "0"]) | st.just(0.0),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=12,
)
LITERALS = ("`0`", "`1`", "`true`", "`false`", "`null`", "`[]`", "'x'", "''", "'0'")
ATOMS = st.sampled_from(["a", "b", '"c d"', "a.b", "a.b.a", "a[0]", "a[-1].b", "a[0][1]", "@", 'b."c d"', *LITERALS])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "!=", "&&", "||", "|", "<"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda text: f"!({text})"),
        inner.map(lambda text: f"({text}).a"),
        inner.map(lambda text: f"length(to_array({text}))"),
        inner.map(lambda text: f"({text})[?a].b"),
    ),
    max_leaves=5,
)


def by_the_library(path: str, document: Any) -> Any:
    try:
        return jmespath.search(path, document)
    except (JMESPathError, TypeError):
        return Unevaluable


def by_ours(path: str, document: Any) -> Any:
    try:
        return compile_path(path)(document)
    except Unevaluable:
        return Unevaluable
    except ValueError:
        reject()  # a ! that is never true, which a file of sources must not have


@given(EXPRESSIONS, DOCUMENTS)
def test_a_compiled_path_gives_what_the_library_gives(path: str, document: Any) -> None:
    expected, actual = by_the_library(path, document), by_ours(path, document)
    assert (type(actual), actual) == (type(expected), expected)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Response Date", "at character 10; a name with spaces or signs goes in double quotes"),
        ("a[", "at its end"),
        ("", "is empty"),
        ("contain(a, 'x')", "there is no function contain(), did you mean contains()?"),
        ("a && !b.c", "belongs to its first name alone, and so is never true: write !(a.b)"),
        ("a[?frobnicate(b)]", "there is no function frobnicate()"),
    ],
)
def test_a_wrong_path_says_where_and_what_to_do(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        compile_path(path)
    assert message in str(error.value)


@given(st.text(min_size=1, max_size=8))
def test_a_quoted_name_is_the_path_of_that_field(name: str) -> None:
    assert compile_path(quoted_name(name))({name: 7}) == 7


@pytest.mark.parametrize(
    ("path", "document"),
    [("a[::0]", {"a": [1]}), ("a < `1`", {"a": "x"}), ("sum(a)", {"a": ["x"]}), ("max(a)", {"a": 7})],
)
def test_a_path_without_a_value_on_a_record_says_so_and_raises_nothing_else(path: str, document: Any) -> None:
    with pytest.raises(Unevaluable):
        compile_path(path)(document)


def test_what_is_not_equal_to_a_number_is_found() -> None:
    assert [compile_path("a != `1`")({"a": value}) for value in (1, True, 2, None)] == [False, True, True, True]


def test_the_field_that_somebody_meant_is_found_at_any_depth() -> None:
    record = {"properties": {"Score": 9, "survey_id": "s"}}
    assert nearest("properties.score", record) == "properties.Score"
    assert nearest("prperties.score", record) == "properties"
    assert nearest("properties.Score", record) == ""
    assert nearest("properties.zzz", record) == ""
    assert nearest("properties.Score.deeper", record) == ""
    assert names_in("a || b") == ["a"]
    assert names_in("`7`") == []

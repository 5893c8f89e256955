import doctest
import importlib
import pkgutil
import re
import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import streams
from metrics.catalogue import CONTEXT_KINDS, COUNTED_KINDS, GOVERNANCE_KINDS, METRICS, SCORE_RANGES, SURVEY_SENT, Shape
from metrics.registry import Horizons, Registry
from metrics.registry.attribution import Attribution
from streams.figures.ownership import owners_then
from streams.store import statements
from streams.store.client import Store
from streams.store.statements import (
    Fragment,
    Query,
    Row,
    Statement,
    constant_triples,
    fragment,
    numbers,
    query,
    ranges,
    statement,
)

ROOT = Path(streams.__file__).parent
INTEGERS = {f"{sign}Int{bits}": int for sign in ("", "U") for bits in (8, 16, 32, 64)}
PLAIN: dict[str, type] = {
    **INTEGERS, "Float64": float, "String": str, "Bool": bool, "Date": date, "DateTime": datetime,
    "DateTime64": datetime, "Decimal": Decimal,
}  # fmt: skip
SAMPLES: dict[str, Any] = {**dict.fromkeys(INTEGERS, 1), "Float64": 1.0, "String": "x", "Date": "1970-01-02"}


def all_of_ours() -> dict[str, list[Statement | Fragment]]:
    """What modules of streams have loaded from files, by module."""
    names = [item.name for item in pkgutil.walk_packages(streams.__path__, "streams.") if "__main__" not in item.name]
    modules = [importlib.import_module(name) for name in names]
    return {
        module.__name__: [value for value in vars(module).values() if isinstance(value, Statement | Fragment)]
        for module in modules
    }


STATEMENTS = sorted(
    {item.name: item for items in all_of_ours().values() for item in items if isinstance(item, Statement)}.items()
)
QUERIES = [(name, item) for name, item in STATEMENTS if isinstance(item, Query)]


def sample(type_name: str, store: Store) -> Any:
    """A value that a parameter of a type takes."""
    name, _, inner = type_name.partition("(")
    if name == "Array":
        return [sample(inner.removesuffix(")"), store)]
    if name.startswith("DateTime"):
        return "2026-01-01 00:00:00"
    return store.database if name == "Identifier" else SAMPLES[name]


def parameters_of(item: Statement, store: Store) -> dict[str, Any]:
    places = re.findall(r"\{(\w+):((?:[^{}])+)\}", item.text)
    return {name: sample(type_name, store) for name, type_name in places}


def fragments_of(item: Statement) -> dict[str, Fragment]:
    """A list of one number is a condition as well; `courses` has its brackets, `owner_of` is a function."""
    registry = Registry("1", "single", None, Horizons(), (), (), (), ())
    others = {
        "courses": constant_triples([[(1, 1, 1)]]),
        "owner_of": owners_then(Attribution(registry)).fragments["owner_of"],
    }
    return {name: others.get(name, numbers([1])) for name in re.findall(r"\$(\w+)", item.text)}


def fits(column: str, hint: Any) -> bool:
    """Whether what the driver makes of a column's type is what a field expects."""
    name, _, inner = column.partition("(")
    inner = inner.removesuffix(")")
    if name in ("LowCardinality", "Nullable", "Array"):
        return _fits_wrapped(name, inner, hint)
    if name.startswith("Enum"):
        return hint is str or (
            get_origin(hint) is Literal and set(re.findall(r"'(\w+)' =", inner)) == {*get_args(hint)}
        )
    return hint is PLAIN[name]


def _fits_wrapped(name: str, inner: str, hint: Any) -> bool:
    if name == "LowCardinality":
        return fits(inner, hint)
    if name == "Array":
        return get_origin(hint) is list and fits(inner, get_args(hint)[0])
    options = get_args(hint) if get_origin(hint) in (types.UnionType, Union) else ()
    return type(None) in options and any(fits(inner, option) for option in options if option is not type(None))


def test_a_row_type_is_told_from_another() -> None:
    assert fits("LowCardinality(Nullable(String))", str | None)
    assert fits("Array(UInt64)", list[int])
    assert fits("DateTime64(3, 'UTC')", datetime)
    assert fits("Enum8('up' = 1, 'down' = -1)", Literal["down", "up"])
    assert not fits("Enum8('up' = 1, 'down' = -1)", Literal["up"])
    assert not fits("Nullable(Float64)", float)
    assert not fits("Float64", float | None)
    assert not fits("UInt8", bool)
    assert not fits("Array(UInt64)", list[str])


@pytest.mark.parametrize(("name", "item"), QUERIES, ids=[name for name, _ in QUERIES])
def test_columns_of_a_query_are_the_fields_of_its_rows(name: str, item: Query[Any], store: Store) -> None:
    text, parameters = item.filled(fragments_of(item)), parameters_of(item, store)
    columns = {row["name"]: row["type"] for row in store.query(f"DESCRIBE TABLE (\n{text}\n)", parameters)}
    hints = get_type_hints(item.row)
    assert list(columns) == list(item.row.__struct_fields__)
    assert [f"{name} {columns[name]} {hints[name]}" for name in columns if not fits(columns[name], hints[name])] == []


def test_every_statement_runs_on_an_empty_database(store: Store) -> None:
    for _, item in STATEMENTS:
        parameters = parameters_of(item, store)
        fragments: dict[str, Any] = dict(fragments_of(item))
        if isinstance(item, Query):
            assert all(isinstance(row, item.row) for row in store.fetch(item, parameters, **fragments))
        else:
            store.run(item, parameters, **fragments)


def files() -> Iterator[tuple[str, str]]:
    for file in sorted(ROOT.rglob("*.sql")):
        assert file.parent.name == "sql", f"{file}: statements live in a folder sql"
        package = ".".join(("streams", *file.parent.parent.relative_to(ROOT).parts))
        yield f"{package}/{file.stem}", file.read_text(encoding="utf-8")


def test_every_file_is_loaded() -> None:
    loaded = {name for name, _ in STATEMENTS}
    texts = {part.text for items in all_of_ours().values() for part in items if isinstance(part, Fragment)}
    for name, _ in files():
        assert name in loaded or fragment(*name.split("/")).text in texts, f"nothing loads {name}"


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in files()])
def test_files_are_laid_out_alike(text: str) -> None:
    assert text.endswith("\n")
    assert [line for line in text.splitlines() if len(line) > 120 or "\t" in line or line != line.rstrip(" ;")] == []
    sql = re.sub(r"^ *--.*\n", "", text, flags=re.MULTILINE)
    assert re.findall(r"\b(?:select|distinct|from|where|group by|order by|insert|union|and|or|as|in)\b", sql) == []
    assert re.findall(r"\$(?!\w)|\{(?!\w+:[A-Z])|--", sql) == [], "neither a parameter nor a fragment"


def test_kinds_that_statements_name_are_those_of_the_catalogue() -> None:
    lists = [re.findall(r"\bkind (?:NOT )?IN \(([^)$]*)\)", item.text) for _, item in STATEMENTS]
    kinds = {frozenset(re.findall(r"'(\w+)'", names)) for item in lists for names in item}
    by_day = {
        kind for metric in METRICS.values() if metric.shape in (Shape.VOLUME, Shape.RATE) for kind in metric.kinds
    }
    by_customer = [metric.kinds for metric in METRICS.values() if metric.shape not in (Shape.VOLUME, Shape.RATE)]
    assert kinds == {
        COUNTED_KINDS, frozenset(GOVERNANCE_KINDS),
        frozenset((*GOVERNANCE_KINDS, *CONTEXT_KINDS)), frozenset({"case_opened", "case_closed"}), frozenset(by_day),
        frozenset((*SCORE_RANGES, SURVEY_SENT)),
        frozenset(kind for of_metric in by_customer for kind in of_metric),
        *(frozenset(of_metric) for of_metric in by_customer if len(of_metric) > 1),
    }  # fmt: skip


class Number(Row):
    """A row of the tests."""

    number: int
    half: float


def made(text: str) -> Query[Number]:
    return Query("tests/made", text, Number)


HALVES = made("SELECT toUInt8(number) AS number, number / 2 AS half FROM numbers({n:UInt64}) WHERE number IN ($some)")


def test_rows_are_typed_and_in_order(store: Store) -> None:
    assert store.fetch(HALVES, {"n": 4}, some=numbers([1, 3])) == [Number(1, 0.5), Number(3, 1.5)]
    assert store.fetch(HALVES, {"n": 4}, some=numbers([9])) == []


def test_columns_in_another_order_are_an_error_and_no_swap(store: Store) -> None:
    swapped = made("SELECT number / 2 AS half, toUInt8(number) AS number FROM numbers(2)")
    with pytest.raises(TypeError, match="has the columns"):
        store.fetch(swapped)


def test_a_parameter_or_a_fragment_that_lacks_is_an_error_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(ValueError, match="lacks the parameters"):
        store.fetch(HALVES, {}, some=numbers([1]))
    with pytest.raises(ValueError, match="takes the fragments"):
        store.fetch(HALVES, {"n": 1})
    with pytest.raises(ValueError, match="takes the fragments"):
        store.fetch(HALVES, {"n": 1}, some=numbers([1]), other=numbers([1]))


def test_parameters_that_a_statement_does_not_name_are_not_sent() -> None:
    assert HALVES.chosen({"n": 1, "other": 2}) == {"n": 1}


@pytest.mark.parametrize("nasty", ["1); DROP TABLE events; --", "1", 1.5, None, "0x10"])
def test_a_list_of_numbers_takes_nothing_but_whole_numbers(nasty: Any) -> None:
    with pytest.raises(TypeError):
        numbers([1, nasty])
    with pytest.raises(TypeError):
        ranges("minute", [(1, nasty)] if nasty is not None else [(1, "x")])  # type: ignore[list-item]


@pytest.mark.parametrize("column", ["", "a b", "1)", "a;", "toDate(minute)", "`a`", "ünï"])
def test_a_range_takes_plain_names_of_columns_only(column: str) -> None:
    with pytest.raises(ValueError, match="no plain name"):
        ranges(column, [(0, 1)])


def test_ranges_without_ends_hold_everywhere() -> None:
    assert ranges("a", [(None, None)]).text == "(true)"
    assert ranges("a", [(5, None)]).text == "(a >= 5)"


def test_a_fragment_with_a_dollar_in_it_is_not_filled_again() -> None:
    assert made("SELECT $a, $b").filled({"a": Fragment("'$b'"), "b": numbers([1])}) == "SELECT '$b', 1"


def test_comments_are_for_readers_of_the_file() -> None:
    file = ROOT / "figures" / "sql" / "recompute_cells.sql"
    assert file.read_text().startswith("-- ")
    assert statement("streams.figures", "recompute_cells").text.startswith("INSERT INTO cells")


def test_a_common_fragment_needs_its_place() -> None:
    with pytest.raises(ValueError, match=r"no place \$absent"):
        query("streams.figures", "refreshed_upto", Number, absent=numbers([1]))


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(statements) == (0, 10)

"""The account that only reads: what it may ask, decided on the engine's own wording of a statement.

The engine refuses to write under `readonly = 1`. What it lets pass all the same is refused here: files of this machine
(the function `file`, `INTO OUTFILE`), what looks at an address before it asks for the right to, and ending others'
statements. Its own wording has neither comments nor escapes in names, so that words can be looked for.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from streams.embedded.protocol import ClickHouseError

STATEMENTS: Final = ("SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN")
TABLE_FUNCTIONS: Final = frozenset(
    {
        *("format", "generate_series", "generateRandom", "generateSeries", "merge", "null", "numbers", "numbers_mt"),
        *("primes", "values", "view", "viewIfPermitted", "zeros", "zeros_mt"),
    }
)
"""Those that look at nothing but tables."""
LIMITS: Final = ("max_memory_usage", "max_execution_time", "max_result_bytes", "max_threads")
"""Settings that may be lowered, not raised."""

_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_OUTSIDE: Final = re.compile(r"\b(?:file|OUTFILE|catboostEvaluate|PARALLEL WITH|ai[A-Z]\w*|AI[A-Z]\w*)\b")
_CALLED: Final = re.compile(r"\b(\w+)`?\s*\(")
_SETTING: Final = re.compile(
    r"(?:max_|output_format_|input_format_|format_|date_time_|join_|cast_|use_|allow_|enable_|send_|http_|result_|timeout_"
    r"|extremes$|log_comment$|session_timezone$|connect_timeout|query_cache_|async_insert$|distributed_|do_not_merge_)\w*"
)
_NAMES_A_PLACE: Final = re.compile(r"schema|path|file|url|proxy|directory|backup|disk")


def check_reads(wording: str, table_functions: Collection[str]) -> None:
    """Refuses a statement, in the engine's own wording, that does more than read tables.

    Args:
        wording: what the engine's function formatQuery makes of it.
        table_functions: the names of all that the engine has.

    Raises:
        ClickHouseError: It does; the text says what.
    """
    words = _TEXT.sub("''", wording)
    first = words.split(None, 1)[0] if words.split() else ""
    if first not in STATEMENTS:
        raise _refused(f"{first or 'this'} is not among what it may do: {', '.join(STATEMENTS)}")
    if found := _OUTSIDE.search(words):
        raise _refused(f"{found[0]} reaches beyond tables")
    outside = {name.lower() for name in table_functions} - {name.lower() for name in TABLE_FUNCTIONS}
    for name in _CALLED.findall(words):
        if name.lower() in outside:
            raise _refused(f"the table function {name} reaches beyond tables")


def settings(given: Mapping[str, str], limits: Mapping[str, str]) -> dict[str, str]:
    """The settings of a statement of this account: what it gives, at most the limits, and that it only reads.

    Raises:
        ClickHouseError: A setting is not among those that it may give.
    """
    taken = {name: value for name, value in given.items() if name != "readonly"}
    for name in taken:
        if not _SETTING.fullmatch(name) or _NAMES_A_PLACE.search(name):
            raise _refused(f"the setting {name} is not among those that it may change")
    for name in LIMITS:
        if name in taken and name in limits:
            taken[name] = _lower(name, taken[name], limits[name])
    return taken | {"readonly": "1"}  # after the others: what follows it is refused


def _lower(name: str, value: str, most: str) -> str:
    try:
        number = float(value)
    except ValueError as error:
        raise _refused(f"the setting {name} must be a number") from error
    return value if 0 < number <= float(most) else most  # 0: without limit


def _refused(what: str) -> ClickHouseError:
    return ClickHouseError.refused(164, "READONLY", f"The reading account only reads tables, and {what}.", 403)

"""What schemathesis cannot read in an OpenAPI document. It loads this by the name in SCHEMATHESIS_HOOKS."""

from datetime import timedelta
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import Case, GenerationMode, HookContext

from streams.timestamps import from_epoch, parse_instant, rfc3339

LAST_SECOND = int(parse_instant("2105-12-31").timestamp())
MOST_POINTS_APART = 60
INSTANTS = strategies.integers(0, LAST_SECOND).map(from_epoch)

schemathesis.openapi.format("date-time", INSTANTS.map(rfc3339))
schemathesis.openapi.format("date", INSTANTS.map(lambda at: at.date().isoformat()))


@schemathesis.serializer("application/toml")
def toml(context: Any, value: Any) -> bytes:
    """The text itself; what is none becomes bytes that are none."""
    return value.encode() if isinstance(value, str) else b"\xff"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Makes valid what no schema of parameters can: a department and a touchpoint are there, a period begins before
    it ends, and of many lines there are fewer points.

    Each end of a period is given once.
    """
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    query = dict(case.query or {})
    if "department" in query:
        query["department"] = "marketing"
    if "touchpoint" in query:
        query["touchpoint"] = "web.checkout"
    if "by" in query and "points" in query:
        query["points"] = min(int(query["points"]), MOST_POINTS_APART)
    if "from" in {parameter.name for parameter in case.operation.query}:
        ends = sorted((query.pop(name) for name in ("from", "to", "since", "at") if name in query), key=parse_instant)
        if ends:
            query["to"] = ends[-1]
            if parse_instant(ends[-1]) - parse_instant(ends[0]) >= timedelta(seconds=1):
                query["from"] = ends[0]
    case.query = query

"""What a registry that is not in force would change: its lint, the events and figures that would move."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from metrics.catalogue import Horizon
from metrics.durations import DEFAULT_PERIOD
from metrics.figures.balances import View
from metrics.registry import RegistryError
from streams.figures import snapshot
from streams.governance.counting import Question
from streams.governance.impact import Impact, impact
from streams.parameters import BadParameter, InstantParameters, ViewOption
from streams.registry.file import CompiledRegistry, compiled
from streams.registry.lint_apart import KeptLints, Lint, TooHeavy
from streams.store.client import Store
from streams.timestamps import rfc3339
from streams.web.registry_responses import DepartmentRow
from streams.web.responses import Count, Instant, ScorecardRow


class WhatIfParameters(InstantParameters, frozen=True, kw_only=True):
    """What another registry would change at an instant."""

    view: ViewOption = "as_was"
    effects: Annotated[
        bool,
        Meta(description="Not only the lint, but also what would move, of 90 days: `true` or `false`."),
    ] = True


class LintFinding(Struct):
    """What `cxb check` says of a line."""

    severity: Literal["error", "warning"]
    code: Annotated[str, Meta(description="Which check; docs/registry.md lists them.")]
    path: str
    line: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="From 1; null where it is not known.")]
    message: str
    remedy: str


class MovedEvents(Struct):
    """Events of the 90 days before the instant that would have another owner."""

    touchpoint: str
    before: Annotated[str, Meta(description="The owner under the registry in force.")]
    after: str
    n: Count


class MovedFigure(Struct):
    """A figure that would be another one."""

    department: str
    metric: str
    horizon: Horizon
    before: Annotated[float | None, Meta(description="In the metric's unit; null where there would be none.")]
    after: float | None
    n: Annotated[Count, Meta(description="Observations that it rests on, of two the more.")]


class Effects(Struct):
    """What would move, and the indices under both registries."""

    at: Instant
    since: Annotated[Instant, Meta(description="From when on events are counted.")]
    view: View
    events: list[MovedEvents]
    balances: list[MovedFigure]
    before: list[ScorecardRow]
    after: list[ScorecardRow]


class WhatIf(Struct):
    """What a registry would change."""

    errors: Count
    warnings: Count
    problems: Annotated[list[LintFinding], Meta(description="The first 200, in order of lines.")]
    version: Annotated[str | None, Meta(description="The version that the text names; null with errors.")]
    departments: Annotated[list[DepartmentRow], Meta(description="Who could own what under it; empty with errors.")]
    effects: Annotated[Effects | None, Meta(description="null with errors, or where they were not asked for.")]


def answer(
    store: Store, lints: KeptLints, current: CompiledRegistry, text: str, parameters: WhatIfParameters, at: datetime
) -> dict[str, Any]:
    """What a registry would change at an instant.

    Raises:
        BadParameter: The text takes too long to read.
    """
    try:
        lint = lints.of(text)
    except TooHeavy as error:
        raise BadParameter("body", str(error)) from error
    effects = None
    # Whoever has passed there is read here in less time; of a large registry that is seconds, so for effects alone.
    if parameters.effects and not lint.errors and (proposed := _proposed(text, current)):
        question = Question(at - DEFAULT_PERIOD, at, parameters.view)
        effects = _effects(impact(store, current, proposed, question), question)
    return {**_lint(lint), "effects": effects}


def _proposed(text: str, current: CompiledRegistry) -> CompiledRegistry | None:
    try:
        return current if text == current.text else compiled(text)
    except RegistryError:  # the lint would have said so
        return None


def _lint(lint: Lint) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(lint)
    return answer


def _effects(moved: Impact, question: Question) -> dict[str, Any]:
    return {
        "at": rfc3339(question.at),
        "since": rfc3339(question.since),
        "view": question.view,
        "events": [
            {"touchpoint": move["which"], "before": move["before"], "after": move["after"], "n": move["n"]}
            for move in moved.events
        ],
        "balances": [
            dict(zip(("department", "metric", "horizon"), move["which"].split(" "), strict=True))
            | {"before": move["before"], "after": move["after"], "n": move["n"]}
            for move in moved.balances
        ],
        "before": snapshot.as_json(moved.before.scorecards[question.view]),
        "after": snapshot.as_json(moved.after.scorecards[question.view]),
    }

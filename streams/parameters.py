"""What a reader may ask: the parameters of the API's routes, and of the commands that ask the same.

Each question is a Struct. Its fields define what a value may be; decoding, error messages and the OpenAPI document are
made from them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import EnumMeta
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import msgspec
from msgspec import Meta

from metrics.catalogue import METRICS, Horizon
from metrics.durations import DEFAULT_PERIOD
from metrics.events.nearest import hint_of_option
from metrics.events.rejection import Reason
from metrics.figures.balances import View
from metrics.governance.measures import Measure
from metrics.governance.weeks import SurrogatesBy
from metrics.ids import WORD
from metrics.zones import Zone
from streams.timestamps import by_clocks, parse_date_or_instant, parse_instant, rfc3339

MOST_REJECTED: Final = 500
"""Rows of rejected events that one answer holds."""
MOST_WEEKS: Final = 104
"""Weeks of indices that one answer holds."""
_LONGEST_SHOWN: Final = 200
_PARSED: Final[Mapping[Any, Callable[[str], date]]] = {datetime: parse_instant, date: parse_date_or_instant}

if TYPE_CHECKING:
    MetricName = str
else:
    # The catalogue is the only list of names, and a type checker cannot read it.
    MetricName = Literal[tuple(METRICS)]

LanguageCode = Literal["en", "it", "es"]
ReportFormat = Literal["json", "md", "html"]
Department = Annotated[
    str, Meta(pattern=f"^{WORD.pattern}$", description="an id of lower-case letters, digits, '_' and '-'")
]
Limit = Annotated[int, Meta(ge=1, le=MOST_REJECTED, description=f"a whole number from 1 to {MOST_REJECTED}")]
Weeks = Annotated[int, Meta(ge=1, le=MOST_WEEKS, description=f"a whole number from 1 to {MOST_WEEKS}")]

Contained = Annotated[str, Meta(min_length=1, max_length=100, description="a text of 1 to 100 characters")]

At = Annotated[datetime | None, Meta(description="The instant of the answer; now by default.")]
From = Annotated[
    date | None,
    Meta(description=f"Start of the period, inclusive; {DEFAULT_PERIOD.days} days before its end by default."),
]
To = Annotated[date | None, Meta(description="End of the period, exclusive; now by default.")]
ViewOption = Annotated[
    View, Meta(description="as_was: by the owner at the time of an event; as_is: by the owner at the instant.")
]
DepartmentOption = Annotated[
    Department | None,
    Meta(description="Only this department, of today or of before; `company` is all, `unowned` what nobody owns."),
]

P = TypeVar("P", bound="Parameters")


class BadParameter(ValueError):
    """A parameter that has no meaning.

    Attributes:
        name: Which one, as it was spelled; "" where it is several.
        remedy: What is wrong or what to write instead.
    """

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"{name}: {remedy}" if name else remedy)
        self.name, self.remedy = name, remedy


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question.

    Attributes:
        renamed: Spellings of the version before, each with today's. They are accepted for one version more.
    """

    renamed: ClassVar[Mapping[str, str]] = {}


class NoParameters(Parameters, frozen=True, kw_only=True):
    """A question that nothing narrows."""


class InstantParameters(Parameters, frozen=True, kw_only=True):
    """What is so at an instant."""

    at: At = None

    def past(self, now: datetime) -> datetime | None:
        """The instant that is asked for, aware; None for now.

        Raises:
            BadParameter: It is in the future: there is nothing to say of it.
        """
        if self.at is not None and self.at > now:
            raise BadParameter("at", f"in the future, by a clock that shows {rfc3339(now)}: give an earlier instant")
        return self.at


class ScorecardParameters(InstantParameters, frozen=True, kw_only=True):
    """Indices of an instant."""

    view: ViewOption = "as_was"
    department: DepartmentOption = None


class HistoryParameters(ScorecardParameters, frozen=True, kw_only=True):
    """Indices of past weeks."""

    weeks: Annotated[Weeks, Meta(description="How many weeks back.")] = 12


class OverviewParameters(InstantParameters, frozen=True, kw_only=True):
    """The first look at an instant."""

    view: ViewOption = "as_was"
    lang: Annotated[LanguageCode, Meta(description="The language of the sentences.")] = "en"


class SurrogateParameters(InstantParameters, frozen=True, kw_only=True):
    """What short-term metrics foretold at an instant."""

    department: DepartmentOption = None
    by: Annotated[
        SurrogatesBy, Meta(description="Short-term metrics of the department, or of each of its touchpoints.")
    ] = "department"


class BalanceParameters(ScorecardParameters, frozen=True, kw_only=True):
    """Figures of an instant."""

    metric: Annotated[MetricName | None, Meta(description="Only this metric.")] = None
    horizon: Annotated[Horizon | None, Meta(description="Only this horizon.")] = None


class BoundsParameters(Parameters, frozen=True, kw_only=True):
    """What happened in a period."""

    from_: From = msgspec.field(default=None, name="from")
    to: To = None

    def bounds(self, now: datetime, zone: Zone) -> tuple[datetime, datetime]:
        """Start and end of the period, aware; a date is the midnight at which it begins in a zone.

        Raises:
            BadParameter: The start is not before the end, or the end is in the future.
        """
        end = by_clocks(self.to, zone) if self.to else now
        if end > now:
            raise BadParameter("to", f"in the future, by a clock that shows {rfc3339(now)}: give an earlier instant")
        start = by_clocks(self.from_, zone) if self.from_ else end - DEFAULT_PERIOD
        # Figures are made of whole seconds: a period without one would have no length to divide by.
        if int(start.timestamp()) >= int(end.timestamp()):
            raise BadParameter("from", "give an instant before to, by a second or more")
        return start, end


class PeriodParameters(BoundsParameters, frozen=True, kw_only=True):
    """What is so of a period."""

    renamed: ClassVar[Mapping[str, str]] = {"since": "from", "at": "to"}

    view: ViewOption = "as_was"


class GovernanceParameters(PeriodParameters, frozen=True, kw_only=True):
    """Figures of governance of a period."""

    measure: Annotated[Measure | None, Meta(description="Only this measure.")] = None


class ReportParameters(PeriodParameters, frozen=True, kw_only=True):
    """The report of a period."""

    lang: Annotated[LanguageCode, Meta(description="The language of the sentences.")] = "en"
    format: Annotated[ReportFormat, Meta(description="How it is written.")] = "json"
    is_complete: Annotated[
        bool, Meta(description="Everything there is to say, on however many pages: `true` or `false`.")
    ] = msgspec.field(default=False, name="all")


class RejectedParameters(Parameters, frozen=True, kw_only=True):
    """The latest rejected events."""

    reason: Annotated[Reason | None, Meta(description="Only events rejected for this reason.")] = None
    contains: Annotated[Contained | None, Meta(description="Only events with this text in detail or payload.")] = None
    limit: Annotated[Limit, Meta(description="How many rows at most.")] = 100


class Parameter(NamedTuple):
    """One parameter of a question.

    Attributes:
        name: As it is spelled in a query.
        field: The Struct's field.
        type: What a value is, if there is one: None is not among it.
        default: What absence means.
        description: What it is for.
    """

    name: str
    field: str
    type: Any
    default: Any
    description: str


@cache
def parameters_of(kind: type[Parameters]) -> dict[str, Parameter]:
    """The parameters of a question by name, in their order.

    >>> list(parameters_of(GovernanceParameters))
    ['from', 'to', 'view', 'measure']
    """
    return {field.encode_name: _parameter(field) for field in msgspec.structs.fields(kind)}


def _parameter(field: msgspec.structs.FieldInfo) -> Parameter:
    # The last annotation is the field's own, those before it belong to the type.
    value, (*rules, purpose) = field.type.__origin__, field.type.__metadata__
    if get_origin(value) in (Union, UnionType):
        [value] = [part for part in get_args(value) if part is not NoneType]
    if rules:
        value = Annotated[(value, *rules)]
    default = None if field.default is msgspec.NODEFAULT else field.default
    return Parameter(field.encode_name, field.name, value, default, purpose.description)


def decode(kind: type[P], pairs: Iterable[tuple[str, str]]) -> P:
    """A question from the names and texts of its parameters.

    >>> decode(RejectedParameters, [("limit", "5")])
    RejectedParameters(reason=None, contains=None, limit=5)

    Raises:
        BadParameter: One is unknown, given more than once, or has no meaning.
    """
    parameters, texts = parameters_of(kind), list(pairs)
    if unknown := sorted({name for name, _ in texts} - set(parameters) - set(kind.renamed)):
        names = (", ".join(sorted(parameters)) or "none") + hint_of_option(unknown[0], parameters)
        raise BadParameter("", f"unknown parameters: {', '.join(unknown)[:_LONGEST_SHOWN]}; known: {names}")
    values: dict[str, Any] = {}
    spellings: dict[str, str] = {}
    for name, text in texts:
        parameter = parameters[kind.renamed.get(name, name)]
        first = spellings.setdefault(parameter.field, name)
        if parameter.field in values:
            both = "" if first == name else f", as {first} and {name}"
            raise BadParameter(name, f"given more than once{both}; give it once")
        values[parameter.field] = _value(name, parameter.type, text)
    return kind(**values)


def _value(name: str, kind: Any, text: str) -> Any:
    try:
        parse = _PARSED.get(kind)
        return parse(text) if parse else msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        options = kind if isinstance(kind, EnumMeta) else get_args(kind)
        raise BadParameter(name, rule(kind) + hint_of_option(text, options)) from None
    except ValueError as error:
        raise BadParameter(name, str(error)) from error


def rule(kind: Any) -> str:
    """What a value of a type may be, in words.

    >>> rule(Horizon)
    'one of short, long'
    """
    if isinstance(kind, EnumMeta):
        return f"one of {', '.join(map(str, kind))}"
    if kind is bool:
        return "true or false"
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    return str(kind.__metadata__[0].description)

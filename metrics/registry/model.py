"""The contents of a registry, and the problems that it can have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from metrics.durations import DAY_S, WEEK_S
from metrics.zones import UTC_NAME, Zone, zone_of

UNOWNED = "unowned"
"""The department of an event that no ownership rule matches."""
COMPANY = "company"
"""The department of the row that holds all cells together."""
RESERVED_IDS = frozenset({UNOWNED, COMPANY})

POLICIES = ("single", "shared", "team")
OFFICES = ("front", "back")
STAGES = ("before", "during", "after")
"""When customers meet a touchpoint: before, during or after the purchase."""
CHANNELS = ("online", "offline")
DEPARTMENT_KINDS = ("department", "team", "partner")

Severity = Literal["error", "warning"]


class Code(StrEnum):
    """The closed set of problems that `cxb check` can report; docs/registry.md explains each."""

    TOML_SYNTAX = "toml-syntax"
    MISSING_KEY = "missing-key"
    UNKNOWN_KEY = "unknown-key"
    BAD_TYPE = "bad-type"
    BAD_ID = "bad-id"
    BAD_VALUE = "bad-value"
    RESERVED_ID = "reserved-id"
    DUPLICATE_ID = "duplicate-id"
    DUPLICATE_TARGET = "duplicate-target"
    TARGET_OVERLAP = "target-overlap"
    UNKNOWN_DEPARTMENT = "unknown-department"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_METRIC = "unknown-metric"
    BAD_SHARE = "bad-share"
    OWNER_CONTRIBUTES = "owner-contributes"
    BAD_INSTANT = "bad-instant"
    EMPTY_PERIOD = "empty-period"
    BAD_HALF_LIFE = "bad-half-life"
    BAD_TIMEZONE = "bad-timezone"
    BAD_TARGET = "bad-target"
    RULE_CONFLICT = "rule-conflict"
    RULE_OVERLAP = "rule-overlap"
    RULE_NEVER_REACHED = "rule-never-reached"
    MANY_TOLD_APART = "many-told-apart"
    UNDECLARED_TOUCHPOINT = "undeclared-touchpoint"
    TOUCHPOINT_UNOWNED = "touchpoint-unowned"
    OWNERSHIP_GAP = "ownership-gap"
    IDLE_DEPARTMENT = "idle-department"
    NO_RECEIVER = "no-receiver"
    NO_SPONSOR = "no-sponsor"
    HORIZON_ORDER = "horizon-order"
    ONE_SIDED_TARGETS = "one-sided-targets"
    TARGET_NOT_MEASURED = "target-not-measured"
    VOLUME_FOR_ALL = "volume-for-all"
    ROLE_TWICE = "role-twice"
    BAD_MEMBERS = "bad-members"
    BAD_LIMIT = "bad-limit"
    DUPLICATE_POLICY = "duplicate-policy"
    TOO_MANY_OWNERS = "too-many-owners"
    NEW_SILO = "new-silo"
    PROGRAM_DUPLICATE = "program-duplicate"
    UNDECLARED_SEGMENT = "undeclared-segment"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a registry file.

    `path` names the key and counts tables from 1: "ownership[3].from" is the key `from` of the third [[ownership]].
    `line` is counted from 1, None if it is unknown. `message` says what is wrong with the value, `remedy` what to do.
    """

    severity: Severity
    code: Code
    path: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"line {self.line}, {self.path}"
        return f"{where}: {self.message}; {self.remedy}"


class RegistryError(ValueError):
    """A registry that cannot be used; `problems` holds every reason, in order of lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Department:
    """Who can own touchpoints: a department, a team or a partner; `receiver` is where Alertmanager sends its alerts.

    `members` maps the departments of a [[team]] to their shares, in 0..1 with the sum 1; it is empty for others.
    """

    id: str
    name: str
    office: str
    receiver: str | None
    kind: str = "department"
    members: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """A point of contact; `name` maps a language ("en") to what people call it."""

    id: str
    name: Mapping[str, str]
    stage: str
    channel: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """A rule: who owns the touchpoints of a pattern, for which events, from when (inclusive) to when (exclusive).

    `touchpoint` is an exact id, a prefix ending in ".*", or "*". A filter that is None matches every event.
    `contributors` maps department ids to shares in 0..1 with a sum below 1; the owner holds the rest. Instants are
    aware UTC on whole minutes; None is unbounded. `position` counts rules from 0 in the order of the file.
    A rule with a `facet` says who answers for that facet only; the owner of events comes from rules without one.
    """

    touchpoint: str
    segment: str | None
    region: str | None
    kind: str | None
    owner: str
    contributors: Mapping[str, float]
    valid_from: datetime | None
    valid_to: datetime | None
    position: int
    line: int | None
    facet: str | None = None
    consulted: tuple[str, ...] = ()
    sponsor: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric should reach, in the metric's unit: `floor` is attainment 0, the others attainment 100.

    `department` None stands for the company and every department without a target of its own, COMPANY for it alone;
    `weight` is at least 0, and relative.
    It holds from `valid_from` (inclusive) to `valid_to` (exclusive), aware UTC on whole minutes; None is unbounded.
    """

    metric: str
    department: str | None
    floor: float
    internal: float
    customer: float | None
    weight: float
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds_at(self, at_s: float) -> bool:
        """Whether it is in force at an instant, epoch seconds."""
        begun = self.valid_from is None or self.valid_from.timestamp() <= at_s
        return begun and (self.valid_to is None or at_s < self.valid_to.timestamp())

    def overlaps(self, other: "Target") -> bool:
        """Whether there is an instant at which both are in force."""
        begins = [of.valid_from for of in (self, other) if of.valid_from is not None]
        ends = [of.valid_to for of in (self, other) if of.valid_to is not None]
        return not begins or not ends or max(begins) < min(ends)


@dataclass(frozen=True, slots=True)
class Horizons:
    """The two half-lives, in seconds, above 0."""

    short_s: float = float(WEEK_S)
    long_s: float = 90.0 * DAY_S


@dataclass(frozen=True, slots=True)
class TouchpointPolicy:
    """The company's policy for the touchpoints of a pattern; `max_effective_owners` None is no limit."""

    touchpoint: str
    policy: str
    max_effective_owners: float | None


@dataclass(frozen=True, slots=True)
class Programme:
    """An initiative: which department wants to move which metric at which touchpoints (patterns) to what, and when."""

    name: str
    owner: str
    touchpoints: tuple[str, ...]
    metric: str
    target: float
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A target group: the label that events carry, and what people call it by language."""

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SpendCategories:
    """The categories of spend that are a declared budget for the experience, and those that are hidden spend on it."""

    declared: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """Who owns what, and what they want to achieve: a file that has passed every structural check.

    Ids are unique, and every department that a rule or a target names is in `departments`; teams are its last.
    `timezone` is a name of the IANA database: that of the clocks by which customers and the company live.
    """

    version: str
    policy: str
    sponsor: str | None
    horizons: Horizons
    departments: tuple[Department, ...]
    touchpoints: tuple[Touchpoint, ...]
    ownerships: tuple[Ownership, ...]
    targets: tuple[Target, ...]
    max_effective_owners: float | None = None
    policies: tuple[TouchpointPolicy, ...] = ()
    programmes: tuple[Programme, ...] = ()
    segments: tuple[Segment, ...] = ()
    spend: SpendCategories = SpendCategories()
    timezone: str = UTC_NAME

    @property
    def zone(self) -> Zone:
        """The company's time zone."""
        return zone_of(self.timezone)

    def targets_at(self, at_s: float) -> tuple[Target, ...]:
        """The targets that are in force at an instant (epoch seconds), in the order of the file."""
        return tuple(target for target in self.targets if target.holds_at(at_s))

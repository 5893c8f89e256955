"""The answer of `/api/v1/registry`: what the registry in force declares."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct


class HalfLives(Struct):
    """Half-lives of the two horizons, seconds."""

    short_s: float
    long_s: float


class DepartmentRow(Struct):
    """A department as the registry declares it."""

    id: str
    name: str
    office: Literal["front", "back"]


class DeclaredTouchpoint(Struct):
    """A touchpoint as the registry declares it."""

    id: str
    name: Annotated[dict[str, str], Meta(description="By language.")]
    stage: Literal["before", "during", "after"]
    channel: Literal["online", "offline"]


class TargetRow(Struct, rename={"from_": "from"}):
    """What a metric should reach."""

    metric: str
    floor: Annotated[float, Meta(description="Attainment 0.")]
    internal: Annotated[float, Meta(description="Attainment 100, as the company sees it.")]
    department: Annotated[str | None, Meta(description="null: all departments.")]
    customer: Annotated[float | None, Meta(description="Attainment 100, as customers define success.")]
    weight: float
    from_: Annotated[
        Annotated[datetime, Meta(tz=True)] | None, Meta(description="In force from then on; null: from the beginning.")
    ]
    to: Annotated[
        Annotated[datetime, Meta(tz=True)] | None, Meta(description="Until then, exclusive; null: indefinitely.")
    ]


class RegistryInForce(Struct):
    """The registry in force."""

    version: str
    policy: Literal["single", "shared", "team"]
    sponsor: str | None
    timezone: Annotated[str, Meta(description="Of days and hours, as the IANA database names it.")]
    valid: Annotated[bool, Meta(description="Whether the file is the registry in force.")]
    error: Annotated[str | None, Meta(description="What is wrong with a file that was rejected.")]
    horizons: HalfLives
    departments: list[DepartmentRow]
    touchpoints: list[DeclaredTouchpoint]
    targets: Annotated[list[TargetRow], Meta(description="In force at the instant.")]
    other_targets: Annotated[list[TargetRow], Meta(description="Of other times: over, or to come.")]


class RegistryText(Struct):
    """The file that the registry in force was read from."""

    version: str
    text: Annotated[str, Meta(description="TOML.")]

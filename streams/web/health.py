"""What an orchestrator is answered: that a process is alive, and whether it is ready."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Health(Struct):
    """The process is alive."""

    status: Literal["alive"]


class Readiness(Struct):
    """Whether the worker is assigned and landing, or the gateway takes events."""

    ready: bool
    reason: Annotated[str, Meta(description="Why not; empty when it is.")]

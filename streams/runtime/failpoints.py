"""Failpoints: named places at which a fault test lets a process die, freeze or fail. Nothing happens unless asked for.

CXB_FAILPOINTS="landed=kill@3,committed=freeze" kills the process the third time that it reaches
`landed` and stops it (SIGSTOP) the first time that it reaches `committed`. Actions: kill (SIGKILL),
freeze (SIGSTOP), fail (an exception), hang (blocks the event loop's task for an hour).
"""

import asyncio
import os
import signal
from dataclasses import dataclass
from typing import Final, Literal, get_args

Point = Literal[
    "fetched",  # a chunk has been taken from faust
    "decoded",  # it has been decoded and gathered
    "dead_letters_sent",  # the broker has acknowledged a batch's dead letters
    "insert_sent",  # the insert of facts has begun
    "erased_dropped",  # facts of erased persons have been left out, the rest has not been sent
    "insert_acknowledged",  # the store has acknowledged it
    "before_commit",
    "after_commit",
    "refreshing",  # cells have been computed, the watermark has not been noted
]
Action = Literal["kill", "freeze", "fail", "hang"]
POINTS: Final[tuple[str, ...]] = get_args(Point)
VARIABLE: Final = "CXB_FAILPOINTS"


class FailpointError(Exception):
    """What `fail` raises: an error that nobody expects."""


@dataclass(slots=True)
class _Armed:
    action: Action
    countdown: int


def _parse(text: str) -> dict[str, _Armed]:
    armed: dict[str, _Armed] = {}
    for item in filter(None, text.split(",")):
        point, _, rest = item.partition("=")
        action, _, count = rest.partition("@")
        if point not in POINTS or action not in get_args(Action):
            raise ValueError(f"{VARIABLE}: {item!r} is not POINT=ACTION[@N]; points: {', '.join(POINTS)}")
        armed[point] = _Armed(action, int(count or 1))  # type: ignore[arg-type]  # checked above
    return armed


_armed: Final = _parse(os.environ.get(VARIABLE, ""))


def reach(point: Point) -> None:
    """Says that a point is reached; acts there if a fault test has armed it.

    Raises:
        FailpointError: The point's action is `fail`.
    """
    if _armed and _strikes(point):
        action = _armed[point].action
        if action == "fail":
            raise FailpointError(f"failpoint {point}")
        if action in ("kill", "freeze"):
            os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)


async def reach_async(point: Point) -> None:
    """The same where a coroutine may also hang.

    Raises:
        FailpointError: The point's action is `fail`.
    """
    if _armed and point in _armed and _armed[point].action == "hang":
        if _strikes(point):
            await asyncio.sleep(3600)
    else:
        reach(point)


def _strikes(point: str) -> bool:
    armed = _armed.get(point)
    if armed is None:
        return False
    armed.countdown -= 1
    return armed.countdown == 0

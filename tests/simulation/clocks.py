"""Clocks, chance and locks of the service, taken over for a simulation: nothing in it may come from outside."""

import asyncio
import gc
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from types import ModuleType
from typing import Any, Final

from tests.simulation.loop import SimulatedLoop, wait

STARTS: Final = datetime(2026, 4, 3, 0, 2, 0, tzinfo=UTC)
"""The simulated time at which each simulation starts: two minutes into a day."""

LOCKED_S: Final = 0.05
STARTS_US: Final = int(STARTS.timestamp()) * 1_000_000


def _loop() -> SimulatedLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    return loop


class SimulatedTime(ModuleType):
    """Stands for the module `time`."""

    @staticmethod
    def monotonic() -> float:
        """Simulated seconds, from some start."""
        return 1_000.0 + _loop().now_s

    perf_counter = monotonic

    @staticmethod
    def time() -> float:
        """Simulated seconds since 1970."""
        return STARTS_US / 1e6 + _loop().now_s

    @staticmethod
    def sleep(seconds: float) -> None:
        """Waits in a thread of the simulation."""
        wait(seconds)


class SimulatedDatetime(datetime):
    """Stands for the class `datetime`."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "SimulatedDatetime":
        """The simulated time."""
        return cls.fromtimestamp(SimulatedTime.time(), tz)


class SimulatedChance(ModuleType):
    """Stands for the module `random`."""

    @staticmethod
    def uniform(low: float, high: float) -> float:
        """From the loop's choices."""
        return _loop().choices.uniform(low, high)


class SimulatedLock:
    """A lock between threads of the simulation: who waits for it gives way."""

    def __init__(self) -> None:
        self._held = False

    def __enter__(self) -> None:
        while self._held:
            wait(LOCKED_S)
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False


class SimulatedThreading(ModuleType):
    """Stands for the module `threading`; all but locks is the real one's."""

    Lock = SimulatedLock

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


@contextmanager
def taken_over() -> Iterator[None]:
    """Gives every loaded module of the service the simulated clocks, chance and locks, and takes them back.

    Garbage is collected at the end alone: a process that was killed runs no `finally`, and what Python runs of them
    when it collects what is left of it must neither be seen nor come between others.
    """
    stands_for: dict[int, Any] = {
        id(time): SimulatedTime("time"),
        id(random): SimulatedChance("random"),
        id(threading): SimulatedThreading("threading"),
        id(datetime): SimulatedDatetime,
    }
    taken: list[tuple[ModuleType, str, Any]] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("streams."):
            for attribute in ("time", "random", "datetime", "threading"):
                real = vars(module).get(attribute)
                if id(real) in stands_for:
                    taken.append((module, attribute, real))
                    setattr(module, attribute, stands_for[id(real)])
    collects, hook = gc.isenabled(), sys.unraisablehook
    gc.disable()
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        gc.collect()
        sys.unraisablehook = hook
        if collects:
            gc.enable()
        for module, attribute, real in taken:
            setattr(module, attribute, real)

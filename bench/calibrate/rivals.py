"""ADWIN and KSWIN of river, one stream at a time: too slow for as many months as the others."""

from collections.abc import Callable, Sequence
from functools import partial
from math import isnan
from typing import Any, Final

import numpy as np

from bench.calibrate.detectors import Standard

try:
    from river import drift
except ImportError:  # only make calibrate has it
    drift = None

ADWIN_DELTAS: Final = (0.05, 0.01, 2e-3, 2e-4, 2e-6, 2e-9, 2e-13)
KSWIN_ALPHAS: Final = (1e-5, 1e-8)


def makers() -> dict[str, list[Callable[[], Any]]]:
    """Each detector with increasingly quiet settings; empty if river is not installed."""
    if drift is None:
        return {}
    return {
        "ADWIN": [partial(drift.ADWIN, delta=delta) for delta in ADWIN_DELTAS],
        "KSWIN": [partial(drift.KSWIN, alpha=alpha, seed=1) for alpha in KSWIN_ALPHAS],
    }


def streams(standard: Standard, count: int, steps: int) -> list[list[float]]:
    """The first streams as values step by step, groups at their mean."""
    result = []
    for i in range(min(count, standard.z.shape[1])):
        whole = standard.exposure[:, i] > 0
        values = np.where(whole, standard.z[:, i] / np.sqrt(np.maximum(standard.exposure[:, i], 1e-9)), np.nan)
        result.append(values[:steps].tolist())
    return result


def alarms(make: Callable[[], Any], values_by_stream: Sequence[Sequence[float]]) -> int:
    """The number of alarms of a detector over all streams; it starts again after each."""
    return sum(len(_alarms(make, values)) for values in values_by_stream)


def wait(make: Callable[[], Any], values_by_stream: Sequence[Sequence[float]], at: int) -> float:
    """Mean steps from a shift at step `at` to the next alarm; the end of the stream if none comes."""
    waits = [
        next((i - at + 1 for i in _alarms(make, values) if i >= at), len(values) - at) for values in values_by_stream
    ]
    return float(np.mean(waits))


def _alarms(make: Callable[[], Any], values: Sequence[float]) -> list[int]:
    detector, steps = make(), []
    for i, value in enumerate(values):
        if not isnan(value):
            detector.update(value)
            if detector.drift_detected:
                steps.append(i)
                detector = make()
    return steps

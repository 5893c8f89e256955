"""The guard of `make bench-quick`: who has native code and reads events by Python is too slow."""

from bench.report import FLOORS, too_low
from bench.results import Taken

PYTHON, NATIVE = 3.7, 1.4
"""CPU seconds of a worker for 600,000 events, as measured: by Python code and by native code."""


def results(worker_cpu_s: float) -> dict[str, list[Taken]]:
    spent = {"cx-balance": worker_cpu_s, "raw aiokafka, our decoder": 3.1, "faust, take": 43.4}
    return {name: [Taken(5.0, cpu_s, 100.0, 1.0, 1.0, {})] for name, cpu_s in spent.items()}


def test_what_is_as_fast_as_measured_passes_the_guard() -> None:
    assert too_low(results(NATIVE), 600_000, "native") == []
    assert too_low(results(PYTHON), 600_000, "python") == []


def test_native_code_that_does_nothing_is_noticed() -> None:
    assert len(too_low(results(PYTHON), 600_000, "native")) == len(FLOORS["native"])


def test_a_contestant_that_did_not_run_is_too_low() -> None:
    missing = {name: runs for name, runs in results(NATIVE).items() if name != "faust, take"}
    [line] = too_low(missing, 600_000, "native")
    assert "faust, take" in line

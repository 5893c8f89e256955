import subprocess
import sys
from pathlib import Path

from bench.memory import forget_peak, peak_mb

PROJECT = Path(__file__).parents[2]
CHILD = "from bench.memory import peak_mb; print(peak_mb())"


def test_the_peak_of_a_child_is_its_own_and_not_that_of_its_parent() -> None:
    forget_peak()
    held = bytearray(b"x") * (200 << 20)
    assert peak_mb() > 200
    run = subprocess.run([sys.executable, "-c", CHILD], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert float(run.stdout) < 100
    assert len(held) == 200 << 20


def test_a_peak_that_is_forgotten_begins_with_what_is_held() -> None:
    assert len(bytearray(b"x") * (200 << 20)) == 200 << 20
    assert peak_mb() > 200
    forget_peak()
    before = peak_mb()
    more = bytearray(b"x") * (50 << 20)
    assert 45 < peak_mb() - before < 100
    assert len(more) == 50 << 20

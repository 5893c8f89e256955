"""`python -m bench.stage`: CPU microseconds of an event in the stages that are Python: decode, validate, attribute.

Without broker and store, so that one Python can be compared with another: run it with each, in turn.
"""

import gc
import platform
import time
from collections.abc import Sequence

from bench.events import events, registry_text
from bench.job import KEY, LIMITS
from metrics.events import facts
from metrics.events.decoding import decode_run
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.runtime import memory

EVENTS = 100_000
AT_ONCE = 5_000
ROUNDS = 3


def spent_s(records: Sequence[tuple[bytes, int]]) -> float:
    """CPU seconds that the records take."""
    registry = parse(registry_text())
    attribution = Attribution(registry)
    began = time.process_time()
    for first in range(0, len(records), AT_ONCE):
        values, stamps_ms = zip(*records[first : first + AT_ONCE], strict=True)
        run = decode_run(values, stamps_ms, LIMITS)
        facts.columns(run.events, run.occurred_ms, attribution, registry.version, KEY)
    return time.process_time() - began


def main() -> None:
    """Prints the values of some rounds, after one that does not count."""
    records = list(events(EVENTS))
    memory.settled()
    spent_s(records)
    gc.collect()
    values = ", ".join(f"{spent_s(records) / EVENTS * 1e6:.2f}" for _ in range(ROUNDS))
    print(f"Python {platform.python_version()}: {values} microseconds of CPU an event")


if __name__ == "__main__":
    main()

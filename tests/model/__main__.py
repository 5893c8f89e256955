"""`make model`: explores every model, and says how much that was."""

import gc
import sys

from tests.model.explorer import STUCK, explore
from tests.model.models import breached, models


def main() -> int:
    """Explores all. Returns how many invariants are broken."""
    gc.disable()  # states are tuples of tuples: nothing to collect, much to look through
    broken, states, seconds = 0, 0, 0.0
    for model in models():
        found = explore(model)
        states, seconds = states + found.states, seconds + found.seconds
        print(
            f"{model.name}: {found.states:,} states, {found.transitions:,} steps, depth {found.depth}, "
            f"{found.seconds:.1f} s\n    bounds: {model.bounds}\n    holds: {', '.join([*model.invariants, STUCK])}",
            flush=True,
        )
        if found.breach is not None:
            broken += 1
            story = "\n".join(f"  {n}. {line}" for n, line in enumerate(found.breach.story, 1))
            print(f"BROKEN: {found.breach.invariant}\n{story}\n  {found.breach.state}")
    print(f"{states:,} states in {seconds:.0f} s; {broken} broken; {len(breached())} planted breaches: see the tests")
    return broken


if __name__ == "__main__":
    sys.exit(min(1, main()))

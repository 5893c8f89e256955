"""A breadth-first search through every state of a model: each invariant holds in all of them, or the shortest way out.

A model is a start, the steps that are possible in a state, and invariants. States are hashable values. Steps have a
sentence, so that a counterexample reads as a story.
"""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)


class Model(Protocol[S]):
    """What can be explored."""

    name: str
    bounds: str
    initial: S
    invariants: Mapping[str, Callable[[S], bool]]

    def steps(self, state: S) -> Iterator[tuple[str, S]]:
        """What may happen next, and what is then."""

    def canonical(self, state: S) -> S:
        """One and the same state for all that differ only by which of some equal parts is which."""

    def settled(self, state: S) -> bool:
        """Whether everything is done: from every state some way must lead to one like this."""


@dataclass(frozen=True)
class Breach(Generic[S]):
    """How an invariant is broken: the shortest story."""

    invariant: str
    story: tuple[str, ...]
    state: S


@dataclass
class Found(Generic[S]):
    """What an exploration found."""

    states: int
    transitions: int
    depth: int
    seconds: float
    breach: Breach[S] | None
    parents: dict[S, tuple[S, str] | None] = field(repr=False)

    def story(self, state: S) -> tuple[str, ...]:
        """The shortest way to a state."""
        lines: list[str] = []
        while (step := self.parents[state]) is not None:
            state, sentence = step
            lines.append(sentence)
        return tuple(reversed(lines))


STUCK = "EverythingLandsInTheEnd"
"""The invariant that is broken where no way leads to a settled state."""


class TooManyStates(Exception):
    """The bounds of a model are too wide to be explored."""


def explore(model: Model[S], *, most: int = 2_000_000) -> Found[S]:
    """Visits every state that can be reached, until an invariant is broken.

    Args:
        model: What to explore.
        most: How many states at most.

    Raises:
        TooManyStates: There are more.
    """
    began_s = time.process_time()
    start = model.canonical(model.initial)
    found = Found[S](1, 0, 0, 0.0, None, {start: None})
    layer, backwards = [start], dict[S, list[S]]()
    while layer and found.breach is None:
        after: list[S] = []
        for state in layer:
            for sentence, successor in model.steps(state):
                reached = model.canonical(successor)
                found.transitions += 1
                backwards.setdefault(reached, []).append(state)
                if reached not in found.parents:
                    found.parents[reached] = (state, sentence)
                    after.append(reached)
        found.breach = _broken(model, layer if layer == [start] else [], found) or _broken(model, after, found)
        found.depth += bool(after)
        layer = after
        if len(found.parents) > most:
            raise TooManyStates(f"{model.name}: more than {most:,} states")
    if found.breach is None:
        found.breach = _stuck(model, backwards, found)
    found.states, found.seconds = len(found.parents), time.process_time() - began_s
    return found


def _broken(model: Model[S], states: list[S], found: Found[S]) -> Breach[S] | None:
    for state in states:
        for name, holds in model.invariants.items():
            if not holds(state):
                return Breach(name, found.story(state), state)
    return None


def _stuck(model: Model[S], backwards: Mapping[S, list[S]], found: Found[S]) -> Breach[S] | None:
    waiting = [state for state in found.parents if model.settled(state)]
    leads = set(waiting)
    while waiting:
        for state in backwards.get(waiting.pop(), ()):
            if state not in leads:
                leads.add(state)
                waiting.append(state)
    stuck = next((state for state in found.parents if state not in leads), None)
    return None if stuck is None else Breach(STUCK, found.story(stuck), stuck)

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from streams.simulate import events, ndjson
from streams.simulate.lines import MISTAKES

Event = dict[str, object]
Rules = Callable[[object], list[str]]


def some_events(count: int = 4_000) -> list[Event]:
    return list(
        events(seed=1, start=datetime(2026, 9, 1, tzinfo=UTC), end=datetime(2026, 9, 8, tzinfo=UTC), count=count)
    )


def rejected(line: bytes, broken_rules: Rules) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return True
    return broken_rules(event) != []


def test_each_event_is_one_line_that_reads_back_the_same() -> None:
    events = some_events()
    lines = list(ndjson(events))
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    assert [json.loads(line) for line in lines] == events


def test_the_share_of_bad_lines_is_the_one_that_was_asked_for(broken_rules: Rules) -> None:
    lines = list(ndjson(some_events(), bad_share=0.1))
    assert len(lines) == 4_000
    assert sum(rejected(line, broken_rules) for line in lines) == pytest.approx(400, abs=60)


def test_good_lines_stay_as_they_are_among_bad_ones() -> None:
    clean, mixed = list(ndjson(some_events())), list(ndjson(some_events(), bad_share=0.1))
    assert sum(line == other for line, other in zip(clean, mixed, strict=True)) > 3_400


def test_with_a_share_of_one_every_line_is_refused(broken_rules: Rules) -> None:
    assert all(rejected(line, broken_rules) for line in ndjson(some_events(), bad_share=1.0))


def test_every_mistake_occurs() -> None:
    lines = b"".join(ndjson(some_events(), bad_share=1.0))
    traces = [b'"score":11', b'"score":"good"', b'"satisfaction"', b"Point of Sale", b'"amount":"19.90"}', b"[{"]
    assert [trace for trace in traces if trace not in lines] == []
    assert len(MISTAKES) == 10


def test_the_seed_chooses_the_mistakes() -> None:
    first, again, other = (list(ndjson(some_events(500), bad_share=0.5, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("bad_share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_zero_to_one_is_refused_at_the_call(bad_share: float) -> None:
    with pytest.raises(ValueError, match="bad_share is"):
        ndjson([], bad_share=bad_share)

"""Data quality in the service: the companions of drift, computed from the last five weeks of cells, once a minute."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from metrics.catalogue import KINDS, SCORE_RANGES
from metrics.drift.data_quality import (
    COMPANIONS,
    Companion,
    collapsed,
    is_silent,
    mix_shifted,
    responses_collapsed,
    share_rose,
)
from metrics.drift.myopia import LONG_AGO, myopic
from metrics.drift.rhythm import expected_between, rhythm_of
from metrics.drift.subjects import Observation
from metrics.durations import DAY_S, HOUR_S, WEEK_S
from metrics.figures.response_rates import Invited, response_rate
from metrics.registry import COMPANY, UNOWNED
from metrics.registry.names import Names, is_other
from metrics.report.alert_facts import QualityFacts, Unanswered
from metrics.zones import Zone
from streams.drift import observations
from streams.drift.observations import OwnedTally
from streams.figures import snapshot
from streams.figures.moments import MomentOf
from streams.figures.names import numbering, shown_of_cells
from streams.figures.response_rates import InvitationSpan, invited
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query

WEEK: Final = timedelta(days=7)
REFERENCE_PERIOD: Final = timedelta(days=28)
RESPONSE_WINDOW_S: Final = 3 * DAY_S
"""How long an invitation is waited for here: shorter than for a response rate, so that a collapse is seen sooner."""


class HourOfEvents(Row):
    """The events of a touchpoint (by its number) in the hour that ends at an epoch second."""

    place: int
    end_s: int
    events: int


_HOURS: Final = query(__package__, "events_by_hour", HourOfEvents)

States = Mapping[tuple[Companion, str], bool]
"""Whether a companion is firing, by companion and department; those of the whole company under `company`."""


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Which companions are firing at an instant, and what that rests on."""

    states: States
    facts: QualityFacts


def data_quality(store: Store, compiled: CompiledRegistry, at: datetime) -> States:
    """Whether each companion is firing at an instant."""
    return quality_and_facts(store, compiled, at).states


def quality_and_facts(
    store: Store, compiled: CompiledRegistry, at: datetime, moment: MomentOf = snapshot.moment
) -> DataQuality:
    """Whether each companion is firing at an instant, and what that rests on; `moment` gives the figures it needs."""
    end_s, week_s, begin_s = (int(moment.timestamp()) for moment in (at, at - WEEK, at - WEEK - REFERENCE_PERIOD))
    names = shown_of_cells(store, compiled.names, begin_s, end_s)
    before = observations.owned_tallies(store, compiled.attribution, names, KINDS, begin_s, week_s)
    after = observations.owned_tallies(store, compiled.attribution, names, KINDS, week_s, end_s)
    departments = [department.id for department in compiled.registry.departments]
    owned_before, owned_after = _by_owner(before), _by_owner(after)
    answers_before, answers_after = (_by_owner(tallies, answers=True) for tallies in (before, after))
    ago, now = (moment(store, compiled, instant, "as_was") for instant in (at - LONG_AGO, at))
    facts = QualityFacts(
        at_s=end_s,
        answers={name: (answers_before[name], answers_after[name]) for name in departments},
        events={name: (owned_before[name], owned_after[name]) for name in sorted({*owned_before, *owned_after})},
        unowned_from=_unowned_from(after),
        silent=_silent_by_owner(_silent(store, names, begin_s, end_s, compiled.registry.zone), before),
        myopic=myopic(ago, now, departments, compiled.registry.targets_at(end_s), compiled.registry.horizons),
        unanswered=_unanswered(store, compiled, end_s),
    )
    counts = (sum(owned_before.values()), owned_before[UNOWNED], sum(owned_after.values()), owned_after[UNOWNED])
    company: dict[Companion, bool] = {
        "unowned_share": share_rose(*counts),
        "owner_mix": mix_shifted(owned_before, owned_after),
    }
    own: dict[Companion, set[str]] = {
        "sample": {name for name, of in facts.answers.items() if collapsed(*of)},
        "silent_touchpoint": set(facts.silent),
        "responses": set(facts.unanswered),
        "myopia": set(facts.myopic),
    }
    states = {
        (companion, name): company[companion] if companion in company else name in own[companion]
        for companion in COMPANIONS
        for name in ([COMPANY] if companion in company else departments)
    }
    return DataQuality(states, facts)


def _unanswered(store: Store, compiled: CompiledRegistry, end_s: int) -> dict[str, list[Unanswered]]:
    """Touchpoints whose invitations of a week are answered far less than those of the four weeks before, by owner.

    Invitations of the last three days are left out, and an answer counts within three days: a collapse is seen then.
    """
    span = InvitationSpan(end_s - RESPONSE_WINDOW_S - 5 * WEEK_S, end_s, RESPONSE_WINDOW_S, WEEK_S)
    sums: defaultdict[tuple[str, str], list[Invited]] = defaultdict(lambda: [Invited(), Invited()])
    for group, sent in invited(store, compiled, span, "as_was").items():
        if group.touchpoint:
            both = sums[group.department, group.touchpoint]
            both[group.week == 0] = both[group.week == 0].plus(sent)
    found: defaultdict[str, list[Unanswered]] = defaultdict(list)
    for (department, touchpoint), both in sorted(sums.items()):
        before, after = map(response_rate, both)
        if before.value is not None and after.value is not None and responses_collapsed(before, after):
            found[department].append(Unanswered(touchpoint, before.value, after.value, after.n))
    return dict(found)


def _silent_by_owner(silent: Mapping[str, int], before: Iterable[OwnedTally]) -> dict[str, list[tuple[str, int]]]:
    """Silent touchpoints with the end of their last hour, by whoever owned their events."""
    owned: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for item in before:
        touchpoint = item.combination.touchpoint
        if touchpoint in silent:
            owned[item.owner].add((touchpoint, silent[touchpoint]))
    return {owner: sorted(touchpoints, key=lambda item: (item[1], item[0])) for owner, touchpoints in owned.items()}


def _unowned_from(tallies: Iterable[OwnedTally]) -> list[str]:
    """Touchpoints of events without an owner, those with the most events first."""
    events: Counter[str] = Counter()
    for item in tallies:
        if item.owner == UNOWNED:
            events[item.combination.touchpoint] += item.tally.n
    return sorted(events, key=lambda name: (-events[name], name))


def _by_owner(tallies: Iterable[OwnedTally], *, answers: bool = False) -> Counter[str]:
    events: Counter[str] = Counter()
    for item in tallies:
        if not answers or item.combination.kind in SCORE_RANGES:
            events[item.owner] += item.tally.n
    return events


def _silent(store: Store, names: Names, begin_s: int, end_s: int, zone: Zone) -> dict[str, int]:
    """Touchpoints that have sent nothing for longer than their own rhythm makes likely, and the end of their last hour.

    Both instants and the result are epoch seconds.
    """
    steps: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in store.fetch(_HOURS, {"since": begin_s, "until": end_s}, place=numbering(names).place):
        steps[names.places[row.place]].append(Observation(row.end_s, 0, float(row.events)))
    silent: dict[str, int] = {}
    for touchpoint, hours in steps.items():
        if is_other(touchpoint):
            continue  # what counts together has no rhythm of its own
        last_s = hours[-1].end_s
        # The rhythm of four weeks up to its last hour: the silence itself is no part of it.
        first_s = max(begin_s, last_s - int(REFERENCE_PERIOD.total_seconds())) // HOUR_S * HOUR_S
        rhythm = rhythm_of(hours, first_s, last_s, zone)
        if last_s - begin_s >= WEEK.total_seconds() and is_silent(expected_between(rhythm, last_s, end_s, zone)):
            silent[touchpoint] = last_s
    return silent

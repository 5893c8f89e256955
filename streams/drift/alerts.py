"""The texts of alerts, as series give them to Prometheus: of what drifts, and of companions that are firing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from metrics.drift.data_quality import Companion
from metrics.report.alert_facts import AlertText, ChangeOfOwner, DriftFacts, QualityFacts
from metrics.report.alert_texts import AlertWriter
from streams.drift import repository
from streams.drift.data_quality import DataQuality, States
from streams.drift.explanation import Drift, drifting
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

AlertKey = tuple[Literal["drift"] | Companion, str, str]
"""What an alert is about: drift or a companion, a department, a metric ("" of a companion)."""
AlertTexts = Mapping[AlertKey, AlertText]

REWRITTEN_EVERY_S: Final = 3_600.0
"""A text is a label: each new one is a new series, so figures in it are renewed once an hour."""


def alert_texts(store: Store, compiled: CompiledRegistry, at: datetime, quality: DataQuality) -> AlertTexts:
    """The text of everything that drifts, and of every companion that is firing, at an instant."""
    writer, at_s = AlertWriter(compiled.registry), int(at.timestamp())
    drifts: AlertTexts = {
        ("drift", drift.department, drift.metric): writer.drift(facts)
        for drift in drifting(store, compiled, repository.baselines(store), at)
        if (facts := _facts(drift, at_s)) is not None
    }
    return {**drifts, **_companions(writer, quality.states, quality.facts)}


def _facts(drift: Drift, at_s: int) -> DriftFacts | None:
    if drift.direction == "none" or drift.since is None:
        return None
    return DriftFacts(
        department=drift.department,
        metric=drift.metric,
        direction=drift.direction,
        since_s=int(drift.since.timestamp()),
        at_s=at_s,
        before=drift.before,
        after=drift.after,
        n=drift.n_after,
        parts=drift.contributions["touchpoint"],
        is_explained=drift.explained_by == "ownership",
        changes=[
            ChangeOfOwner(int(change.at.timestamp()), change.touchpoint, change.old, change.new)
            for change in drift.owner_changes
        ],
    )


def _companions(writer: AlertWriter, states: States, facts: QualityFacts) -> AlertTexts:
    of: Mapping[Companion, Callable[[str], AlertText]] = {
        "silent_touchpoint": lambda name: writer.silent(name, facts.silent[name], facts.at_s),
        "unowned_share": lambda _: writer.unowned(facts),
        "owner_mix": lambda _: writer.owner_mix(facts),
        "sample": lambda name: writer.sample(name, *facts.answers[name]),
        "responses": lambda name: writer.responses(name, facts.unanswered[name]),
        "myopia": lambda name: writer.myopia(name, facts.myopic[name]),
    }
    return {(companion, name, ""): of[companion](name) for (companion, name), fires in states.items() if fires}


class AlertTextCache:
    """The last texts: written again when what they are about changes, and once an hour."""

    def __init__(self) -> None:
        self._about: object = None
        self._again_s = float("-inf")
        self._texts: AlertTexts = {}

    def texts(self, about: object, now_s: float, write: Callable[[], AlertTexts]) -> AlertTexts:
        """The texts.

        Args:
            about: What drifts and fires; compared with the last time's.
            now_s: A clock that only counts on, seconds.
            write: Writes them.
        """
        if about != self._about or now_s >= self._again_s:
            self._texts, self._about, self._again_s = write(), about, now_s + REWRITTEN_EVERY_S
        return self._texts

"""The measures of governance: the closed set of names under which their figures are shown."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

Measure = Literal[
    "clear_lines",
    "coordination",
    "accountable",
    "effective_owners_above_policy",
    "orphan",
    "no_sponsor",
    "no_responsibility",
    "new_silo",
    "opposed_programs",
    "redundant_programs",
    "completeness",
    "orphan_events",
    "churn",
    "effective_owners",
    "entropy",
    "perception_distance",
    "perception_agreement",
    "dont_know",
    "kappa",
    "answers",
    "bad_share",
    "open_cases",
    "oldest_case_s",
    "time_to_close_s",
    "resolved",
    "confirmed_by_customer",
    "hand_off_share",
    "departments_per_journey",
    "hand_offs_per_journey",
    "ei_index",
    "hand_off_satisfaction_gap",
    "hand_off_like_gap",
    "credit_last",
    "credit_first",
    "credit_linear",
    "credit_position",
    "credit_markov",
    "credit_shapley",
    "credit_time_decay",
    "hidden_spend",
    "cost_per_promoter",
    "long_term_weight_declared",
    "long_term_weight_lived",
    "long_term_weight_gap",
    "success_learnt",
    "expectation_gap",
    "change_moved",
    "change_effect",
    "change_trend_before",
    "change_synthetic",
    "change_placebo_p",
    "change_week",
    "change_leads_p",
    "transitions",
]
MEASURES: Final[tuple[str, ...]] = get_args(Measure)

WITHOUT_INTERVAL: Final = ("long_term_weight_lived", "long_term_weight_gap")
"""Measures that rest on observations, though no interval is known for them."""

MeasureUnit = Literal["yes", "share", "count", "s", "difference", "slope", "metric", "number"]
"""What a value of a measure is: that something is so; a share, 0..1; a whole number; seconds; a difference of shares or
of satisfaction, -1..1; such a difference a day; a figure in the unit of its metric; and any other number."""
_BY_UNIT: Final[Mapping[MeasureUnit, tuple[Measure, ...]]] = {
    "yes": ("no_sponsor", "no_responsibility"),
    "share": (
        "clear_lines",
        "coordination",
        "new_silo",
        "completeness",
        "orphan_events",
        "perception_agreement",
        "dont_know",
        "bad_share",
        "resolved",
        "confirmed_by_customer",
        "hand_off_share",
        "credit_last",
        "credit_first",
        "credit_linear",
        "credit_position",
        "credit_markov",
        "credit_shapley",
        "credit_time_decay",
        "hidden_spend",
        "long_term_weight_declared",
        "long_term_weight_lived",
        "transitions",
    ),
    "count": ("accountable", "orphan", "opposed_programs", "redundant_programs", "answers", "open_cases"),
    "s": ("oldest_case_s", "time_to_close_s"),
    "difference": (
        "hand_off_satisfaction_gap",
        "hand_off_like_gap",
        "long_term_weight_gap",
        "change_moved",
        "change_effect",
        "change_synthetic",
        "change_week",
    ),
    "slope": ("change_trend_before",),
    "metric": ("success_learnt", "expectation_gap"),
}
_UNIT: Final[dict[str, MeasureUnit]] = {measure: unit for unit, some in _BY_UNIT.items() for measure in some}
UNITS: Final[Mapping[str, MeasureUnit]] = MappingProxyType(
    {measure: _UNIT.get(measure, "number") for measure in MEASURES}
)
"""The unit of each measure: whatever shows a figure writes it by this, the page and the command line alike."""

EffectReason = Literal[
    "", "too_few_weeks", "too_few_donors", "no_fit", "leads_differ", "too_few_placebos", "like_placebos"
]
"""Why an effect cannot be told: too short before or after; too few touchpoints to compare with; none of them moved like
it before; the weeks before differ already; too few placebos for any effect to stand out; it does not stand out."""

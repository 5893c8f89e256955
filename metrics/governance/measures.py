"""The measures of governance: the closed set of names under which their figures are shown."""

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
    "transitions",
]
MEASURES: Final[tuple[str, ...]] = get_args(Measure)

WITHOUT_INTERVAL: Final = ("long_term_weight_lived", "long_term_weight_gap")
"""Measures that rest on observations, though no interval is known for them."""

EffectReason = Literal["", "too_few_weeks", "too_few_donors", "no_fit", "too_few_placebos", "like_placebos"]
"""Why an effect cannot be told: too short before or after; too few touchpoints to compare with; none of them moved like
it before; too few placebos for any effect to stand out; it does not stand out."""

"""What the operator decides about drift detection."""

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.settings.base import SettingsSection


def _shift(metric: str, unit: str) -> float:
    default: float = Field(
        DEFAULT_SHIFTS[metric], gt=0, description=f"smallest shift of {metric} worth acting on, {unit}"
    )
    return default


def _tolerance(metric: str, unit: str) -> float:
    default: float = Field(0.0, ge=0, description=f"how far {metric} may wander without being a drift, {unit}")
    return default


class DriftSettings(SettingsSection):
    """How often detection may be wrong, and which shifts are worth an alert."""

    model_config = SettingsConfigDict(env_prefix="CXB_DRIFT_")

    budget: float = Field(1.0, gt=0, le=1000, description="false alarms a month, for the whole company")
    interval_s: float = Field(10.0, ge=1, le=3600, description="pause between two looks for drift")
    shift_nps: float = _shift("nps", "points")
    shift_csat: float = _shift("csat", "percentage points")
    shift_ces: float = _shift("ces", "points of 1..7")
    shift_repeat_rate: float = _shift("repeat_rate", "percentage points")
    shift_retention: float = _shift("retention", "percentage points")
    shift_conversion_rate: float = _shift("conversion_rate", "percent of the usual")
    shift_referrals: float = _shift("referrals", "percent of the usual")
    shift_awareness: float = _shift("awareness", "percent of the usual")
    shift_traffic: float = _shift("traffic", "percent of the usual")
    shift_conversions: float = _shift("conversions", "percent of the usual")

    tolerance_nps: float = _tolerance("nps", "points")
    tolerance_csat: float = _tolerance("csat", "percentage points")
    tolerance_ces: float = _tolerance("ces", "points of 1..7")
    tolerance_repeat_rate: float = _tolerance("repeat_rate", "percentage points")
    tolerance_retention: float = _tolerance("retention", "percentage points")
    tolerance_conversion_rate: float = _tolerance("conversion_rate", "percent of the usual")
    tolerance_referrals: float = _tolerance("referrals", "percent of the usual")
    tolerance_awareness: float = _tolerance("awareness", "percent of the usual")
    tolerance_traffic: float = _tolerance("traffic", "percent of the usual")
    tolerance_conversions: float = _tolerance("conversions", "percent of the usual")

    @model_validator(mode="after")
    def _tolerances_below_shifts(self) -> "DriftSettings":
        policy = self.policy()
        wide = [name for name, tolerance in policy.tolerances.items() if tolerance >= policy.shifts[name]]
        if wide:
            named = "; ".join(
                f"tolerance_{name} ({policy.tolerances[name]:g}) must be below shift_{name} ({policy.shifts[name]:g})"
                for name in wide
            )
            raise ValueError(f"{named}: what may wander is no shift worth acting on")
        return self

    def policy(self) -> DetectionPolicy:
        """The same, for the detectors."""
        shifts, tolerances = (
            {metric: getattr(self, f"{what}_{metric}") for metric in DEFAULT_SHIFTS} for what in ("shift", "tolerance")
        )
        return DetectionPolicy(self.budget, shifts, tolerances)

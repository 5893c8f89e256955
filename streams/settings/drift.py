"""What the operator decides about drift detection."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.settings.base import SettingsSection


def _shift(metric: str, unit: str) -> float:
    default: float = Field(
        DEFAULT_SHIFTS[metric], gt=0, description=f"smallest shift of {metric} worth acting on, {unit}"
    )
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

    def policy(self) -> DetectionPolicy:
        """The same, for the detectors."""
        return DetectionPolicy(self.budget, {metric: getattr(self, f"shift_{metric}") for metric in DEFAULT_SHIFTS})

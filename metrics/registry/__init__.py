"""The registry: departments, touchpoints, who owns what when, and targets, from a TOML file.

The one public door to this package: other packages import from here what they need of the model and its parser.
docs/registry.md is the reference for the person who writes the file.
"""

from metrics.registry.model import (
    COMPANY,
    UNOWNED,
    Code,
    Department,
    Horizons,
    Ownership,
    Problem,
    Programme,
    Registry,
    RegistryError,
    Segment,
    Severity,
    SpendCategories,
    Target,
    Touchpoint,
    TouchpointPolicy,
)
from metrics.registry.parsing import lines_of, parse

__all__ = [
    "COMPANY",
    "UNOWNED",
    "Code",
    "Department",
    "Horizons",
    "Ownership",
    "Problem",
    "Programme",
    "Registry",
    "RegistryError",
    "Segment",
    "Severity",
    "SpendCategories",
    "Target",
    "Touchpoint",
    "TouchpointPolicy",
    "lines_of",
    "parse",
]

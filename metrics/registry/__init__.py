"""The registry: departments, touchpoints, who owns what when, and targets, from a TOML file.

The one public door to this package: other packages import from here what they need of the model and its parser. Rooms
of their own, with what else can be done with a registry, are `attribution`, `claims`, `told_apart`, `alert_channels`,
`alert_routing`, `names` and `exchange`. `Table` reads that of sources too. docs/registry.md is the reference for the
person who writes the file.
"""

from metrics.registry.line_numbers import Lines
from metrics.registry.model import (
    COMPANY,
    OFFICES,
    STAGES,
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
from metrics.registry.table import Table, load_toml, shown, suggestion
from metrics.registry.values import texts, touchpoint_remedy

__all__ = [
    "COMPANY",
    "OFFICES",
    "STAGES",
    "UNOWNED",
    "Code",
    "Department",
    "Horizons",
    "Lines",
    "Ownership",
    "Problem",
    "Programme",
    "Registry",
    "RegistryError",
    "Segment",
    "Severity",
    "SpendCategories",
    "Table",
    "Target",
    "Touchpoint",
    "TouchpointPolicy",
    "lines_of",
    "load_toml",
    "parse",
    "shown",
    "suggestion",
    "texts",
    "touchpoint_remedy",
]

"""The native part, built from `streams/native`, which may be missing: what it does, Python code does as well."""

import importlib
import logging
from functools import cache
from typing import Any, Final

logger = logging.getLogger(__name__)

MODULE: Final = "cxb_native"
INTERFACE: Final = 3
"""As `streams/native/src/lib.rs` has it: a part that was built from other sources is not used."""


@cache
def module() -> Any | None:
    """The native part; None where it is not installed."""
    try:
        part = importlib.import_module(MODULE)
    except ModuleNotFoundError:
        return None
    except ImportError as error:
        logger.warning("%s is installed and cannot be loaded, events are read by Python code: %s", MODULE, error)
        return None
    if getattr(part, "INTERFACE", None) != INTERFACE:
        logger.warning("%s is of another version, events are read by Python code: run make install", MODULE)
        return None
    return part


def reader_of_events(*, is_wanted: bool) -> str:
    """What reads events in this process: `native`, or `python`.

    Args:
        is_wanted: Whether the settings allow native code.
    """
    return "native" if is_wanted and module() is not None else "python"

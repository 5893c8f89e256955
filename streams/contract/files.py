"""Reads the files of the contract, which `make schemas` writes: they are part of the installed package."""

from importlib import resources
from typing import Final

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import ANY_EVENT

ASYNCAPI: Final = "asyncapi"
DOCUMENTS: Final = (ANY_EVENT, *ALL_KINDS, ASYNCAPI)
"""The names of the JSON documents, in order."""
SOURCES: Final = {"typescript": "cx-event.d.ts", "java": "CxEvent.java"}
"""Files in other languages, by name of the language."""
FILES: Final = {name: f"{name}.json" for name in DOCUMENTS} | SOURCES
"""Every file of the contract, by the name by which it is asked for."""


def contract_text(name: str) -> str:
    """A file of the contract.

    Args:
        name: One of FILES.
    """
    return resources.files("streams.contract").joinpath("files", FILES[name]).read_text("utf-8")

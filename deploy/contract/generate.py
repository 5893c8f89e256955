"""Writes the files of the contract into streams/contract/files: `make schemas`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.contract.asyncapi import asyncapi_document
from deploy.contract.typescript import typescript_types
from metrics.contract.java import java_source
from metrics.contract.json_schema import documents
from streams.contract.files import ASYNCAPI, FILES

PROJECT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = PROJECT / "streams" / "contract" / "files"


def contract_files() -> Mapping[str, str]:
    """The text of each file by its name, but for what needs tools of Node: the TypeScript types."""
    made = {FILES[name]: as_text(document) for name, document in documents().items()}
    return made | {FILES[ASYNCAPI]: as_text(asyncapi_document()), FILES["java"]: java_source()}


def as_text(document: object) -> str:
    """A document as text that is the same each time: a line for each value, in the order in which it was made."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes every file, and says which have changed."""
    for name, text in {**contract_files(), FILES["typescript"]: typescript_types()}.items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"written: {path.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()

"""The ports that the operator wants for the page and the gateway of `cxb up`."""

import os
import tomllib
from pathlib import Path

from streams.settings.file_name import DEFAULT_FILE


def wanted_port(section: str = "http") -> int | None:
    """What CXB_HTTP_PORT or the file says, or likewise for another section of the settings.

    None where neither does, or what it says is none, which the check reports. Looked at before the settings are loaded,
    which takes half a second that the parts start in.
    """
    text: object = os.environ.get(f"CXB_{section.upper()}_PORT")
    if not text:
        try:
            file = tomllib.loads(Path(os.environ.get("CXB_CONFIG") or DEFAULT_FILE).read_text(encoding="utf-8"))
            text = file.get(section, {}).get("port")
        except (OSError, ValueError, AttributeError):
            return None
    number = str(text)
    return int(number) if number.isdecimal() and int(number) <= 65535 else None

"""The file of the settings, where CXB_CONFIG names none; known without loading the settings."""

from typing import Final

DEFAULT_FILE: Final = "cxb.toml"

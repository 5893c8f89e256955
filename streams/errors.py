"""What can go wrong outside, as types that carry what to do.

CxbError
  (itself)            exit 1: something was not done that was asked for
  ConfigurationError  exit 3: a setting, file, name or password is wrong
  Unreachable         exit 4: Kafka, ClickHouse or a running instance does not answer
"""

from typing import ClassVar


class CxbError(Exception):
    """An expected failure, in one sentence that ends with what to do; never shown with a traceback."""

    exit_code: ClassVar[int] = 1


class ConfigurationError(CxbError):
    """A setting, file, name or password is wrong; trying again changes nothing."""

    exit_code: ClassVar[int] = 3


class Unreachable(CxbError):
    """A service does not answer; trying again may help."""

    exit_code: ClassVar[int] = 4

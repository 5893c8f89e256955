"""A file that is read at the start and followed while we run: a broken one never replaces a good one."""

import asyncio
from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

from streams.errors import ConfigurationError

POLL_S: Final = 1.0
T = TypeVar("T")


class FollowedFile(ABC, Generic[T]):
    """A file that is followed: `current` is what its last good text says, `error` why a newer one is not in force."""

    def __init__(self) -> None:
        """Reads it.

        Raises:
            ConfigurationError: It cannot be read or is wrong.
        """
        text = self._read()
        self._text: str | None = text
        self.current = self._compiled(text)
        self.error: str | None = None

    def check(self) -> bool:
        """Reads the file again; True if another text is in force now."""
        # A file that could not be read is parsed again when it can, also if its text is the same as before.
        last, self._text = self._text, None
        try:
            text = self._text = self._read()
            if text == last:
                return False
            self.current = self._compiled(text)
        except ConfigurationError as error:
            if str(error) != self.error:
                self._say_refused(error)
            self.error = str(error)
            return False
        self.error = None
        self._say_changed()
        return True

    async def follow(self) -> None:
        """Looks at the file every second, until cancelled. By content: editors and mounts play tricks with times."""
        while True:
            await asyncio.sleep(POLL_S)
            await asyncio.to_thread(self.check)

    @abstractmethod
    def _read(self) -> str:
        """The text; ConfigurationError where it cannot be read."""

    @abstractmethod
    def _compiled(self, text: str) -> T:
        """What a text says; ConfigurationError where it is wrong."""

    @abstractmethod
    def _say_changed(self) -> None:
        """Logs that another text is in force."""

    @abstractmethod
    def _say_refused(self, error: ConfigurationError) -> None:
        """Logs that the text has changed, and why that of before stays in force."""

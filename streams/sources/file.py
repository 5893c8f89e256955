"""The file of sources: read at the start, followed while we run; a broken one never replaces a good one."""

import asyncio
import logging
from pathlib import Path
from typing import Final

from metrics.sources.model import SourcesError
from metrics.sources.parsing import parse_sources
from metrics.sources.routing import NO_SOURCES, CompiledSources
from streams.errors import ConfigurationError
from streams.sources.ready import ready_sources

logger = logging.getLogger(__name__)

POLL_S: Final = 1.0
_NAMED_PROBLEMS: Final = 5


def text_of(path: Path) -> str:
    """The text of a file of sources.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read the sources {path}: {error}; set CXB_SOURCES to a file that this user may read, in UTF-8"
        ) from error


def compiled_sources(text: str, named: str) -> CompiledSources:
    """The sources of a text, compiled.

    Args:
        text: As a file has it.
        named: What it is called in an error.

    Raises:
        ConfigurationError: Something is wrong; the first problems are listed.
    """
    try:
        return CompiledSources(parse_sources(text, ready_sources()), text)
    except SourcesError as error:
        shown = "\n  ".join(str(problem) for problem in error.problems[:_NAMED_PROBLEMS])
        more = len(error.problems) - _NAMED_PROBLEMS
        rest = f"\n  and {more} more: run cxb sources check {named}" if more > 0 else ""
        raise ConfigurationError(f"the sources {named} are wrong:\n  {shown}{rest}") from error


class SourcesWatcher:
    """A file of sources that is followed: `current` is always the last good one. Without a file there are none."""

    def __init__(self, path: Path | None) -> None:
        """Reads it.

        Raises:
            ConfigurationError: It cannot be read or is wrong.
        """
        self.path = path
        self._text: str | None = None if path is None else text_of(path)
        self.current = NO_SOURCES if self._text is None else compiled_sources(self._text, str(path))
        self._topics = set(self.current.topics())
        self.error: str | None = None

    def check(self) -> bool:
        """Reads the file again; True if other sources are in force now."""
        if self.path is None:
            return False
        # A file that could not be read is parsed again when it can, also if its text is the same as before.
        last, self._text = self._text, None
        try:
            text = self._text = text_of(self.path)
            if text == last:
                return False
            self.current = compiled_sources(text, str(self.path))
        except ConfigurationError as error:
            if str(error) != self.error:
                logger.error("the sources changed and are not valid, those before stay in force: %s", error)
            self.error = str(error)
            return False
        self.error = None
        logger.info("the sources changed: %d are in force", len(self.current.sources))
        self._warn_of_topics()
        return True

    def _warn_of_topics(self) -> None:
        new = set(self.current.topics()) - self._topics
        if new:
            logger.warning(
                "a worker subscribes to topics when it starts: restart it to read those of %s", ", ".join(sorted(new))
            )

    async def follow(self) -> None:
        """Looks at the file every second, until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            await asyncio.to_thread(self.check)

"""The file of sources: read at the start, followed while we run; a broken one never replaces a good one."""

import logging
from pathlib import Path

from metrics.sources.model import SourcesError
from metrics.sources.parsing import parse_sources
from metrics.sources.routing import NO_SOURCES, CompiledSources
from streams.errors import ConfigurationError
from streams.followed import FollowedFile
from streams.sources.ready import ready_sources
from streams.wording import listed

logger = logging.getLogger(__name__)


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
        wrong = listed(error.problems, f"cxb sources check {named}")
        raise ConfigurationError(f"the sources {named} are wrong:{wrong}") from error


class SourcesWatcher(FollowedFile[CompiledSources]):
    """A file of sources that is followed: `current` is always the last good one. Without a file there are none."""

    def __init__(self, path: Path | None, *, has_schemas: bool = True) -> None:
        """Reads it.

        Args:
            path: The file.
            has_schemas: Whether there is a schema registry: a file whose records need one is wrong without it.

        Raises:
            ConfigurationError: It cannot be read, is wrong, or needs a schema registry.
        """
        self.path, self._has_schemas = path, has_schemas
        super().__init__()
        self._topics = set(self.current.topics())

    def _read(self) -> str:
        return "" if self.path is None else text_of(self.path)

    def _compiled(self, text: str) -> CompiledSources:
        if self.path is None:
            return NO_SOURCES
        compiled = compiled_sources(text, str(self.path))
        names = compiled.in_need_of_schemas()
        if names and not self._has_schemas:
            raise ConfigurationError(
                f"records of the source {names[0]} cannot be read without their schemas: set CXB_SCHEMA_REGISTRY_URL"
            )
        return compiled

    def _say_changed(self) -> None:
        logger.info("the sources changed: %d are in force", len(self.current.sources))
        new = set(self.current.topics()) - self._topics
        if new:
            logger.warning(
                "a worker subscribes to topics when it starts: restart it to read those of %s", ", ".join(sorted(new))
            )

    def _say_refused(self, error: ConfigurationError) -> None:
        logger.error("the sources changed and are not valid, those before stay in force: %s", error)

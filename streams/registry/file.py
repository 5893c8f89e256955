"""The registry as a file: read at the start, followed while we run; a broken one never replaces a good one."""

import logging
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from metrics.registry import Code, Problem, Registry, RegistryError, parse
from metrics.registry.attribution import Attribution
from metrics.registry.names import Names, names_of
from metrics.registry.told_apart import MANY_TOLD_APART, TooManyToldApartError
from streams.errors import ConfigurationError
from streams.followed import FollowedFile
from streams.wording import listed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompiledRegistry:
    """A registry, and its rules compiled for attribution; `text` is the file that it was read from."""

    registry: Registry
    attribution: Attribution
    text: str = field(default="", repr=False, compare=False)

    @property
    def names(self) -> Names:
        """Everything that the registry names."""
        return names_of(self.registry)

    @property
    def version(self) -> str:
        """The registry's own version, stored with each fact."""
        return self.registry.version


def sample() -> Path:
    """The registry that ships with us."""
    return Path(str(resources.files("deploy").joinpath("registry.toml")))


def load(path: Path) -> CompiledRegistry:
    """The rules in a file.

    Raises:
        ConfigurationError: It cannot be read or is wrong; what is wrong is listed.
    """
    return _compiled(path, _text(path))


class RegistryWatcher(FollowedFile[CompiledRegistry]):
    """A registry file that is followed: `current` is always the last good one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reloads = 0
        super().__init__()

    def _read(self) -> str:
        return _text(self.path)

    def _compiled(self, text: str) -> CompiledRegistry:
        found = _compiled(self.path, text)
        size = found.attribution.told_apart.size
        if size > MANY_TOLD_APART:
            logger.warning(
                "the registry %s tells %d combinations and dates apart: above %d each reading of figures costs more; "
                "cxb check says what to do",
                self.path, size, MANY_TOLD_APART,
            )  # fmt: skip
        return found

    def _say_changed(self) -> None:
        self.reloads += 1
        logger.info("the registry changed: version %s is in force", self.current.version)

    def _say_refused(self, error: ConfigurationError) -> None:
        logger.error(
            "the registry changed and is not valid, version %s stays in force: %s", self.current.version, error
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read the registry {path}: {error}; set CXB_REGISTRY to a file that this user may read, in UTF-8"
        ) from error


def compiled(text: str) -> CompiledRegistry:
    """The rules in a text.

    Raises:
        RegistryError: It is wrong.
    """
    registry = parse(text)
    attribution = Attribution(registry)
    try:
        _ = attribution.told_apart
    except TooManyToldApartError as error:
        remedy = "name segments, regions and kinds only in rules of the touchpoints where they decide"
        problem = Problem("error", Code.MANY_TOLD_APART, "ownership", None, str(error), remedy)
        raise RegistryError((problem,)) from error
    return CompiledRegistry(registry, attribution, text)


def _compiled(path: Path, text: str) -> CompiledRegistry:
    try:
        return compiled(text)
    except RegistryError as error:
        wrong = listed(error.problems, f"cxb check {path}")
        raise ConfigurationError(f"the registry {path} is wrong:{wrong}") from error

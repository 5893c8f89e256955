import socket
from contextlib import suppress

from tests.faults.proxy import Proxy


def test_who_connects_while_a_proxy_ends_is_not_left_waiting() -> None:
    for _ in range(30):
        proxy = Proxy(9)
        with socket.create_connection(("127.0.0.1", proxy.port)) as client, suppress(ConnectionResetError):
            client.settimeout(5)
            proxy.close()
            assert client.recv(1) == b""

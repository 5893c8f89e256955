"""Stands in for the worker: answers /ready, notes its settings and that it drained, in the file STAND_IN_NOTES."""

import http.server
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

MODE = os.environ.get("STAND_IN_MODE", "good")
NOTES = Path(os.environ["STAND_IN_NOTES"])


def note(text: str) -> None:
    with NOTES.open("a") as notes:
        notes.write(f"{text}\n")


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" and MODE != "silent" else 503)
        self.end_headers()


def main() -> None:
    if MODE == "broken":
        sys.exit("no registry at line 7")
    for name in sorted(name for name in os.environ if name.startswith("CXB_") and name != "CXB_LIFELINE_FD"):
        note(f"{name}={os.environ[name]}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["CXB_HTTP_PORT"])), Ready)

    def drain(number: int, frame: FrameType | None) -> None:
        if MODE != "stubborn":
            threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, drain)
    note(f"started {os.getpid()}")
    server.serve_forever()
    note("drained")


main()

"""A mail server on this machine that keeps what it is sent: as much of SMTP as a client needs to log in and send."""

import base64
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from tests.serving import served


@dataclass
class Mailbox:
    """What came: messages, whom they were for, and user names and passwords."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    kept: Mailbox

    def handle(self) -> None:
        """Answers until the client leaves."""
        self._say("220 here")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "QUIT":
                self._say("221 bye")
                return
            self._answer(verb.upper(), rest)

    def _answer(self, verb: str, rest: str) -> None:
        if verb == "EHLO":
            self._say("250-here")
            self._say("250 AUTH PLAIN")
        elif verb == "AUTH":
            _, user, password = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
            self.kept.logins.append((user, password))
            self._say("235 welcome")
        elif verb == "DATA":
            self._say("354 go on")
            content = b"".join(line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n"))
            self.kept.messages.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(content))
            self._say("250 kept")
        else:
            if verb == "RCPT":
                self.kept.recipients.append(rest.partition("<")[2].partition(">")[0])
            self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mail server; gives what it keeps, and its address."""
    kept = Mailbox()
    handler = type("KeepingHandler", (Handler,), {"kept": kept})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    with served(server):
        yield kept, f"127.0.0.1:{server.server_address[1]}"

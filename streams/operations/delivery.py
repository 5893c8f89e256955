"""Sends a report to a receiver of the receivers file: by e-mail, to a chat, or to a webhook.

The standard library does it: of what Apprise can reach, the receivers file names four kinds. Secrets are read from
their files when they are needed, and no error names them: of an address only its host is shown.
"""

import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from metrics.registry.alert_channels import Address, MailServer
from metrics.registry.alert_routing import Receivers
from metrics.report import chat
from metrics.report.localise import LocalisedReport
from metrics.report.render import html, markdown
from streams.errors import ConfigurationError, CxbError, Unreachable

TIMEOUT_S: Final = 30.0
_SUBMISSION: Final = 25
_BUSY: Final = (408, 425, 429)
_SHOWN: Final = 200
"""Characters of what a server answers that an error shows."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A report to send.

    Attributes:
        localised: In words.
        data: As JSON has it, for a webhook.
    """

    localised: LocalisedReport
    data: Mapping[str, Any]


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follows none: what is meant for one host goes to no other."""


def send(outgoing: Outgoing, name: str, receivers: Receivers) -> list[str]:
    """Sends a report to each address of a receiver.

    Returns:
        Where it went, in words.

    Raises:
        ConfigurationError: There is no such receiver, it is a pager, or a file of a secret cannot be read.
        Unreachable: A server does not answer, or is busy.
        CxbError: A server refused it.
    """
    addresses = receivers.addresses.get(name)
    if addresses is None:
        known = ", ".join(sorted(receivers.addresses)) or "none"
        raise ConfigurationError(f"the receivers file has no receiver {name!r}; it has: {known}")
    return [_to(address, outgoing, name, receivers) for address in addresses]


def _to(address: Address, outgoing: Outgoing, name: str, receivers: Receivers) -> str:
    if address.kind in ("pagerduty", "opsgenie"):
        raise ConfigurationError(f"receiver {name!r} is a pager ({address.kind}): a report calls nobody; name another")
    if address.kind == "email":
        return _mail(address.to or "", outgoing.localised, name, receivers.mail)
    file = address.url_file or f"{receivers.directory}/{name}"
    url = address.url or _secret(file, name)
    headers = {}
    if address.credentials_file:
        headers["Authorization"] = f"Bearer {_secret(address.credentials_file, name)}"
    if address.kind == "slack":
        return _post(url, chat.slack(outgoing.localised, address.channel), headers, name)
    if address.kind == "teams":
        return _post(url, chat.teams(outgoing.localised), headers, name)
    return _post(url, outgoing.data, headers, name)


def _secret(path: str, name: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(f"receiver {name!r}: cannot read its file {path}: {reason}") from error
    if not text or not text.isprintable():
        raise ConfigurationError(f"receiver {name!r}: its file {path} must hold one line")
    return text


def _post(url: str, body: Mapping[str, Any], headers: Mapping[str, str], name: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"receiver {name!r}: its address must be http(s)://host/path")
    content = json.dumps(body, ensure_ascii=False).encode()
    request = Request(  # noqa: S310 - http or https, as has just been looked at
        url, content, {"Content-Type": "application/json", "User-Agent": "cx-balance", **headers}, method="POST"
    )
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S):
            return parts.hostname
    except HTTPError as error:
        with error:
            said = error.read(_SHOWN).decode(errors="replace").strip()
        raise _refused(name, parts.hostname, error.code, said) from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise Unreachable(f"receiver {name!r}: {parts.hostname} does not answer: {reason}; try again later") from error


def _refused(name: str, host: str, status: int, said: str) -> CxbError:
    kind = Unreachable if status >= 500 or status in _BUSY else CxbError
    answered = f"{status}, {said!r}" if said else f"{status}"
    remedy = "try again later" if kind is Unreachable else "look at its address and secret"
    return kind(f"receiver {name!r}: {host} took no report, it answered {answered}; {remedy}")


def _mail(to: str, localised: LocalisedReport, name: str, server: MailServer | None) -> str:
    if server is None:
        raise ConfigurationError(
            f"receiver {name!r}: e-mail needs a server: give smarthost and from under [email] of the receivers file"
        )
    host, _, port = server.smarthost.rpartition(":")
    password = _secret(server.password_file, name) if server.password_file else None
    message = _message(to, localised, server.sender)
    try:
        with smtplib.SMTP(host or port, int(port) if host else _SUBMISSION, timeout=TIMEOUT_S) as connection:
            if server.require_tls:
                connection.starttls(context=ssl.create_default_context())
            if server.username and password:
                connection.login(server.username, password)
            left_out = connection.send_message(message)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
        raise CxbError(f"receiver {name!r}: the mail server {server.smarthost} refused it: {_reason(error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(
            f"receiver {name!r}: the mail server {server.smarthost} does not answer: {error}; try again later"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"receiver {name!r}: smarthost must be host:port, not {server.smarthost}") from error
    if left_out:
        raise CxbError(f"receiver {name!r}: the mail server took no mail for {', '.join(sorted(left_out))}")
    return f"{to} by {server.smarthost}"


def _reason(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:_SHOWN]
    return str(error)[:_SHOWN]


def _message(to: str, localised: LocalisedReport, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(f"{localised.title}: {localised.period}".split())
    message["From"], message["To"] = sender, to
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="cx-balance")
    # A scheduler's mail: nobody's holiday note shall answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(markdown(localised))
    message.add_alternative(html(localised), subtype="html")
    return message

"""How a receiver is reached: the part of Alertmanager's configuration for one webhook, chat, mailbox or pager.

Secrets stay in files that Alertmanager reads. What a message says is in templates, deploy/alertmanager/cx-balance.tmpl,
except for a webhook, which gets the alerts as JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from metrics.registry.model import COMPANY

ReceiverKind = Literal["webhook", "slack", "teams", "email", "pagerduty", "opsgenie"]
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class RoutingError(ValueError):
    """A receiver that cannot be reached; the text says which one, and what to do."""


class Version(NamedTuple):
    """A version of Alertmanager."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


NEWEST: Final = Version(0, 28)
"""Everything that is written here works with this version and later ones."""
DEBIAN: Final = Version(0, 25)
"""That of Debian 12: which receivers need a later one is said."""
_PLAIN: Final = Version(0, 22)
_WITH_FILES: Final = Version(0, 25)
_WITH_URL_FILE: Final = Version(0, 26)
_WITH_TEAMS: Final = Version(0, 28)
_NEWER: Final = "use a newer one"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a receiver listens.

    Attributes:
        kind: What it is.
        url: Of a webhook: its address, if that is no secret. Of a pager: another address of its service, for the EU.
        url_file: A file that holds the address of a webhook, of Slack or of Teams.
        credentials_file: Of a webhook: a file that holds a bearer token; None without one.
        key_file: Of a pager: a file that holds its key.
        channel: Of Slack; None for that of its webhook.
        to: Of e-mail: addresses, separated by commas.
    """

    kind: ReceiverKind = "webhook"
    url: str | None = None
    url_file: str | None = None
    credentials_file: str | None = None
    key_file: str | None = None
    channel: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """What e-mails are sent with.

    Attributes:
        smarthost: The server, host:port.
        sender: What they are from.
        username: The user name there; None without one.
        password_file: A file that holds its password.
        require_tls: Whether a connection without TLS is refused.
    """

    smarthost: str
    sender: str
    username: str | None = None
    password_file: str | None = None
    require_tls: bool = True


@dataclass(frozen=True, slots=True)
class Channel:
    """One receiver's part of the configuration: a key of Alertmanager's, and its value."""

    key: str
    value: dict[str, Any]

    @property
    def has_templates(self) -> bool:
        """Whether it needs the file of templates."""
        return self.key != "webhook_configs"


def channel(name: str, address: Address, directory: str, mail: MailServer | None, version: Version) -> Channel:
    """A receiver's address as Alertmanager's configuration has it.

    Args:
        name: The receiver's name: also that of its file, where none is given.
        address: Where it listens.
        directory: The folder of these files, as Alertmanager sees it.
        mail: What e-mails are sent with; None where nothing is said about it.
        version: The Alertmanager that reads it.

    Raises:
        RoutingError: It cannot be reached like this, or not by that version.
    """
    _check_version(name, address, version)
    if address.kind == "email":
        return Channel("email_configs", _email(name, address, mail))
    if address.kind in ("pagerduty", "opsgenie"):
        key_file = address.key_file or _own_file(name, directory)
        pager = _pagerduty if address.kind == "pagerduty" else _opsgenie
        return Channel(f"{address.kind}_configs", pager(key_file, address.url))
    if address.kind == "webhook":
        return Channel("webhook_configs", _webhook(name, address, directory))
    url_file = address.url_file or _own_file(name, directory)
    if address.kind == "teams":
        return Channel("msteamsv2_configs", {"webhook_url_file": url_file, **_SAID, "text": _template("text")})
    where = {"channel": address.channel} if address.channel else {}
    titles = {name: _template("slack_title") for name in ("title", "fallback")}
    slack = {**titles, "title_link": _template("page"), "text": _template("slack")}
    return Channel("slack_configs", {"api_url_file": url_file, **where, **_SAID, **slack})


def _template(name: str) -> str:
    return f'{{{{ template "cx.{name}" . }}}}'


_SAID: Final[Mapping[str, Any]] = {"send_resolved": True, "title": _template("title")}


class Need(NamedTuple):
    """What a receiver needs.

    Attributes:
        version: The first Alertmanager that knows it.
        what: What needs it.
        instead: What to do with an older one.
    """

    version: Version
    what: str
    instead: str


def need_of(address: Address) -> Need:
    """Which Alertmanager a receiver needs, and why.

    >>> need_of(Address("teams")).version, need_of(Address()).what
    (Version(major=0, minor=28), 'a webhook with url_file')
    """
    if address.kind == "teams":
        return Need(_WITH_TEAMS, "teams", 'use type = "webhook" with a service that passes it on to Teams')
    if address.kind != "webhook":
        return Need(_WITH_FILES, address.kind, _NEWER)
    if address.url is None:
        what = "a webhook with url_file"
        return Need(_WITH_URL_FILE, what, "use url, and credentials_file for what is secret")
    return Need(_PLAIN, "a webhook", _NEWER)


def _check_version(name: str, address: Address, version: Version) -> None:
    needed, what, instead = need_of(address)
    if version < needed:
        raise RoutingError(f"receiver {name!r}: {what} needs Alertmanager {needed}, this is for {version}; {instead}")


def _own_file(name: str, directory: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise RoutingError(f"receiver {name!r}: its name is not a valid file name; give its address under [receiver]")
    return f"{directory}/{name}"


def _webhook(name: str, address: Address, directory: str) -> dict[str, Any]:
    where = {"url": address.url} if address.url else {"url_file": address.url_file or _own_file(name, directory)}
    if address.credentials_file:
        return {**where, "http_config": {"authorization": {"credentials_file": address.credentials_file}}}
    return where


def _email(name: str, address: Address, mail: MailServer | None) -> dict[str, Any]:
    if mail is None:
        raise RoutingError(f"receiver {name!r}: e-mail needs a server: give smarthost and from under [email]")
    login = {"auth_username": mail.username, "auth_password_file": mail.password_file} if mail.username else {}
    return {
        "to": address.to,
        "from": mail.sender,
        "smarthost": mail.smarthost,
        **login,
        "require_tls": mail.require_tls,
        "send_resolved": True,
        "headers": {"Subject": _template("title")},
        "html": _template("html"),
        "text": _template("text"),
    }


def _pagerduty(key_file: str, url: str | None) -> dict[str, Any]:
    return {
        "routing_key_file": key_file,
        **({"url": url} if url else {}),
        "send_resolved": True,
        "description": _template("title"),
        "severity": _template("severity"),
        "group": f'{{{{ or .CommonLabels.department "{COMPANY}" }}}}',
        "client": "cx-balance",
        "client_url": _template("page"),
        "details": {"text": _template("text")},
    }


def _opsgenie(key_file: str, url: str | None) -> dict[str, Any]:
    return {
        "api_key_file": key_file,
        **({"api_url": url} if url else {}),
        "send_resolved": True,
        "message": _template("title"),
        "description": _template("text"),
        "priority": _template("priority"),
        "source": _template("page"),
    }

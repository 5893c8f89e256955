from pathlib import Path

import pytest

from metrics.registry.alert_channels import Address, MailServer
from metrics.registry.alert_routing import Receivers
from streams.errors import ConfigurationError
from streams.registry.receivers import load


def test_a_file_tells_where_receivers_listen_and_who_is_the_fallback(tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text(
        'fallback = "ops"\non_call = "night"\ndirectory = "/d"\n'
        '[receiver.ops]\nurl = "https://hooks/x"\ncredentials_file = "/t"\n[receiver."a b"]\nurl_file = "/f"\n'
    )
    ops = Address(url="https://hooks/x", credentials_file="/t")
    assert load(path) == Receivers({"ops": [ops], "a b": [Address(url_file="/f")]}, "/d", "ops", "night")


def test_a_receiver_may_be_a_chat_a_mailbox_or_a_pager_and_several_at_once(tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text(
        '[email]\nsmarthost = "h:587"\nfrom = "cx@h"\nusername = "cx"\npassword_file = "/p"\nrequire_tls = false\n'
        '[[receiver.sales]]\ntype = "email"\nto = "head@h"\n[[receiver.sales]]\ntype = "slack"\nchannel = "#sales"\n'
        '[receiver.it]\ntype = "pagerduty"\nkey_file = "/k"\n'
    )
    sales = [Address("email", to="head@h"), Address("slack", channel="#sales")]
    assert load(path) == Receivers(
        {"sales": sales, "it": [Address("pagerduty", key_file="/k")]},
        mail=MailServer("h:587", "cx@h", "cx", "/p", require_tls=False),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = [", "are not TOML"),
        ("fallbak = 'x'", "no such key: fallbak; known: directory, fallback, on_call"),
        ("fallback = 3", "fallback: must be a text"),
        ("receiver = 3", "receiver: must be tables"),
        ("receiver.a = 3", r"receiver\.a: must be a table"),
        ("[receiver.a]", "give either url_file"),
        ("[receiver.a]\nurl = 'http://h'\nurl_file = '/f'", "give either url_file"),
        ("[receiver.a]\nurl = 'h/x'", r"receiver\.a\.url: must be an address"),
        ("[receiver.a]\nurl = 'https://me:secret@h/x'", "must not hold a password"),
        ("[receiver.a]\nuri = 'http://h'", "no such key: uri"),
        ("[receiver.a]\nurl = ''", "url: must be a text"),
        ("receiver.a = []", r"receiver\.a: must be a table"),
        (
            "[receiver.a]\ntype = 'pigeon'",
            "no such type: pigeon; known: webhook, slack, teams, email,",
        ),
        ("[receiver.a]\ntype = 'slack'\nto = 'a@b'", "no such key: to; known: url_file, channel"),
        ("[receiver.a]\ntype = 'email'", "give to, the addresses"),
        ("[receiver.a]\ntype = 'pagerduty'\nurl = 'events'", r"receiver\.a\.url: must be an address"),
        ("email = 3", "email: must be a table"),
        ("[email]\nsmarthost = 'h:25'", "give smarthost, the server as host:port, and from"),
        ("[email]\nsmarthost = 'h:25'\nfrom = 'a@b'\nusername = 'me'", "username and password_file go together"),
        ("[email]\nsmarthost = 'h:25'\nfrom = 'a@b'\npassword = 'secret'", "no such key: password"),
        ("[email]\nrequire_tls = 'no'", "require_tls: must be true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_said(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the receivers"):
        load(tmp_path / "nowhere.toml")

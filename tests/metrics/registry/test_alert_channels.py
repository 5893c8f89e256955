import pytest

from metrics.registry.alert_channels import NEWEST, Address, MailServer, ReceiverKind, RoutingError, Version, channel

MAIL = MailServer("smtp:587", "cx@h", "cx", "/p")
DEBIAN = Version(0, 25)
OF_EACH = {
    "webhook": Address(url="http://h/"), "slack": Address("slack"), "teams": Address("teams"),
    "email": Address("email", to="a@b"), "pagerduty": Address("pagerduty"), "opsgenie": Address("opsgenie"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "secret"),
    [
        ("slack", "slack_configs", {"api_url_file": "/d/sales"}),
        ("teams", "msteamsv2_configs", {"webhook_url_file": "/d/sales"}),
        ("email", "email_configs", {"auth_username": "cx", "auth_password_file": "/p", "require_tls": True}),
        ("pagerduty", "pagerduty_configs", {"routing_key_file": "/d/sales"}),
        ("opsgenie", "opsgenie_configs", {"api_key_file": "/d/sales"}),
    ],
)
def test_each_kind_reads_its_secret_from_a_file_and_hears_of_the_end(
    kind: ReceiverKind, key: str, secret: dict[str, object]
) -> None:
    made = channel("sales", OF_EACH[kind], "/d", MAIL, NEWEST)
    assert made.key == key
    assert secret.items() <= made.value.items()
    assert made.value["send_resolved"] is True
    assert made.has_templates


def test_a_file_may_be_named_and_a_pager_have_another_address() -> None:
    pager = Address("opsgenie", url="https://api.eu.opsgenie.com/", key_file="/k")
    made = channel("sales on call", pager, "/d", None, NEWEST).value
    assert (made["api_key_file"], made["api_url"]) == ("/k", "https://api.eu.opsgenie.com/")


def test_what_an_older_alertmanager_does_not_know_is_refused_with_what_to_do_instead() -> None:
    for kind, address in OF_EACH.items():
        if kind != "teams":
            assert channel("sales", address, "/d", MAIL, DEBIAN)
    with pytest.raises(RoutingError, match=r"teams needs Alertmanager 0.28, this is for 0.25; use type = .webhook."):
        channel("sales", Address("teams"), "/d", None, DEBIAN)
    with pytest.raises(RoutingError, match=r"a webhook with url_file needs Alertmanager 0.26.*use url"):
        channel("sales", Address(), "/d", None, DEBIAN)
    with pytest.raises(RoutingError, match=r"slack needs Alertmanager 0.25"):
        channel("sales", Address("slack"), "/d", None, Version(0, 24))


def test_email_without_a_server_is_refused() -> None:
    with pytest.raises(RoutingError, match="give smarthost and from under"):
        channel("sales", OF_EACH["email"], "/d", None, NEWEST)


def test_a_name_that_is_no_file_needs_a_file() -> None:
    with pytest.raises(RoutingError, match="give its address"):
        channel("../sales", Address("pagerduty"), "/d", None, NEWEST)

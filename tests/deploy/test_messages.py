"""What receivers get: templates rendered by amtool, and messages of a real Alertmanager to servers on this machine."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from metrics.registry import parse
from metrics.registry.alert_channels import Address, MailServer, ReceiverKind, Version
from metrics.registry.alert_routing import TEMPLATES, Receivers, to_yaml
from metrics.registry.alert_routing import alertmanager as configuration_of
from tests.deploy.mailbox import Mailbox, mailbox
from tests.deploy.observing import Webhooks, alertmanager, send_alerts, until, webhooks
from tests.kafka.libraries import PROJECT
from tests.tools import tool

FILE = PROJECT / "deploy" / "alertmanager" / TEMPLATES
KINDS: tuple[ReceiverKind, ...] = ("slack", "email", "pagerduty", "opsgenie", "webhook")
CSAT = (
    "Customer service: CSAT fell from 74.4 % to 53.6 % since 16 November (712 answers). Switchboard accounts for 94 %."
)
OWNER = "Owner: Customer service. Fish & Chips <b>accounts</b> for 5 %."
PAGE = "https://cx.example.com/?page=drift&department=service"
RUNBOOK = "https://git.example.com/docs/runbooks/drift.md"


def labels(department: str = "service", metric: str = "csat", severity: str = "warning") -> dict[str, str]:
    return {"alertname": "DriftDown", "department": department, "metric": metric, "severity": severity}


def annotations(metric: str = "CSAT", summary: str = CSAT) -> dict[str, str]:
    return {
        "summary": summary, "description": OWNER, "department_name": "Customer service", "metric_name": metric,
        "page_url": PAGE, "dashboard_url": "https://grafana.example.com/d/cx-drift", "runbook_url": RUNBOOK,
    }  # fmt: skip


def rendered(
    template: str, directory: Path, *alerts: tuple[Mapping[str, str], Mapping[str, str], str], form: str = "text"
) -> str:
    """A template with alerts of labels, annotations and status, by amtool."""
    common = [set.intersection(*(set(alert[part].items()) for alert in alerts)) for part in (0, 1)]  # type: ignore[union-attr]
    data = {
        "status": "firing" if any(status == "firing" for _, _, status in alerts) else "resolved",
        "alerts": [{"labels": of, "annotations": said, "status": status} for of, said, status in alerts],
        "groupLabels": {}, "commonLabels": dict(common[0]), "commonAnnotations": dict(common[1]),
        "externalURL": "http://alertmanager",
    }  # fmt: skip
    path = directory / "data.json"
    path.write_text(json.dumps(data))
    command = [
        tool("amtool"), "template", "render", f"--template.glob={FILE}", f"--template.type={form}",
        f'--template.text={{{{ template "cx.{template}" . }}}}', f"--template.data={path}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_title_of_one_alert_is_what_it_says(tmp_path: Path) -> None:
    assert rendered("title", tmp_path, (labels(), annotations(), "firing")) == CSAT
    assert rendered("title", tmp_path, (labels(), annotations(), "resolved")) == f"Ended: {CSAT}"


def test_a_group_has_a_summary_of_those_that_still_fire(tmp_path: Path) -> None:
    drifts = [
        (labels(metric=metric.lower()), annotations(metric, f"{metric} fell."), "firing") for metric in ("CSAT", "NPS")
    ]
    assert rendered("title", tmp_path, *drifts) == "Customer service: 2 metrics have drifted down: CSAT, NPS"
    ended = (labels(metric="ces"), annotations("Ease (CES)", "Ease fell."), "resolved")
    assert rendered("title", tmp_path, *drifts, ended) == "Customer service: 2 metrics have drifted down: CSAT, NPS"
    text = rendered("text", tmp_path, *drifts, ended)
    assert [line for line in text.splitlines() if "fell" in line] == ["CSAT fell.", "NPS fell.", "Ended: Ease fell."]


def test_alerts_about_the_pipeline_have_a_title_and_a_link_as_well(tmp_path: Path) -> None:
    lags = [
        ({"alertname": "IngestLag", "department": "company", "severity": "page", "at": at}, {"summary": at}, "firing")
        for at in "ab"
    ]
    assert rendered("title", tmp_path, *lags) == "company: 2 alerts (IngestLag)"
    assert rendered("severity", tmp_path, *lags) == "critical"
    assert rendered("priority", tmp_path, *lags) == "P1"
    assert rendered("page", tmp_path, *lags) == "http://alertmanager"


def test_what_slack_and_html_would_read_as_markup_stays_text(tmp_path: Path) -> None:
    alert = (labels(), annotations(summary="<!channel> A & B"), "firing")
    slack = rendered("slack", tmp_path, alert)
    assert "*&lt;!channel&gt; A &amp; B*" in slack
    assert rendered("slack_title", tmp_path, alert) == "&lt;!channel&gt; A &amp; B"
    two = [alert, (labels(), annotations(metric="<b> & C"), "firing")]
    named = rendered("slack_title", tmp_path, *two)
    assert "&lt;b&gt; &amp; C" in named
    assert unescape(named) == rendered("title", tmp_path, *two)
    assert f"<{PAGE.replace('&', '&amp;')}|Page>" in slack
    html = rendered("html", tmp_path, alert, form="html")
    assert "&lt;!channel&gt; A &amp; B" in html
    assert "<b>accounts" not in html
    assert f'href="{PAGE.replace("&", "&amp;")}"' in html


def registry(departments: Sequence[str]) -> Any:
    """A registry whose departments each have a receiver of their name."""
    tables = (
        f'[[department]]\nid = "{name}"\nname = "{name}"\noffice = "front"\nreceiver = "{name}"\n'
        for name in departments
    )
    return parse(f'version = "1"\npolicy = "single"\n{"".join(tables)}')


@pytest.mark.parametrize("kind", KINDS)
def test_amtool_accepts_each_kind(kind: ReceiverKind, tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path)
    wanted: dict[str, dict[str, str]] = {"email": {"to": "a@example.com"}, "webhook": {"url": "http://h/"}}
    address = Address(kind, **wanted.get(kind, {}))
    receivers = Receivers(
        {"service": [address], "fallback": [Address(url="http://h/")]}, mail=MailServer("h:25", "a@b", "u", "/p")
    )
    path = tmp_path / "alertmanager.yml"
    path.write_text(to_yaml(configuration_of(registry(["service"]), receivers, Version(0, 25))))
    done = subprocess.run([tool("amtool"), "check-config", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{int(kind != 'webhook')} templates" in done.stdout


@dataclass(frozen=True)
class Sent:
    """What was sent by which way: of one warning, sent to a department that is called as its kind of receiver."""

    http: Webhooks
    mail: Mailbox

    def first(self, path: str) -> dict[str, Any]:
        """The first message that came to a path."""
        until(lambda: self.http.told.get(path), f"a message to {path}")
        return self.http.told[path][0]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """A real Alertmanager with a receiver of each kind, which has been sent an alert for each."""
    tool("prometheus-alertmanager")
    directory = tmp_path_factory.mktemp("messages")
    shutil.copy(FILE, directory)
    with webhooks() as (http, url), mailbox() as (mail, smarthost):
        secrets = {"slack": f"{url}/slack", "password": "of-the-mailbox", "pagerduty": "r" * 32, "opsgenie": "o" * 32}
        for name, secret in secrets.items():
            (directory / name).write_text(secret)
        addresses = {
            "slack": [Address("slack", channel="#service")],
            "email": [Address("email", to="head@example.com")],
            "pagerduty": [Address("pagerduty", url=f"{url}/pagerduty")],
            "opsgenie": [Address("opsgenie", url=f"{url}/")],
            "webhook": [Address(url=f"{url}/webhook")],
            "fallback": [Address(url=f"{url}/fallback")],
        }
        server = MailServer(smarthost, "cx@example.com", "cx", str(directory / "password"), require_tls=False)
        receivers = Receivers(addresses, directory=str(directory), mail=server)
        config = to_yaml(configuration_of(registry(KINDS), receivers, Version(0, 25)))
        with alertmanager(directory, config) as address:
            for kind in KINDS:
                send_alerts(address, labels(kind), annotations=annotations())
            yield Sent(http, mail)


def test_slack_is_told_in_its_channel_what_is_wrong_with_links(sent: Sent) -> None:
    message = sent.first("slack")
    assert message["channel"] == "#service"
    [attachment] = message["attachments"]
    assert (attachment["title"], attachment["title_link"]) == (CSAT, PAGE)
    assert f"*{CSAT}*" in attachment["text"]
    assert f"<{RUNBOOK}|Runbook>" in attachment["text"]


def test_an_email_says_it_in_its_subject_and_in_both_of_its_forms(sent: Sent) -> None:
    until(lambda: sent.mail.messages, "an e-mail")
    message = sent.mail.messages[0]
    assert (message["Subject"], message["From"], message["To"]) == (CSAT, "cx@example.com", "head@example.com")
    assert sent.mail.recipients[0] == "head@example.com"
    assert sent.mail.logins[0] == ("cx", "of-the-mailbox")
    plain, html = (message.get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert f"{CSAT}\n{OWNER}\nPage: {PAGE}\n" in plain.get_content().replace("\r\n", "\n")
    assert "Fish &amp; Chips &lt;b&gt;accounts&lt;/b&gt;" in html.get_content()


def test_pagerduty_is_told_with_key_severity_and_link(sent: Sent) -> None:
    message = sent.first("pagerduty")
    assert message["routing_key"] == "r" * 32
    assert (message["event_action"], message["client_url"]) == ("trigger", PAGE)
    assert (message["payload"]["summary"], message["payload"]["severity"]) == (CSAT, "warning")
    assert message["payload"]["group"] == "pagerduty"
    assert OWNER in message["payload"]["custom_details"]["text"]


def test_opsgenie_is_told_with_priority_and_link(sent: Sent) -> None:
    message = sent.first("v2/alerts")
    assert message["message"] == CSAT
    assert (message["priority"], message["source"]) == ("P3", PAGE)
    assert RUNBOOK in message["description"]


def test_a_webhook_gets_everything_as_json(sent: Sent) -> None:
    message = sent.first("webhook")
    [alert] = message["alerts"]
    assert alert["annotations"] == annotations()
    assert sent.http.told.get("fallback") is None

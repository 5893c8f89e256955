"""From the worker's series to a department's webhook: a real worker, Prometheus and Alertmanager."""

import re
from typing import Any

import pytest

from tests.deploy.observed.conftest import Observed
from tests.deploy.observing import send_alerts, until

pytestmark = pytest.mark.embedded
PLANTED = ("service", "csat")


@pytest.mark.long
def test_the_drift_that_the_simulation_planted_reaches_its_department_once_and_no_other(observed: Observed) -> None:
    server, heard = observed.prometheus, observed.webhooks

    def told(receiver: str) -> list[dict[str, Any]]:
        alerts = heard.alerts(receiver, "DriftDown", "firing")
        return [alert for alert in alerts if (alert["labels"]["department"], alert["labels"]["metric"]) == PLANTED]

    until(lambda: told("service-oncall"), "the department is told")
    # Prometheus goes on sending the alert, and Alertmanager looks at the group every second.
    seen = 'sum(count_over_time(ALERTS{alertname="DriftDown",alertstate="firing",department="service"}[1h]))'
    before = server.query(seen)[0][1][0][1]
    until(lambda: server.query(seen)[0][1][0][1] >= before + 5, "the rule was evaluated five times more")
    found = told("service-oncall")[-1]
    assert [alert for alert in told("service-oncall") if alert["labels"] != found["labels"]] == []
    assert found["labels"] == {
        "alertname": "DriftDown", "department": "service", "metric": "csat", "severity": "warning", "area": "figures",
    }  # fmt: skip
    said = found["annotations"]
    assert re.fullmatch(
        r"Customer service: CSAT fell from \d\d\.\d % to \d\d\.\d % since \d+ \w+ \([\d,]+ answers\)\. "
        r"Switchboard accounts for (\d+ %|all of it, others offset a part)\.", said["summary"],
    )  # fmt: skip
    assert said["description"].startswith("Owner: Customer service (sponsor: Chief Customer Officer). ")
    assert (said["department_name"], said["metric_name"]) == ("Customer service", "CSAT")
    assert said["page_url"] == "http://127.0.0.1:6066/?page=drift&department=service"
    assert said["runbook_url"] == "https://git.example.com/cx-balance/blob/main/docs/runbooks/drift.md"
    dashboard = "http://127.0.0.1:3000/d/cx-drift?var-department=service&var-metric=csat&from="
    assert re.fullmatch(re.escape(dashboard) + r"\d{13}&to=now", said["dashboard_url"])
    assert [name for name in heard.told if name != "service-oncall" and told(name)] == []


def test_every_receiver_hears_of_its_own_department_alone(observed: Observed) -> None:
    whose = {f"{name}-oncall" for name in ("service", "marketing", "sales")}
    for receiver in whose & observed.webhooks.told.keys():
        messages = list(observed.webhooks.told[receiver])
        departments = {alert["labels"].get("department") for message in messages for alert in message["alerts"]}
        assert departments - {None} <= {receiver.removesuffix("-oncall")}


def test_a_department_without_a_receiver_is_told_by_the_fallback(observed: Observed) -> None:
    labels = {
        "alertname": "DriftUp",
        "department": "unowned",
        "metric": "ces",
        "severity": "warning",
        "area": "figures",
    }
    send_alerts(observed.alertmanager, labels)
    until(lambda: observed.webhooks.alerts("fallback", "DriftUp", "firing"), "the fallback is told")
    assert {"unowned"} <= {
        alert["labels"]["department"] for alert in observed.webhooks.alerts("fallback", "DriftUp", "firing")
    }


def test_without_data_the_figures_of_that_department_are_held_back_and_no_others(observed: Observed) -> None:
    def about(name: str, department: str, area: str) -> dict[str, str]:
        return {"alertname": name, "department": department, "area": area, "severity": "warning"}

    send_alerts(observed.alertmanager, about("NoData", "service", "nodata"))
    until(lambda: observed.webhooks.alerts("service-oncall", "NoData", "firing"), "the department knows of its silence")
    send_alerts(
        observed.alertmanager, about("Myopia", "service", "figures"), about("Myopia", "sales", "figures"),
        about("NoWorker", "service", "pipeline"),
    )  # fmt: skip
    until(lambda: observed.webhooks.alerts("sales-oncall", "Myopia", "firing"), "another department's figures pass")
    until(lambda: observed.webhooks.alerts("service-oncall", "NoWorker", "firing"), "what is no figure passes")
    assert observed.webhooks.alerts("service-oncall", "Myopia", "firing") == []

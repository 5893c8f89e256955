"""From the worker's series to a department's webhook: a real worker, Prometheus and Alertmanager."""

import pytest

from tests.deploy.conftest import Observed
from tests.deploy.observing import send_alerts, until

pytestmark = pytest.mark.embedded


def test_a_drift_reaches_the_webhook_of_its_department_once_and_no_other(observed: Observed) -> None:
    server, heard = observed.prometheus, observed.webhooks
    assert server.query('cx:metric:answers{department="marketing",metric="nps"} >= 30')
    observed.stand_in.state.labels("marketing", "nps").set(-1)
    until(lambda: heard.alerts("marketing-oncall", "DriftDown", "firing"), "the department is told")
    # Prometheus goes on sending the alert, and Alertmanager looks at the group every second.
    seen = 'sum(count_over_time(ALERTS{alertname="DriftDown",alertstate="firing"}[1h]))'
    before = server.query(seen)[0][1][0][1]
    until(lambda: server.query(seen)[0][1][0][1] >= before + 5, "the rule was evaluated five times more")
    [alert] = heard.alerts("marketing-oncall", "DriftDown", "firing")
    assert alert["labels"] == {
        "alertname": "DriftDown", "department": "marketing", "metric": "nps", "severity": "warning", "area": "figures",
    }  # fmt: skip
    assert alert["annotations"] == {
        "summary": "nps of marketing has drifted down",
        "runbook_url": "docs/runbooks/drift.md",
        "dashboard_url": "http://127.0.0.1:3000/d/cx-drift?var-department=marketing&var-metric=nps",
    }
    observed.stand_in.state.labels("marketing", "nps").set(0)
    until(lambda: heard.alerts("marketing-oncall", "DriftDown", "resolved"), "its end is told as well")
    others = [name for name in heard.told if name != "marketing-oncall"]
    assert [name for name in others for state in ("firing", "resolved") if heard.alerts(name, "DriftDown", state)] == []


def test_a_department_without_a_receiver_is_told_by_the_fallback(observed: Observed) -> None:
    known = observed.prometheus.query('cx:metric:answers{department=~"it|product|logistics|administration"} >= 30')
    labels = known[0][0]
    state = observed.stand_in.state.labels(labels["department"], labels["metric"])
    state.set(1)
    until(lambda: observed.webhooks.alerts("fallback", "DriftUp", "firing"), "the fallback is told")
    state.set(0)
    [alert] = observed.webhooks.alerts("fallback", "DriftUp", "firing")
    assert (alert["labels"]["department"], alert["labels"]["metric"]) == (labels["department"], labels["metric"])


def test_with_few_answers_nobody_is_told(observed: Observed) -> None:
    server = observed.prometheus
    few = [
        observed.stand_in.state.labels(labels["department"], labels["metric"])
        for labels, _ in server.query("cx:metric:answers < 30")
    ]
    assert few
    for state in few:
        state.set(-1)
    until(lambda: server.query("min by (department, metric) (cx_drift_state) == -1"), "Prometheus has seen the state")
    evaluations = "max(count_over_time(cx:metric:answers[1h]))"
    before = server.query(evaluations)[0][1][0][1]
    until(lambda: server.query(evaluations)[0][1][0][1] >= before + 3, "the rules were evaluated three times more")
    assert server.query('ALERTS{alertname="DriftDown"}') == []
    for state in few:
        state.set(0)


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

import json
import re
from pathlib import Path

from tests.e2e.running import PROJECT, cxb

DEPARTMENTS = ("marketing", "sales", "service", "it", "product", "logistics", "administration")
REGISTRY = str(PROJECT / "deploy" / "registry.toml")


def test_the_registry_comes_from_the_settings_where_it_is_not_named() -> None:
    named = cxb("alertmanager", "--registry", REGISTRY, variables={}).stdout
    assert cxb("alertmanager", variables={"CXB_REGISTRY": REGISTRY}).stdout == named
    assert cxb("alertmanager", variables={}).stdout == named


def test_json_is_the_same_configuration() -> None:
    config = json.loads(cxb("alertmanager", "--json", variables={}).stdout)
    assert config["route"]["routes"][0]["receiver"] == "marketing-oncall"


def test_an_address_that_no_department_uses_is_reported_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text('[receiver.markting-oncall]\nurl = "http://h/"\n')
    done = cxb("alertmanager", "--receivers", str(path), variables={})
    assert "receiver.markting-oncall: no department" in done.stderr
    assert "markting" not in done.stdout


def test_a_receiver_that_cannot_be_reached_is_a_matter_of_configuration(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(Path(REGISTRY).read_text().replace('"sales-oncall"', '"sales on call"'))
    done = cxb("alertmanager", "--registry", str(path), variables={}, expect=3)
    assert "receiver 'sales on call'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_department_without_a_receiver_is_named_with_who_is_notified_instead(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(Path(REGISTRY).read_text().replace('receiver = "it-oncall"\n', ""))
    done = cxb("alertmanager", "--registry", str(path), "--for", "0.28", variables={})
    assert done.stderr.splitlines() == ["department it: has no receiver, so fallback is notified of its alerts"]


def test_what_an_older_alertmanager_does_not_know_is_an_error_and_the_templates_are_a_file(tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text("".join(f'[receiver.{name}-oncall]\ntype = "slack"\n' for name in DEPARTMENTS))
    command = ("alertmanager", "--receivers", str(path), "--for", "0.25")
    done = cxb(*command, variables={}, expect=3)
    assert "receiver 'fallback': a webhook with url_file needs Alertmanager 0.26, this is for 0.25" in done.stderr
    path.write_text(path.read_text() + '[receiver.fallback]\nurl = "http://h/"\n')
    done = cxb(*command, variables={})
    assert 'templates: ["cx-balance.tmpl"]' in done.stdout
    assert "cxb alertmanager --templates > cx-balance.tmpl" in done.stderr
    templates = cxb("alertmanager", "--templates", variables={}).stdout
    assert templates == (PROJECT / "deploy" / "alertmanager" / "cx-balance.tmpl").read_text()
    named = set(re.findall(r'template \\"(cx\.\w+)\\"', done.stdout))
    assert named
    assert named <= set(re.findall(r'define "(cx\.\w+)"', templates))
    cxb("alertmanager", "--for", "new", variables={}, expect=2)


def test_all_that_is_wrong_is_said_at_once_and_a_file_that_is_there_stays(tmp_path: Path) -> None:
    receivers, out = tmp_path / "receivers.toml", tmp_path / "alertmanager.yml"
    out.write_text("as it was")
    receivers.write_text(
        'on-call = "x"\n[email]\nfrom = "a@b"\n[receiver.a]\ntype = "fax"\n[receiver.b]\ntype = "email"\n'
    )
    command = ("alertmanager", "--receivers", str(receivers), "--out", str(out))
    said = cxb(*command, variables={}, expect=3).stderr
    assert [
        part in said for part in ("no such key: on-call", "give smarthost", "no such type: fax", "give to, the")
    ] == [True] * 4
    assert out.read_text() == "as it was"
    receivers.write_text('[receiver.sales-oncall]\ntype = "email"\nto = "a@b"\n[receiver.it-oncall]\ntype = "teams"\n')
    said = cxb(*command, "--for", "0.26", variables={}, expect=3).stderr
    assert "receiver 'sales-oncall': e-mail needs a server" in said
    assert "receiver 'it-oncall': teams needs Alertmanager 0.28" in said
    assert [out.read_text(), *(path.name for path in tmp_path.glob(".*"))] == ["as it was"]
    done = cxb("alertmanager", "--out", str(out), variables={})
    assert (done.stdout, out.read_text().startswith("# Made from the registry")) == ("", True)
    assert out.read_text() == cxb("alertmanager", variables={}).stdout


def test_what_debians_alertmanager_does_not_know_is_said_with_its_version_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "receivers.toml"
    path.write_text('[receiver.it-oncall]\ntype = "teams"\n[receiver.sales-oncall]\nurl = "http://h/"\n')
    said = " ".join(cxb("alertmanager", "--receivers", str(path), variables={}).stderr.split())
    assert (
        "teams needs Alertmanager 0.28 or later: it-oncall; with an older one, such as Debian's 0.25, use type = "
        '"webhook" with a service that passes it on to Teams'
    ) in said
    assert (
        "a webhook with url_file needs Alertmanager 0.26 or later: fallback, marketing-oncall, service-oncall" in said
    )
    assert "use url, and credentials_file for what is secret" in said
    assert "sales-oncall" not in said
    assert (
        "needs Alertmanager" not in cxb("alertmanager", "--receivers", str(path), "--for", "0.28", variables={}).stderr
    )

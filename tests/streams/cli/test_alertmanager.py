import json
from pathlib import Path

from tests.e2e.running import PROJECT, cxb

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

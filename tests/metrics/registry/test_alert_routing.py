import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.registry import Registry, parse
from metrics.registry.alert_channels import Address, RoutingError
from metrics.registry.alert_routing import Receivers, alertmanager, to_yaml

# Any text that a registry takes.
RECEIVER = st.from_regex(r"[a-z][a-zà-ü /.:\"-]{0,8}", fullmatch=True).map(str.strip)


def registry(**receivers: str | None) -> Registry:
    """A registry of these departments, each with its receiver."""
    departments = "".join(
        f'[[department]]\nid = "{name}"\nname = "{name}"\noffice = "front"\n'
        + (f"receiver = {json.dumps(receiver)}\n" if receiver else "")
        for name, receiver in receivers.items()
    )
    return parse(f'version = "1"\npolicy = "single"\n{departments}')


def test_each_department_with_a_receiver_has_a_route_and_the_fallback_comes_last() -> None:
    config = alertmanager(registry(sales="sales-oncall", it=None), Receivers())
    assert config["route"]["routes"] == [
        {"matchers": ['department="sales"'], "receiver": "sales-oncall"},
        {"matchers": ['department=~".+"'], "receiver": "fallback"},
    ]
    assert config["route"]["receiver"] == "fallback"


def test_alerts_are_grouped_by_what_they_say_and_by_department() -> None:
    assert alertmanager(registry(), Receivers())["route"]["group_by"] == ["alertname", "department"]


def test_who_is_on_call_gets_pages_as_well_as_their_owners() -> None:
    routes = alertmanager(registry(sales="a"), Receivers(on_call="night"))["route"]["routes"]
    assert routes[0] == {"matchers": ['severity="page"'], "receiver": "night", "continue": True}


def test_departments_that_share_a_receiver_share_its_definition() -> None:
    config = alertmanager(registry(sales="front", marketing="front", it="fallback"), Receivers())
    assert [item["name"] for item in config["receivers"]] == ["fallback", "front"]
    assert len(config["route"]["routes"]) == 4


def test_a_receiver_without_an_address_has_a_file_of_its_name() -> None:
    [fallback] = alertmanager(registry(), Receivers(directory="/secrets"))["receivers"]
    assert fallback == {"name": "fallback", "webhook_configs": [{"url_file": "/secrets/fallback"}]}


def test_an_address_may_be_given_and_its_token_comes_from_a_file() -> None:
    addresses = {
        "fallback": [Address(url="http://hooks/x", credentials_file="/secrets/token")],
        "a": [Address(url_file="/secrets/a")],
    }
    fallback, a = alertmanager(registry(sales="a"), Receivers(addresses))["receivers"]
    authorization = {"authorization": {"credentials_file": "/secrets/token"}}
    assert fallback["webhook_configs"] == [{"url": "http://hooks/x", "http_config": authorization}]
    assert a["webhook_configs"] == [{"url_file": "/secrets/a"}]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", ".", "a/b"])
def test_a_name_that_is_no_name_of_a_file_needs_an_address(name: str) -> None:
    with pytest.raises(RoutingError, match="give its address"):
        alertmanager(registry(sales=name), Receivers())
    assert alertmanager(registry(sales=name), Receivers({name: [Address(url="http://h/")]}))


def test_without_data_the_figures_of_that_department_alone_are_held_back() -> None:
    rules = alertmanager(registry(), Receivers())["inhibit_rules"]
    assert rules[0] == {
        "source_matchers": ['alertname="NoData"'], "target_matchers": ['area="figures"'], "equal": ["department"],
    }  # fmt: skip


@given(st.dictionaries(st.from_regex(r"[a-z0-9_-]{1,9}", fullmatch=True), RECEIVER, max_size=3))
def test_every_receiver_that_a_route_names_is_defined_once(result: dict[str, str]) -> None:
    named = {name: receiver for name, receiver in result.items() if name not in ("company", "unowned")}
    receivers = Receivers({receiver: [Address(url="http://h/")] for receiver in named.values()}, on_call="night")
    config = alertmanager(registry(**named), receivers)
    defined = [item["name"] for item in config["receivers"]]
    assert len(defined) == len(set(defined))
    assert {route["receiver"] for route in config["route"]["routes"]} == set(defined)


def test_text_in_yaml_is_quoted_so_that_none_can_be_more_than_a_text() -> None:
    assert to_yaml({"a": {"b": ['x: "y"\n- z'], "c": True}}) == 'a:\n  b: ["x: \\"y\\"\\n- z"]\n  c: true\n'

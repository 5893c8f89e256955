"""What counts as one name has one owner, under whatever rules."""

from hypothesis import given
from hypothesis import strategies as st

from metrics.ids import is_touchpoint_id
from metrics.registry.attribution import Attribution
from metrics.registry.model import Ownership, Registry
from metrics.registry.names import OTHER, Names, is_other, names_of, names_of_rules
from tests.metrics.registry.test_attribution import LAST_MINUTE, registries, registry_of, rule

WORDS = st.sampled_from(("web", "shop", "cart", "x", "web-1"))
ids = st.lists(WORDS, min_size=1, max_size=4).map(".".join)


def place_of(names: Names, touchpoint: str) -> str:
    """What a touchpoint counts as: itself, or the longest prefix that a rule is about."""
    if touchpoint in names.touchpoints:
        return touchpoint
    fitting = [prefix for prefix in names.prefixes if touchpoint.startswith(prefix)]
    return max(fitting, key=len, default="") + OTHER


SEGMENTS, REGIONS = st.sampled_from(("", "smb", "x")), st.sampled_from(("", "es", "x"))


@given(registries, ids, SEGMENTS, REGIONS, st.integers(0, LAST_MINUTE))
def test_what_counts_as_one_name_has_the_owner_of_each(
    registry: Registry, touchpoint: str, segment: str, region: str, minute: int
) -> None:
    attribution = Attribution(registry)
    known = attribution.names
    labels = segment if segment in known.segments else OTHER, region if region in known.regions else OTHER
    own = attribution.owner(touchpoint, segment, region, "nps", minute * 60)
    for names in (attribution.names, names_of(registry), names_of(registry).plus(["web.x"])):
        counted_as = place_of(names, touchpoint)
        assert counted_as in names.places
        assert attribution.owner(counted_as, *labels, "nps", minute * 60) == own


@given(ids)
def test_the_name_of_the_rest_is_no_id_and_shows_itself(touchpoint: str) -> None:
    assert not is_touchpoint_id(OTHER)
    assert not is_touchpoint_id(f"web.{OTHER}")
    assert is_other(f"web.{OTHER}")
    assert not is_other(touchpoint)


def rules(*patterns: str) -> list[Ownership]:
    return [rule(pattern, "it") for pattern in patterns]


def test_a_longer_prefix_has_a_greater_number_and_an_id_the_greatest() -> None:
    names = names_of_rules(rules("web.shop.*", "*", "web.*", "a.*", "web", "fax"))
    assert names.places == (OTHER, "a.(other)", "web.(other)", "web.shop.(other)", "fax", "web")


def test_what_either_of_two_tells_apart_is_in_both_together() -> None:
    one, two = names_of_rules(rules("web.*", "fax")), names_of_rules(rules("web.shop.*", "fax", "mail"))
    assert one.joined(two) == two.joined(one) == names_of(registry_of(rules("web.*", "web.shop.*", "fax", "mail")))


def test_the_name_of_the_rest_is_no_name_of_its_own() -> None:
    assert names_of_rules([]).plus(segments=[OTHER, "smb"]).of_segments == (OTHER, "", "smb")

"""The targets that the page shows are those of the instant that it is about."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.streams.given import REGISTRY
from tests.streams.web.page_of import AT, Reader, fill, registry_of, serving, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEXT = """
[[target]]
metric = "nps"
department = "sales"
floor = 0
internal = 77
from = 2026-04-03

[[target]]
metric = "nps"
department = "marketing"
floor = 0
internal = 55
from = 2026-03-20
to = 2026-03-28
"""
"""A plan that begins the day after the instant that most of the page's tests look at, and one that was over then."""
RULES = "all => all.map(({ dataset, x1, x2 }) => [Number(dataset.level), x1.baseVal.value, x2.baseVal.value])"


@pytest.fixture(scope="module")
def home(open_module_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site whose registry has a plan for later."""
    store = open_module_store()
    with serving(store, registry_of(tmp_path_factory.mktemp("page"), REGISTRY + NEXT)) as (site, address):
        fill(store, site)
        yield address


async def rules_of(reader: Reader, department: str, at: str) -> list[tuple[float, float, float]]:
    """The targets that are drawn for NPS: level, from where to where."""
    await reader.open(page="department", department=department, range="month", at=at)
    found = await reader.page.locator("#trends [data-metric=nps] line.goal").evaluate_all(RULES)
    return [(level, begin, end) for level, begin, end in found]


async def target_of_nps(reader: Reader) -> str:
    return next(row[8] for row in await reader.cells("#figures table") if row[0].startswith("NPS"))


@pytest.mark.long
async def test_a_target_that_begins_later_is_not_drawn_for_an_instant_before(reader: Reader) -> None:
    assert {level for level, _, _ in await rules_of(reader, "sales", AT)} == {40, 60}
    assert await target_of_nps(reader) == shown(40)


@pytest.mark.long
async def test_a_target_is_drawn_while_it_holds_and_the_general_one_outside_of_it(reader: Reader) -> None:
    drawn = await rules_of(reader, "sales", "2026-04-06T12:00")
    [(_, _, ends)] = [one for one in drawn if one[0] == 40]
    [(_, begins, _)] = [one for one in drawn if one[0] == 77]
    assert ends == begins
    assert await target_of_nps(reader) == shown(77)
    drawn = await rules_of(reader, "marketing", AT)
    [early, late] = sorted(one for one in drawn if one[0] == 40)
    [own] = [one for one in drawn if one[0] == 55]
    assert early[2] == own[1] < own[2] == late[1] < late[2]
    assert await target_of_nps(reader) == shown(40)

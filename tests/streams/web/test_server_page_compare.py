"""Two instants, in a real Chromium: the picture, the table and the sentence say what the API does of both."""

from typing import Any

import numpy as np
import pytest

from metrics.catalogue import METRICS
from metrics.figures.intervals import wilson
from tests.streams.web.page_of import AT, Reader, difference_interval, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
OTHER = "2026-03-11T00:00"
MARKS = """all => all.map(({ dataset: d, parentNode, classList }) => [
  parentNode.dataset.metric, classList.contains('from'), d.at, Number(d.value),
  d.low === undefined ? null : Number(d.low), d.high === undefined ? null : Number(d.high)])"""


async def figures_of(reader: Reader, department: str) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {metric: {} for metric in METRICS}
    for at in (OTHER, AT):
        for row in await reader.told("balances", department=department, at=f"{at}:00Z"):
            if row["horizon"] == row["term"]:
                figures[row["metric"]][at] = row
    return figures


def is_beyond_noise(before: dict[str, Any], after: dict[str, Any]) -> bool:
    if None in [row[name] for row in (before, after) for name in ("ci_low", "ci_high")]:
        return False
    low, high = difference_interval(before, after)
    return low > 0 or high < 0


async def test_marks_and_sentence_are_the_figures_of_both_instants(reader: Reader) -> None:
    for department, name in (("company", "Whole company"), ("sales", "Sales")):
        await reader.open(page="compare", other=OTHER, department=department)
        figures = await figures_of(reader, department)
        marks = await reader.page.locator("#dumbbells [data-value]").evaluate_all(MARKS)
        wanted = [
            [metric, at == OTHER, row["at"], row["value"], row["ci_low"], row["ci_high"]]
            for metric, rows in figures.items()
            for at, row in rows.items()
            if row["value"] is not None and AT in rows
        ]
        assert sorted(map(str, marks)) == sorted(map(str, wanted))
        assert marks
        judgement = await reader.page.locator(".judgement").inner_text()
        moved = {
            metric: rows[AT]["value"] - rows[OTHER]["value"]
            for metric, rows in figures.items()
            if len(rows) == 2 and is_beyond_noise(rows[OTHER], rows[AT])
        }
        for metric, change in moved.items():
            assert f"({change:+.1f})" in judgement, metric
        assert ("better" in judgement) == any(change > 0 for change in moved.values())
        assert ("worse" in judgement) == any(change < 0 for change in moved.values())
        assert judgement.startswith(name)
        assert "Mar 11, 2026" in judgement
        label = await reader.page.locator("#dumbbells svg").get_attribute("aria-label") or ""
        assert judgement.splitlines()[0] in label
        rows = await reader.cells()
        assert len(rows) == await reader.page.locator("#dumbbells [data-metric]").count()


DIFFERENCES = """pairs => import('/static/shared.js').then(m => pairs.map(([then, now]) => m.difference(then, now)))"""


def figure(value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    return {"value": value, "ci_low": low, "ci_high": high, "n": 90, "n_eff": 90.0, "suppressed": ""}


async def test_a_difference_has_an_interval_of_its_own(reader: Reader) -> None:
    await reader.open(page="compare")
    apart, alike = [figure(40, 35, 45), figure(48, 43, 53)], [figure(40, 35, 45), figure(46, 41, 51)]
    uneven, bare, none = (
        [figure(3, 0, 7), figure(9, 5, 10)],
        [figure(3, None, None), figure(9, 5, 10)],
        [None, apart[0]],
    )
    found = await reader.page.evaluate(
        DIFFERENCES, [apart, alike, uneven, bare, none, [figure(None, None, None), apart[0]]]
    )
    # The intervals of the first pair overlap, and all the same their difference is beyond noise.
    assert [one["isBeyond"] for one in found] == [True, False, True, None, None, None]
    assert [one["change"] for one in found] == [8, 6, 6, 6, None, None]
    for one, (before, after) in zip(found, (apart, alike, uneven), strict=False):
        assert (one["ci_low"], one["ci_high"]) == pytest.approx(difference_interval(before, after))
    assert (found[2]["ci_low"], found[2]["ci_high"]) == pytest.approx((6 - 32**0.5, 6 + 10**0.5))


def share(answers: Any, weights: Any) -> dict[str, Any]:
    """A share with its interval, of days of ten answers that are weighted."""
    value = float((answers * weights).sum() / (10 * weights.sum()))
    return figure(value, *wilson(value, float(10 * weights.sum() ** 2 / (weights**2).sum())))


def found_beyond(half_life: float, fall: float) -> float:
    """In how many of 400 streams the share a month ago and that of now are told apart, 0..1."""
    days = np.arange(-8 * half_life, 31)
    then, now = np.where(days <= 0, np.exp2(days / half_life), 0), np.exp2((days - 30) / half_life)
    drawn = np.random.default_rng(7).binomial(10, np.where(days <= 0, 0.75, 0.75 - fall), (400, len(days)))
    return sum(is_beyond_noise(share(row, then), share(row, now)) for row in drawn) / len(drawn)


@pytest.mark.parametrize("half_life", [7, 90])
async def test_instants_that_share_answers_are_not_called_different_more_often_than_said(half_life: float) -> None:
    # Five of a hundred, and twice the standard error of 400 draws.
    assert found_beyond(half_life, 0.0) <= 0.05 + 0.022
    assert found_beyond(half_life, 0.2) > 0.9


async def test_both_instants_are_chosen_in_the_view_and_stay_in_the_address(reader: Reader) -> None:
    await reader.open(page="compare", department="sales", lang="es")
    await reader.page.locator("main [name=other]").fill("2026-03-12T00:00")
    await reader.until("location.search.includes('other=2026-03-12T00%3A00')")
    await reader.page.locator("main [name=at]").fill("2026-04-02T06:00")
    await reader.until("location.search.includes('at=2026-04-02T06%3A00')")
    await reader.until("document.querySelector('.judgement')?.textContent.includes('06:00')")
    query = {"department": "sales", "metric": "nps", "horizon": "long", "at": "2026-04-02T06:00:00Z"}
    rows = await reader.told("balances", **query)
    cells = {row[0].split(" ")[0]: row for row in await reader.cells()}
    assert rows
    for row in rows:
        assert cells["NPS"][4] == shown(row["value"]).replace(".", ",")

"""A drift is the same wherever it is shown, and so is what the alert budget means: figures, words and local days."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from metrics.drift.onset import Onset
from streams.drift import repository
from streams.figures import minutes
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of
from tests.streams.web.page_of import Reader, one_language, reading, registry_of, serving, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
BEGIN = datetime(2026, 4, 2, tzinfo=UTC)
SINCE = datetime(2026, 4, 12, 22, 30, tzinfo=UTC)
"""Half past midnight of the 13th in Rome."""
EARLIEST = datetime(2026, 4, 10, tzinfo=UTC)
AT = "2026-04-16T00:00"
LATER = datetime(2026, 5, 1, tzinfo=UTC)
"""An alarm about answers of which there are none."""
BUDGET = {
    "en": "All detectors together may raise about 1 false alarm a month; in the last 30 days they raised 1 alarm, true "
    "or false.",
    "it": "Tutti i rilevatori insieme possono dare circa 1 falso allarme al mese; negli ultimi 30 giorni hanno dato 1 "
    "allarme, vero o falso.",
    "es": "Todos los detectores juntos pueden dar alrededor de 1 falsa alerta al mes; en los últimos 30 días dieron 1 "
    "alerta, verdadera o falsa.",
}
BETWEEN = {"en": "(between ", "it": "(tra ", "es": "(entre "}
SINCE_WORDS = {"en": "since 13 April 2026", "it": "dal 13 aprile 2026", "es": "desde el 13 de abril de 2026"}
ON_PAGE = {
    "en": "since Apr 13, 2026 (between Apr 10 and Apr 13)",
    "it": "dal 13 apr 2026 (tra il 10 apr e il 13 apr)",
    "es": "desde el 13 abr 2026 (entre el 10 abr y el 13 abr)",
}


class Alarmed(NamedTuple):
    """A site in Rome with one alarm, and the environment of the same for commands."""

    home: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def alarmed(
    engine: EngineProcess, open_module_store: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Alarmed]:
    store: Store = open_module_store()
    rome = REGISTRY.replace('version = "v1"', 'version = "v1"\ntimezone = "Europe/Rome"')
    goals = "".join(f'\n[[target]]\nmetric = "{name}"\nfloor = 0\ninternal = 80\n' for name in ("csat", "retention"))
    registry: Path = registry_of(tmp_path_factory.mktemp("registry"), rome + goals)
    with serving(store, registry) as (site, home):
        visits = [event(f"v-{n}", "visit", BEGIN + timedelta(hours=n)) for n in range(330)]
        usual = [event(n, "csat", BEGIN + timedelta(minutes=20 * n), score=2 if n % 5 else 4) for n in range(700)]
        worse = [event(f"w-{n}", "csat", SINCE + timedelta(minutes=30 * n), score=1) for n in range(77)]
        store.insert_facts(facts_of(visits + usual + worse, site.registry_watcher.current))
        list(minutes.refresh(store, timedelta(0)))
        start_s, end_s, since_s = (int(at.timestamp()) for at in (BEGIN, BEGIN + timedelta(days=7), SINCE))
        baseline = Baseline("sales", "csat", 1, "automatic", start_s, end_s, end_s, 1000.0, 0.2, 0.4, 0.0, 1.0, 150.0)
        silent = replace(baseline, metric="nps")
        repository.save_baselines(store, [(baseline, ""), (silent, "")])
        later_s = int(LATER.timestamp())
        began = Onset(int(EARLIEST.timestamp()), since_s + 7200)
        alarms = [
            Alarm(since_s + 7200, "sales", "csat", "down", since_s, 41.0, 30.0, baseline.id, began),
            Alarm(later_s + 7200, "sales", "nps", "down", later_s, 41.0, 30.0, silent.id),
        ]
        repository.save_alarms(store, alarms, 0)
        yield Alarmed(home, environment_of(engine, store, registry))


def answer(home: str, path: str) -> Any:
    return json.loads(urlopen(f"{home}/api/v1/{path}").read())


@pytest.mark.long
async def test_every_surface_tells_one_drift_with_the_same_figures_and_day(browser: Browser, alarmed: Alarmed) -> None:
    [story] = json.loads(cxb("drift", "--at", f"{AT}:00Z", "--json", **alarmed.environment).stdout)
    figures = (story["before"], story["after"], story["n_after"])
    assert figures[0] > figures[1] == 0.0
    assert "down since 13 April 2026 (between 10 April and 13 April): " in story["text"]
    assert (story["since_from"], story["since_to"]) == ("2026-04-10T00:00:00Z", "2026-04-13T00:30:00Z")
    table = cxb("drift", "--at", f"{AT}:00Z", **alarmed.environment).stdout
    assert table.splitlines()[1].split("\t")[3] == "2026-04-13 00:30"
    [row] = await asyncio.to_thread(answer, alarmed.home, f"drift/now?at={AT}:00Z")
    assert row == story
    for lang, since in SINCE_WORDS.items():
        period = ("--from", "2026-04-01", "--to", f"{AT}:00Z", "--lang", lang)
        for written in (
            json.loads(cxb("report", *period, "--json", **alarmed.environment).stdout),
            await asyncio.to_thread(answer, alarmed.home, f"report?from=2026-04-01&to={AT}:00Z&lang={lang}"),
        ):
            [said] = [one for part in written["sections"] for one in part["statements"] if one["kind"] == "drift_down"]
            assert (said["before"], said["figure"], said["n"]) == pytest.approx(figures)
            assert said["text"].endswith(since)
            assert (said["since"], written["alarms"]["alarms"]) == (story["since"], 1)
        look = await asyncio.to_thread(answer, alarmed.home, f"overview?at={AT}:00Z&lang={lang}")
        assert look["statements"] == [said]
        async with reading(browser, alarmed.home) as reader:
            await reader.page.goto(f"{alarmed.home}/?page=drift&at={AT}&lang={lang}")
            await reader.shows("drift")
            text = await reader.page.locator("#drifting").inner_text()
            assert ON_PAGE[lang] in text
            numbers = [shown(value).replace(".", "." if lang == "en" else ",") for value in figures[:2]]
            assert " → ".join(numbers) in text
            assert await reader.page.locator("#budget").inner_text() == BUDGET[lang]
            assert reader.complaints == []


@pytest.mark.long
@pytest.mark.parametrize("lang", one_language(BUDGET))
async def test_the_report_has_a_line_about_the_budget_however_it_is_written(alarmed: Alarmed, lang: str) -> None:
    period = ("--from", "2026-04-01", "--to", "2026-04-16", "--lang", lang)
    line = json.loads(cxb("report", *period, "--json", **alarmed.environment).stdout)["alarms"]["text"]
    days = {"en": "in the 30 days to 15 April 2026", "it": "nei 30 giorni fino al 15 aprile 2026",
            "es": "en los 30 días hasta el 15 de abril de 2026"}  # fmt: skip
    assert line == re.sub("in the last 30 days|negli ultimi 30 giorni|en los últimos 30 días", days[lang], BUDGET[lang])
    for form in ("md", "html"):
        assert line in cxb("report", *period, "--format", form, **alarmed.environment).stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("lang", "mark", "evidence"),
    [
        ("en", "(1 of 3 metrics)", "an index rests on 1 of 3 metrics"),
        ("it", "(1 metrica su 3)", "un indice si basa su 1 metrica di 3"),
        ("es", "(1 métrica de 3)", "un índice se basa en 1 métrica de 3"),
    ],
)
async def test_an_index_on_a_single_metric_of_several_is_marked_wherever_it_is_shown(
    browser: Browser, alarmed: Alarmed, lang: str, mark: str, evidence: str
) -> None:
    cards = json.loads(cxb("scorecards", "--at", f"{AT}:00Z", "--json", **alarmed.environment).stdout)
    [card] = [card for card in cards if card["department"] == "sales"]
    assert (card["long_metrics"], card["long_targets"]) == (1, 3)
    [row] = await asyncio.to_thread(answer, alarmed.home, f"scorecards?at={AT}:00Z&department=sales")
    assert row == card
    table = cxb("scorecards", "--at", f"{AT}:00Z", **alarmed.environment).stdout
    rows = [line.split("\t") for line in table.splitlines()]
    [note] = [row[-1] for row in rows if row[0] == "sales"]
    assert note.startswith("long: 1 of 3 metrics; ")
    async with reading(browser, alarmed.home) as reader:
        for page in ("overview", "department"):
            await reader.page.goto(f"{alarmed.home}/?page={page}&department=sales&at={AT}&lang={lang}")
            await reader.shows(page)
            assert mark in await reader.page.locator("main").inner_text()
    period = ("--from", "2026-04-01", "--to", f"{AT}:00Z", "--lang", lang, "--json")
    written = json.loads(cxb("report", *period, **alarmed.environment).stdout)
    said = [one for part in written["sections"] for one in part["statements"] if one["kind"] == "balance"]
    assert said
    assert all(evidence in one["evidence"] and (one["metrics"], one["targets"]) == (1, 3) for one in said)


@pytest.mark.parametrize(
    ("lang", "page", "report"),
    [
        ("en", "nothing to judge by, no observations before or since", "there is nothing to judge by"),
        pytest.param(
            "it",
            "nulla su cui basare un giudizio, nessuna osservazione",
            "non c'è nulla su cui basare un giudizio",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "es",
            "nada en que basar un juicio, ninguna observación",
            "no hay nada en que basar un juicio",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_a_drift_without_observations_is_judged_nowhere(
    browser: Browser, alarmed: Alarmed, lang: str, page: str, report: str
) -> None:
    stories = json.loads(cxb("drift", "--at", "2026-05-02", "--json", **alarmed.environment).stdout)
    [story] = [row for row in stories if row["metric"] == "nps"]
    assert (story["before"], story["after"], story["n_before"], story["n_after"]) == (None, None, 0, 0)
    assert "nothing to judge by, for there are no observations before" in story["text"]
    assert (story["since_from"], story["since_to"], "between" in story["text"]) == (None, None, False)
    period = ("--from", "2026-04-01", "--to", "2026-05-02T00:00:00Z", "--lang", lang, "--json")
    written = json.loads(cxb("report", *period, **alarmed.environment).stdout)
    [said] = [one for part in written["sections"] for one in part["statements"] if one["metric"] == "nps"]
    assert (said["kind"], report in said["text"]) == ("drift_unclear", True)
    async with reading(browser, alarmed.home) as reader:
        await reader.page.goto(f"{alarmed.home}/?page=drift&at=2026-05-02T00:00&lang={lang}")
        await reader.shows("drift")
        text = await reader.page.locator("#drifting").inner_text()
        assert page in text
        assert text.count(BETWEEN[lang]) == 1  # of the other drift alone


DAYS = "all => all.map(one => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"


@pytest.mark.long
async def test_days_below_a_drift_stand_apart_and_inside_of_the_picture(browser: Browser, alarmed: Alarmed) -> None:
    for width in (320, 390, 1280):
        async with reading(browser, alarmed.home, viewport={"width": width, "height": 800}) as reader:
            await reader.page.goto(f"{alarmed.home}/?page=drift&at={AT}&lang=en")
            await reader.page.wait_for_selector("svg.drift circle")
            days = await reader.page.locator("svg.drift .axes text[text-anchor=middle]").evaluate_all(DAYS)
            [(left, right)] = await reader.page.locator("svg.drift").evaluate_all(DAYS)
            assert days
            edges = [edge for day in days for edge in day]
            assert [left, *edges, right] == sorted([left, *edges, right]), width


MARKS = """all => all.map(({ dataset: { at, value, low, high } }) =>
  [at, Number(value), low === undefined ? null : Number(low), high === undefined ? null : Number(high)])"""


async def bars_add_up(reader: Reader, story: Any) -> None:
    """The bars of each dimension are the API's contributions, and come to the whole change."""
    for dimension, parts in story["contributions"].items():
        bars = await reader.page.locator(f"[data-dimension={dimension}] rect").evaluate_all(
            "all => all.map(one => [one.dataset.group, Number(one.dataset.value)])"
        )
        if not any(part["group"] for part in parts):
            assert bars == []  # the events say no segment and no region
            continue
        assert bars == [[part["group"], part["change"]] for part in parts]
        assert sum(change for _, change in bars) == pytest.approx(story["after"] - story["before"], abs=1e-9)


async def test_the_way_of_a_metric_its_usual_level_and_what_adds_up_are_the_apis(
    browser: Browser, alarmed: Alarmed
) -> None:
    [story] = await asyncio.to_thread(answer, alarmed.home, f"drift/now?at={AT}:00Z")
    assert story["baseline_value"] == pytest.approx(20.0)
    assert story["baseline_low"] < 20.0 < story["baseline_high"]
    query = f"department=sales&metric=csat&horizon=short&to={AT}:00Z&from=2026-02-26"
    points = await asyncio.to_thread(answer, alarmed.home, f"trends?{query}")
    async with reading(browser, alarmed.home, viewport={"width": 320, "height": 640}) as reader:
        await reader.page.goto(f"{alarmed.home}/?page=drift&at={AT}&lang=en")
        await reader.page.wait_for_selector("svg.drift circle")
        marks = await reader.page.locator("svg.drift circle").evaluate_all(MARKS)
        assert marks == [
            [row["at"], *(row[name] for name in ("value", "ci_low", "ci_high"))]
            for row in points
            if row["value"] is not None
        ]
        assert marks
        [usual] = await reader.page.locator("svg.drift .usual").evaluate_all(
            "all => all.map(one => ({...one.dataset}))"
        )
        for name, kept in (("value", "baseline_value"), ("low", "baseline_low"), ("high", "baseline_high")):
            assert float(usual[name]) == pytest.approx(story[kept], abs=1e-9)
        assert await reader.page.locator("svg.drift .since-line").get_attribute("data-at") == story["since"]
        await bars_add_up(reader, story)
        assert await reader.page.locator("svg.drift .inside").text_content() == "Since Apr 13, 2026"  # by Rome's clocks
        text = await reader.page.locator("#drifting").inner_text()
        assert text.index("1 metric is changing beyond noise") < text.index("All detectors together")
        assert "Checkout went from Marketing to Sales" in text
        assert "41.0" not in text  # the statistic is a detail
        await reader.page.locator("#drifting summary").click()
        assert "41.0" in await reader.page.locator("#drifting dl").inner_text()
        assert len(await reader.cells("#drifting .points table")) == len(points)
        assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert reader.complaints == []

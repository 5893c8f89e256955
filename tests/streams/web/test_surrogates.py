"""Surrogates over HTTP."""

import asyncio
import json
from datetime import timedelta

from streams.figures import minutes
from streams.governance.surrogates import as_json, compute
from streams.registry.file import CompiledRegistry
from streams.web.answers import Site
from streams.web.surrogates import SurrogatesAnswer
from tests.streams.given import facts_of
from tests.streams.governance.test_surrogates import AT, busy_weeks
from tests.streams.web.served import Served
from tests.streams.web.test_responses import as_fractions, as_typed


async def test_the_answer_is_that_of_the_instant_and_department(
    served: Served, site: Site, compiled: CompiledRegistry
) -> None:
    await asyncio.to_thread(site.store.insert_facts, facts_of(busy_weeks(), compiled))
    await asyncio.to_thread(lambda: list(minutes.refresh(site.store, timedelta(seconds=3))))
    answer = await served.get("/api/v1/surrogates", at=f"{AT:%FT%TZ}", department="sales")
    wanted = await asyncio.to_thread(lambda: as_json(compute(site.store, compiled, AT), "sales"))
    assert answer.json == json.loads(json.dumps(wanted))
    assert [pair["reading"] for pair in answer.json["pairs"]] == ["long_will_follow"]
    by_touchpoint = await served.get("/api/v1/surrogates", at=f"{AT:%FT%TZ}", department="sales", by="touchpoint")
    wanted = await asyncio.to_thread(lambda: as_json(compute(site.store, compiled, AT, "touchpoint"), "sales"))
    assert by_touchpoint.json == json.loads(json.dumps(wanted))
    assert [pair["touchpoint"] for pair in by_touchpoint.json["pairs"]] == ["web.checkout"]
    assert as_typed(answer.json, SurrogatesAnswer)["pairs"] == as_fractions(answer.json)["pairs"]

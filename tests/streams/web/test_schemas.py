"""The contract over the API: a list, and each document as it is installed."""

import json

from streams.contract.files import DOCUMENTS, contract_text
from tests.streams.web.served import Served


async def test_the_list_has_every_document_and_where_it_is(served: Served) -> None:
    rows = (await served.get("/api/v1/schemas")).json
    assert [row["name"] for row in rows] == list(DOCUMENTS)
    for row in rows:
        answer = await served.get(row["path"])
        assert answer.status == 200
        assert answer.json == json.loads(contract_text(row["name"]))
        assert row["id"] in (answer.json.get("$id"), answer.json.get("id"))
        assert row["title"]
        assert row["description"]


async def test_what_there_is_not_is_refused_with_what_there_is(served: Served) -> None:
    for name in ("NPS", "java", "event.json"):
        answer = await served.get(f"/api/v1/schemas/{name}")
        assert answer.status == 400
        assert "name" in answer.json["error"]
        assert "repeat_purchase" in answer.json["error"]


async def test_a_name_is_given_once_and_nothing_else_is(served: Served) -> None:
    for name in ("name", "kind"):
        assert (await served.get("/api/v1/schemas/nps", params=[(name, "nps")])).status == 400

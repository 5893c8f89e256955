"""The gateway of `cxb up`, and docs/gateway.md: each of its commands and programs works as it stands."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.documents import PROJECT, Block, blocks
from tests.e2e.running import SAMPLE, cxb, environment, instance, up, usual_ports_taken

pytestmark = pytest.mark.embedded

DOCUMENTED = "http://127.0.0.1:6067"
BLOCKS = [block for block in blocks() if block.document.name == "gateway.md"]
SENDING = [block for block in BLOCKS if DOCUMENTED in block.text and "/v1/events" in block.text]
HOOK = [block for block in BLOCKS if "/v1/sources/" in block.text and block.language in ("sh", "toml")]
EXPECTED = {"accepted": 1}


def run(block: Block, url: str, folder: Path) -> str:
    """What a block prints, with the gateway where it is in this test."""
    text = block.text.replace(DOCUMENTED, url)
    if block.language == "js" and shutil.which("node") is None:
        pytest.skip("no Node")
    programs = {
        "sh": ["bash", "-euc", text],
        "js": ["node", "--input-type=module", "-e", text],
        "python": [sys.executable, "-c", text],
    }
    done = subprocess.run(
        programs[block.language],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment({}),
        timeout=60,
        check=True,
    )
    return done.stdout


def ask(data: Path, statement: str) -> str:
    """What the store of an instance answers."""
    record = instance(data)
    credentials = b64encode(f"{record['user']}:{record['password']}".encode()).decode()
    request = urllib.request.Request(
        f"{record['store_url']}/?database=cx", statement.encode(), {"Authorization": f"Basic {credentials}"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return str(response.read().decode().strip())


def post(url: str, body: Any) -> int:
    """Sends something as JSON; the status."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return int(response.status)


def eventually_counted(data: Path, expected: int, condition: str) -> None:
    """Waits until so many facts have landed."""
    statement, deadline = f"SELECT count() FROM events FINAL WHERE {condition}", time.monotonic() + 20
    while (counted := ask(data, statement)) != str(expected):
        assert time.monotonic() < deadline, counted
        time.sleep(0.1)


def test_the_guide_has_programs_in_three_languages() -> None:
    assert sorted(block.language for block in SENDING) == ["js", "python", "sh", "sh", "sh"]


@pytest.mark.long
def test_every_program_of_the_guide_does_what_it_says(data: Path, tmp_path: Path) -> None:
    url = instance(data)["gateway_url"]
    printed = [run(block, url, tmp_path) for block in SENDING]
    first, refused, script, program, enveloped = printed
    assert json.loads(first) == json.loads(enveloped) == EXPECTED
    assert [json.loads(block.text) for block in BLOCKS if block.language == "json"] == [EXPECTED, json.loads(refused)]
    assert script.split() == ["202", "{", "accepted:", "1", "}"]
    assert program == "202 {'accepted': 500}\n"
    eventually_counted(data, 503, "source = 'web-shop'")


def test_the_webhook_of_the_guide_is_mapped_and_counts(tmp_path: Path) -> None:
    sources, call = HOOK
    (tmp_path / "sources.toml").write_text(sources.text)
    (tmp_path / "registry.toml").write_text(SAMPLE)
    data, variables = tmp_path / "data", {"CXB_SOURCES": str(tmp_path / "sources.toml")}
    with usual_ports_taken(), up(data, "--registry", str(tmp_path / "registry.toml"), variables=variables):
        assert json.loads(run(call, instance(data)["gateway_url"], tmp_path)) == EXPECTED
        eventually_counted(data, 1, "source = 'segment' AND kind = 'visit' AND touchpoint = 'web.site'")


def test_the_same_event_sent_again_counts_once(data: Path) -> None:
    url = f"{instance(data)['gateway_url']}/v1/events"
    event = {
        "event_id": "again", "source": "twice", "kind": "visit", "touchpoint": "web.site",
        "occurred_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    assert [post(url, event) for _ in range(3)] == [202] * 3
    assert post(url, [event] * 5 + [{**event, "event_id": "last"}]) == 202
    eventually_counted(data, 1, "source = 'twice' AND event_id = 'last'")
    eventually_counted(data, 2, "source = 'twice'")


@pytest.mark.long
def test_the_command_of_the_guide_makes_a_token_that_the_file_in_the_guide_has_the_shape_of(tmp_path: Path) -> None:
    [command] = [block for block in BLOCKS if block.language == "sh" and "gateway token" in block.text]
    words = command.text.replace("'", "").split()[1:]
    path = tmp_path / "publishers.toml"
    words[words.index("publishers.toml")] = str(path)
    made = cxb(*words, variables={})
    assert made.stdout.startswith("cxg_")
    assert made.stdout.strip() not in path.read_text()
    assert "has its hash alone" in made.stderr
    again = json.loads(cxb("gateway", "token", "shop", "--file", str(path), "--json", variables={}).stdout)
    assert (again["publisher"], again["file"]) == ("shop", str(path))
    assert again["token"] != made.stdout.strip()
    assert path.read_text().count("sha256:") == 2
    assert "give --source" in cxb("gateway", "token", "crm", "--file", str(path), variables={}, expect=3).stderr
    assert "which file?" in cxb("gateway", "token", "shop", variables={}, expect=3).stderr
    said = cxb("gateway", variables={"CXB_GATEWAY_HOST": "0.0.0.0"}, expect=3).stderr
    assert "set CXB_GATEWAY_PUBLISHERS" in said
    assert (PROJECT / "docs" / "gateway.md").read_text().count("CXB_GATEWAY_PUBLISHERS") > 0

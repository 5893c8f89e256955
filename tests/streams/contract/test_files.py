"""The files that are installed are what the code makes, all of them, and nothing else."""

import json
import subprocess
import sys

from deploy.contract.generate import FOLDER, PROJECT, contract_files
from streams.contract.files import DOCUMENTS, FILES, SOURCES, contract_text


def test_the_files_are_what_the_code_makes() -> None:
    made = contract_files()
    assert {*made, SOURCES["typescript"]} == {*FILES.values()}  # the types need Node: tests/deploy/contract
    assert [name for name, text in made.items() if (FOLDER / name).read_text("utf-8") != text] == [], "run make schemas"


def test_there_are_no_others() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*FILES.values()}


def test_every_file_can_be_read_by_its_name() -> None:
    for name, file in FILES.items():
        assert contract_text(name) == (FOLDER / file).read_text("utf-8")
    assert all(isinstance(json.loads(contract_text(name)), dict) for name in DOCUMENTS)


def test_they_are_made_the_same_each_time_by_whichever_process() -> None:
    program = "from deploy.contract.generate import contract_files; import hashlib, json;"
    program += "print(hashlib.sha256(json.dumps(contract_files()).encode()).hexdigest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=PROJECT, timeout=60,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.embedded import instance as record
from streams.embedded.instance import AlreadyRunning, BadKey, Instance, InstanceError, NoInstance, Starting
from streams.settings.customer_keys import customer_keys
from streams.settings.settings import load


def here(pid: int | None = None, started: int | None = None) -> Instance:
    mine = os.getpid()
    return Instance(
        pid=pid or mine,
        started=started or record.start_time(pid or mine),
        kafka="127.0.0.1:9092",
        store_url="http://127.0.0.1:8123",
        user="cx",
        password="hush",
        web_url="http://127.0.0.1:6066",
        registry="/r.toml",
        version="0",
    )


def test_what_was_written_is_found_while_its_process_lives(tmp_path: Path) -> None:
    record.write(tmp_path, here())
    assert record.find(tmp_path) == here()


def test_the_record_is_for_its_owner_alone_and_leaves_no_draft(tmp_path: Path) -> None:
    record.write(tmp_path, here())
    record.write(tmp_path, here())
    assert [(p.name, p.stat().st_mode & 0o777) for p in tmp_path.iterdir()] == [("instance.json", 0o600)]


def test_a_printed_instance_hides_the_password() -> None:
    assert "hush" not in f"{here()} {here()!r}"


def test_without_a_record_the_error_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(NoInstance) as caught:
        record.find(tmp_path)
    assert caught.value.message == f"no instance runs on {tmp_path}"
    assert caught.value.remedy.startswith(f"start one with: cxb up --data {tmp_path}; ")
    assert "CXB_CLICKHOUSE_URL" in caught.value.remedy


def test_a_removed_record_is_gone_and_removing_it_again_is_no_error(tmp_path: Path) -> None:
    record.write(tmp_path, here())
    record.remove(tmp_path)
    record.remove(tmp_path)
    with pytest.raises(NoInstance):
        record.read(tmp_path)


def test_a_record_of_a_dead_process_is_stale(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    record.write(tmp_path, here(pid=dead.pid))
    with pytest.raises(NoInstance, match=f"process {dead.pid}.* has ended"):
        record.find(tmp_path)


@pytest.mark.skipif(record.start_time(os.getpid()) is None, reason="the system does not show start times")
def test_a_pid_that_another_process_took_over_is_stale(tmp_path: Path) -> None:
    record.write(tmp_path, here(started=1))
    with pytest.raises(NoInstance):
        record.find(tmp_path)


def test_a_process_of_another_user_counts_as_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    monkeypatch.setattr(os, "kill", refuse)
    record.write(tmp_path, here())
    assert record.find(tmp_path) == here()


@pytest.mark.parametrize("content", ["", "{}", '{"pid": "x"}', "[]"])
def test_a_damaged_record_is_reported_with_its_path(tmp_path: Path, content: str) -> None:
    (tmp_path / "instance.json").write_text(content)
    with pytest.raises(InstanceError, match=r"instance\.json is damaged: "):
        record.find(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_record_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    record.write(tmp_path, here())
    (tmp_path / "instance.json").chmod(0)
    with pytest.raises(InstanceError, match="belongs to another user"):
        record.find(tmp_path)


def test_a_directory_is_claimed_once_and_the_refusal_names_the_process(tmp_path: Path) -> None:
    data = tmp_path / "new"
    with record.claim(data):
        assert data.stat().st_mode & 0o777 == 0o700
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()} already runs .*; stop it with: kill "):
            record.claim(data).__enter__()
    with record.claim(data):
        pass


def test_who_asks_while_it_is_claimed_hears_that_an_instance_starts_and_after_it_that_none_runs(tmp_path: Path) -> None:
    with record.claim(tmp_path), pytest.raises(Starting, match=r"\) is starting and not ready yet; try again in a few"):
        record.find(tmp_path)
    with pytest.raises(NoInstance, match="no instance runs"):
        record.find(tmp_path)


@pytest.mark.parametrize("content", ["", "\n", "what", "{pid}1 5", "{pid} 1", "\udcff"])
def test_a_lock_that_nobody_holds_starts_nothing(tmp_path: Path, content: str) -> None:
    text = content.format(pid=os.getpid())
    (tmp_path / "lock").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(NoInstance, match="no instance runs"):
        record.find(tmp_path)


def test_a_killed_process_leaves_the_directory_free(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time; from streams.embedded.instance import claim\n"
        "with claim(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning, match=f"process {holder.pid} "):
            record.claim(tmp_path).__enter__()
        holder.kill()
    with record.claim(tmp_path):
        pass


def test_the_customer_key_is_made_once_random_and_private(tmp_path: Path) -> None:
    key = record.customer_key(tmp_path)
    first = key.read_text()
    assert (len(bytes.fromhex(first)), key.stat().st_mode & 0o777) == (32, 0o600)
    assert record.customer_key(tmp_path).read_text() == first
    key.unlink()
    assert record.customer_key(tmp_path).read_text() != first


def test_a_customer_key_that_was_lost_is_not_replaced_next_to_facts(tmp_path: Path) -> None:
    key = record.customer_key(tmp_path)
    (tmp_path / "store").mkdir()
    assert record.customer_key(tmp_path) == key
    key.unlink()
    with pytest.raises(BadKey, match=f"{key} is missing.*restore it from a backup.*openssl rand -hex 32 > {key}"):
        record.customer_key(tmp_path)
    assert not key.exists()


def test_a_customer_key_may_be_followed_by_old_ones_and_by_ids_of_destroyed_ones(tmp_path: Path) -> None:
    key = record.customer_key(tmp_path)
    key.write_text(f"{'ab' * 32}\n{'cd' * 32} 0123abcd\n")
    assert record.customer_key(tmp_path) == key
    key.write_text("0123abcd\n")
    with pytest.raises(BadKey, match="64 hexadecimal digits"):
        record.customer_key(tmp_path)


def test_a_key_is_written_as_in_server_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = record.customer_key(tmp_path)
    key.write_text(f"{'AB' * 32} 0123ABCD\n")
    monkeypatch.setenv("CXB_CUSTOMER_KEY_FILE", str(record.customer_key(tmp_path)))
    assert customer_keys(load()) == (bytes.fromhex("ab" * 32),)


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_customer_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    key = record.customer_key(tmp_path)
    key.chmod(mode)
    with pytest.raises(BadKey, match=f"run: chmod 600 {key}"):
        record.customer_key(tmp_path)


def test_a_customer_key_that_is_none_is_refused_and_kept(tmp_path: Path) -> None:
    key = record.customer_key(tmp_path)
    key.write_text("short")
    with pytest.raises(BadKey, match="64 hexadecimal digits"):
        record.customer_key(tmp_path)
    assert key.read_text() == "short"


def test_the_password_of_the_reading_account_is_made_once_and_stays(tmp_path: Path) -> None:
    password = record.reader_password(tmp_path)
    assert len(password) >= 32
    assert record.reader_password(tmp_path) == password
    path = tmp_path / "reader.password"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(record.BadKey, match=r"other users can read .*reader\.password .*; run: chmod 600"):
        record.reader_password(tmp_path)
    path.chmod(0o600)
    path.write_text("\n")
    with pytest.raises(record.BadKey, match="is empty; remove it: the next start makes a new password"):
        record.reader_password(tmp_path)

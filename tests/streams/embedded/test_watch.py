import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from streams.embedded import watch as module
from streams.embedded.processes import Command
from streams.embedded.services import Service
from streams.embedded.watch import Halt, RunningServices, StartFailed, pause_s
from tests.streams.embedded.processes_of import children, until

SLEEP = "import time; time.sleep(60)"


def service(tmp_path: Path, code: str, *, answers: bool = True, name: str = "part", **more: object) -> Service:
    async def answer() -> bool:
        return answers

    command = Command(name, (sys.executable, "-c", code), dict(os.environ), tmp_path / f"{name}.log")
    options: dict[str, object] = {"drain_s": 5.0, "loss": "nothing is lost", **more}
    return Service(command, answer, **options)  # type: ignore[arg-type]


def test_pauses_grow_to_half_a_minute_and_no_further() -> None:
    pauses = [pause_s(n) for n in range(2000)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, 30.0)


async def test_a_part_that_ends_at_the_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    broken = service(tmp_path, "import sys; sys.exit('no such table')", answers=False)
    with pytest.raises(StartFailed, match=r"the part ended at the start with exit code 1; .*\nno such table"):
        async with RunningServices([broken], print, Halt()) as watch:
            await watch.all_answer(30)


async def test_a_part_that_stays_silent_is_named(tmp_path: Path) -> None:
    parts = [service(tmp_path, SLEEP, name="good"), service(tmp_path, SLEEP, answers=False, name="mute")]
    with pytest.raises(StartFailed, match=r"the mute did not answer within 0.3 s"):
        async with RunningServices(parts, print, Halt()) as watch:
            await watch.all_answer(0.3)


async def test_a_program_that_cannot_run_stops_those_already_started(tmp_path: Path) -> None:
    absent = Service(Command("absent", ("/nowhere/broker",), {}, tmp_path / "absent.log"), bool_later, 1, "")
    with pytest.raises(FileNotFoundError, match="/nowhere/broker"):
        await RunningServices([service(tmp_path, SLEEP), absent], print, Halt()).__aenter__()
    assert children(os.getpid(), SLEEP) == []


async def bool_later() -> bool:
    return True


async def test_a_stop_during_the_start_ends_the_wait(tmp_path: Path) -> None:
    halt = Halt()
    async with RunningServices([service(tmp_path, SLEEP, answers=False)], print, halt) as watch:
        asyncio.get_running_loop().call_later(0.1, halt.signal)
        assert not await watch.all_answer(30)


async def test_a_part_that_ends_is_started_again_and_what_depends_on_it_is_so_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_CHECK_S", 0.05)
    said: list[str] = []
    halt = Halt()
    ran = str(tmp_path / "ran")
    once = f"import os, time; new = not os.path.exists({ran!r}); open({ran!r}, 'w'); time.sleep(0.3 if new else 60)"
    first = service(tmp_path, once, name="first", dependants=("second",))
    async with RunningServices([first, service(tmp_path, SLEEP, name="second")], said.append, halt) as watch:
        assert await watch.all_answer(10)
        watching = asyncio.create_task(watch.until_stop_requested())
        await until(lambda: {"the first is back", "the second is back"} <= set(said))
        halt.signal()
        await asyncio.wait_for(watching, 5)
    log = tmp_path / "first.log"
    assert said == [
        "the first ended unexpectedly (exit code 0): nothing is lost. Starting it again in 0.5 s; its log: " + str(log),
        "starting the second again too: it depends on the first",
        *sorted(["the first is back", "the second is back"], key=said.index),  # they start at the same time
    ]


async def test_parts_stop_one_after_another_the_last_first(tmp_path: Path) -> None:
    ended, ready = tmp_path / "ended", tmp_path / "ready"
    on_signal = "open({ended!r}, 'a').write({name!r}); time.sleep(0.2); open({ended!r}, 'a').write({name!r}); exit()"
    wait = "signal.signal(signal.SIGTERM, lambda *_: stop()); open({ready!r}, 'a').write({name!r}); time.sleep(60)"
    code = "import signal, time\ndef stop(): " + on_signal + "\n" + wait
    parts = [service(tmp_path, code.format(ended=str(ended), ready=str(ready), name=name), name=name) for name in "abc"]
    async with RunningServices(parts, print, Halt()) as watch:
        assert await watch.all_answer(10)
        await until(lambda: ready.exists() and sorted(ready.read_text()) == ["a", "b", "c"])
    assert ended.read_text() == "ccbbaa"


async def test_a_part_that_cannot_be_started_again_ends_the_watch(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    command = Command("part", (str(program), "-c", "import time; time.sleep(0.3)"), {}, tmp_path / "log")
    async with RunningServices([Service(command, bool_later, 1, "")], lambda _: None, Halt()) as watch:
        await watch.all_answer(10)
        program.unlink()
        with pytest.raises(FileNotFoundError):
            await watch.until_stop_requested()


async def test_a_second_signal_kills_what_does_not_end(tmp_path: Path) -> None:
    said: list[str] = []
    halt = Halt()
    ready = tmp_path / "ready"
    ignore = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); {SLEEP}"
    with halt.listening():
        async with RunningServices([service(tmp_path, ignore, drain_s=60.0)], said.append, halt) as watch:
            assert await watch.all_answer(10)
            await until(ready.exists)
            os.kill(os.getpid(), signal.SIGINT)
            await until(halt.requested.is_set)
            asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
    assert said == ["the part was killed at once, as requested, before it had finished"]


async def test_a_part_that_outstays_its_deadline_is_killed_and_named(tmp_path: Path) -> None:
    said: list[str] = []
    ready = tmp_path / "ready"
    ignore = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); {SLEEP}"
    async with RunningServices([service(tmp_path, ignore, drain_s=0.1)], said.append, Halt()):
        await until(ready.exists)
    assert said == ["the part was killed after 0.1 s, before it had finished"]


async def test_what_never_answered_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FAILED_START_DRAIN_S", 0.1)
    said: list[str] = []
    ready = tmp_path / "ready"
    ignore = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); {SLEEP}"
    async with RunningServices([service(tmp_path, ignore, answers=False, drain_s=60.0)], said.append, Halt()):
        await until(ready.exists)
    assert said == ["the part was killed after 0.1 s, before it had finished"]

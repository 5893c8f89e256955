"""Embedded mode: starts the parts of an instance, watches over them, and stops them in the order that loses nothing."""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from streams.embedded import instance as record
from streams.embedded import services
from streams.embedded.drain import KEPT, LAND_WITHIN_S, Around, Missing, NotLanded, drain
from streams.embedded.held_ports import hold
from streams.embedded.instance import Instance
from streams.embedded.processes import free_port, turn_at_ports
from streams.embedded.services import Service
from streams.embedded.watch import Halt, PortTaken, RunningServices, StartFailed
from streams.errors import ConfigurationError
from streams.runtime.listening import in_use

__all__ = ["Hooks", "Ports", "StartFailed", "run"]


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports to take on 127.0.0.1 if they are free; any other ones if not.

    `only_http`, `only_gateway`: the port of the page, and of the gateway, where the operator wants that one and no
    other; 0 for any free one.
    """

    broker: int = 9092
    store: int = 8123
    http: int = 6066
    gateway: int = 6067
    only_http: int | None = None
    only_gateway: int | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long things may take, seconds.

    Attributes:
        start_s: for all parts to answer.
        drain_s: after which a stop says what has not landed; it goes on until that lands, or a second signal.
    """

    start_s: float = 60.0
    drain_s: float = LAND_WITHIN_S


CHOICES_OF_PORTS: Final = 3
USUAL = Ports()
USUAL_DEADLINES = Deadlines()
Plan = Callable[[ExitStack], tuple[Instance, list[Service]]]


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Hooks:
    """Callbacks to whoever runs an instance.

    Attributes:
        event: called with a line that the operator should read.
        missing: asks the broker which accepted events have not landed, by partition; Unreachable if it does not answer.
        ready: called once, when all parts answer.
        stopping: awaited before the first part is stopped: who publishes must end for the worker to drain.
        waiting: counts the accepted events in the spool, once all parts of an instance that never answered have ended.
    """

    event: Callable[[str], None]
    missing: Callable[[Instance], Awaitable[Missing]]
    ready: Callable[[Instance], None] = lambda _: None
    stopping: Callable[[], Awaitable[None]] = _nothing
    waiting: Callable[[Path], int] = lambda _: 0


async def run(
    data: Path,
    check: Callable[[], Path],
    *,
    hooks: Hooks,
    worker_command: Sequence[str] = services.WORKER,
    worker_env: Mapping[str, str] | None = None,
    ports: Ports = USUAL,
    deadlines: Deadlines = USUAL_DEADLINES,
) -> bool:
    """Runs an instance on `data` until SIGINT or SIGTERM; a second one kills what still runs. For the main thread.

    Args:
        data: made if absent.
        check: what the operator has set, looked at while the parts start: the registry in force, or an error.
        hooks: who wants to know.
        worker_command: program and arguments of the worker.
        worker_env: adds to the worker's environment, and wins.
        ports: see Ports.
        deadlines: see Deadlines.

    Returns:
        True when all that the broker accepted is proved to have landed; False if it never answered, and nothing waits.

    Raises:
        record.InstanceError: the directory is in use, or its customer key cannot be used.
        NotLanded: a second signal came, or the stop before it answered, and something accepted has not landed.
        StartFailed: a part did not come up.
        ConfigurationError: the port that the operator wants is in use.
        Exception: what `check` raises.
    """
    halt = Halt()
    with record.claim(data), halt.listening():
        record.remove(data)  # of an instance that was killed
        plan = partial(_plan, data, ports, worker_command, worker_env or {})
        try:
            attempt = partial(_run_parts, data, plan, check, hooks, halt, deadlines)
            return await _with_free_ports(attempt, hooks.event) or _none_waits(hooks.waiting(data / "spool"))
        finally:
            record.remove(data)  # only now: while the worker drains, the instance is still there


async def _with_free_ports(attempt: Callable[[], Awaitable[bool]], say: Callable[[str], None]) -> bool:
    for _ in range(CHOICES_OF_PORTS - 1):
        with suppress(PortTaken):
            return await attempt()
        say("a port that was free is in use by now: starting again with other ports")
    return await attempt()


async def _run_parts(
    data: Path,
    plan: Plan,
    check: Callable[[], Path],
    hooks: Hooks,
    halt: Halt,
    deadlines: Deadlines,
) -> bool:
    async with AsyncExitStack() as parts:
        held = parts.enter_context(ExitStack())
        async with turn_at_ports(deadlines.start_s, halt.requested.is_set):
            instance, planned = plan(held)
            watch = await parts.enter_async_context(RunningServices(planned, hooks.event, halt))
            # In a thread, for the half second that it takes to load is a part of theirs.
            registry = await asyncio.to_thread(check)
            instance = msgspec.structs.replace(instance, registry=str(registry.absolute()))
            started = await watch.all_answer(deadlines.start_s)
        _, broker, worker, gateway = planned
        if started:
            record.write(data, instance)
            hooks.event(f"ready: {instance.web_url}")
            hooks.ready(instance)
            await watch.until_stop_requested()
        elif not await broker.answers():
            return False
        await hooks.stopping()
        await watch.stop(gateway)  # it answers what it has begun, while the broker still accepts

        async def missing() -> Missing:
            await watch.accept_no_more(broker)
            return await hooks.missing(instance)

        await watch.accept_no_more(broker)
        around = Around(missing, hooks.event, halt.forced)
        await watch.until_drained(worker, partial(drain, around=around, drain_s=deadlines.drain_s))
        return True


def _plan(
    data: Path, ports: Ports, argv: Sequence[str], environment: Mapping[str, str], held: ExitStack
) -> tuple[Instance, list[Service]]:
    """What to record, and what to start in this order; it stops the other way round, so that the worker can drain.

    Worker and gateway wait until somebody listens at the ports of broker and store: those are held for them, in `held`.
    """
    data = data.absolute()
    http_port = _port(ports.http, ports.only_http, "CXB_HTTP_PORT")
    gateway_port = _port(ports.gateway, ports.only_gateway, "CXB_GATEWAY_PORT")
    of_broker, of_store = (held.enter_context(hold(port)) for port in (ports.broker, ports.store))
    broker_port, store_port = (of_one.getsockname()[1] for of_one in (of_broker, of_store))
    logs = data / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    instance = Instance(
        pid=os.getpid(),
        started=record.start_time(os.getpid()),
        kafka=f"127.0.0.1:{broker_port}",
        store_url=f"http://127.0.0.1:{store_port}",
        user="cx",
        password=secrets.token_urlsafe(24),
        web_url=f"http://127.0.0.1:{http_port}",
        registry="",
        version=_version(),
        gateway_url=f"http://127.0.0.1:{gateway_port}",
    )
    key = record.customer_key(data)
    reader = record.reader_password(data)
    log = logs / "store.log"
    store = services.store(
        data / "store", store_port, instance.user, instance.password, log, reader=reader, held=of_store
    )
    broker = services.broker(broker_port, data / "spool", logs / "broker.log", of_broker)
    worker = services.worker(instance, key, http_port, logs / "worker.log", argv=argv, environment=environment)
    gateway = services.gateway(instance, gateway_port, logs / "gateway.log", environment=environment)
    return instance, [store, broker, worker, gateway]


def _port(usual: int, only: int | None, setting: str) -> int:
    port = free_port(usual if only is None else only)
    if only and port != only:
        raise ConfigurationError(in_use(only, setting=setting))
    return port


def _none_waits(count: int) -> bool:
    """False, which proves nothing, if nothing waits."""
    if count:
        events = f"{count:,} accepted event{'s have' if count != 1 else ' has'}"
        raise NotLanded(f"stopped before it was ready: {events} not landed; {KEPT}")
    return False


def _version() -> str:
    try:
        return version("cx-balance")
    except PackageNotFoundError:
        return "unknown"

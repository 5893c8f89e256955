"""Watching over children: they start together, are started again when they end, and stop last to first."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from streams.embedded import processes
from streams.embedded.drain import DrainedWorker, WorkerState
from streams.embedded.processes import Child, Lifeline
from streams.embedded.services import Service
from streams.errors import Unreachable
from streams.runtime import signals

POLL_S = 0.05
STEADY_S = 60.0  # a child that ran this long has paid for its earlier failures
RESTART_DRAIN_S = 3.0  # what is cut off by it is done again: nothing of it has been committed
FAILED_START_DRAIN_S = 5.0  # what never answered has accepted nothing that it would have to finish
LOG_CHECK_S = 5.0


class StartFailed(Unreachable):
    """A service ended or stayed silent at the start; the text ends with the last lines of its log."""

    def __init__(self, service: Service, what: str) -> None:
        log = service.command.log
        super().__init__(f"the {service.name} {what}; its log {log} ends with:\n{processes.tail(log)}")


class PortTaken(StartFailed):
    """A service ended at the start, for its port is in use: it was free when it was chosen."""


class Halt:
    """What signals have requested: one, to stop in order; two, to stop at once."""

    def __init__(self) -> None:
        self.requested = asyncio.Event()
        self.forced = asyncio.Event()

    def signal(self) -> None:
        """Takes note of one more signal."""
        (self.forced if self.requested.is_set() else self.requested).set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Takes SIGINT and SIGTERM of this process while the block runs."""
        loop = asyncio.get_running_loop()
        for number in signals.ENDING:
            loop.add_signal_handler(number, self.signal)
        try:
            with signals.released():
                yield
        finally:
            for number in signals.ENDING:
                loop.remove_signal_handler(number)


def pause_s(failures: int) -> float:
    """Seconds to wait before the next start, after so many failures in a row: they double, up to half a minute.

    >>> [pause_s(n) for n in (0, 1, 2, 20)]
    [0.5, 1.0, 2.0, 30.0]
    """
    return float(min(30.0, 0.5 * 2 ** min(failures, 10)))


class RunningServices:
    """Services as running children; entering starts all of them at once, leaving stops them, the last one first.

    `on_event` is called with each line that the operator should read.
    """

    def __init__(self, services: Sequence[Service], on_event: Callable[[str], None], halt: Halt) -> None:
        self._services = services
        self._say = on_event
        self._halt = halt
        self._lifeline = Lifeline()
        self._children: dict[str, Child] = {}
        self._all_answered = False
        self._closed: Child | None = None

    async def __aenter__(self) -> Self:
        try:
            for service in self._services:
                service.command.log.unlink(missing_ok=True)
                await self.start(service)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def all_answer(self, deadline_s: float) -> bool:
        """Waits for every service to answer; False if a stop was requested meanwhile.

        Raises:
            PortTaken: a service ended, for its port is in use.
            StartFailed: a service ended, or did not answer in time.
        """
        waiting = {asyncio.create_task(self._answers(service)): service for service in self._services}
        stopping = asyncio.create_task(self._halt.requested.wait())
        try:
            async with asyncio.timeout(deadline_s + max((service.slack_s for service in self._services), default=0)):
                pending = set(waiting)
                while pending and not stopping.done():
                    done, _ = await asyncio.wait({*pending, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    pending -= done
                    for task in done - {stopping}:
                        self._check_started(waiting[task], await task)
                        self._report(waiting[task])
        except TimeoutError:
            silent = next(service for task, service in waiting.items() if not task.done())
            raise StartFailed(silent, f"did not answer within {deadline_s:g} s") from None
        finally:
            for task in (*waiting, stopping):
                task.cancel()
            for service in self._services:
                service.command.let_go()
        self._all_answered = not pending
        return not stopping.done()

    async def until_stop_requested(self) -> None:
        """Starts again what ends, and bounds the logs, until a stop is requested."""
        await self._keep_during(self._halt.requested.wait(), self._services)

    async def until_drained(self, worker: Service, drain: Callable[[DrainedWorker], Coroutine[Any, Any, None]]) -> None:
        """The same until a drain has ended, but for the worker, which only the drain starts and stops."""
        others = [service for service in self._services if service is not worker and not self._is_stopped(service)]
        await self._keep_during(drain(_EndingWorker(self, worker)), others)

    async def accept_no_more(self, broker: Service) -> None:
        """Makes the broker refuse events, if it answers. To be repeated: another one may have been started."""
        child = self._children[broker.name]
        if child is not self._closed and await broker.answers():
            child.send(processes.ACCEPT_NO_MORE)
            self._closed = child

    def child(self, service: Service) -> Child:
        """The service's process that was started last."""
        return self._children[service.name]

    async def start(self, service: Service) -> None:
        """Starts a service's process; the one before has ended."""
        self._children[service.name] = await processes.start(service.command, self._lifeline)

    async def stop(self, service: Service) -> None:
        """Stops a service's process; it is killed when its time is over, or a second signal comes."""
        child = self._children.get(service.name)
        drain_s = service.drain_s if self._all_answered else min(service.drain_s, FAILED_START_DRAIN_S)
        if child is not None and not await child.stop(drain_s, self._halt.forced):
            why = "at once, as requested" if self._halt.forced.is_set() else f"after {drain_s:g} s"
            self._say(f"the {service.name} was killed {why}, before it had finished")

    def _is_stopped(self, service: Service) -> bool:
        return self._children[service.name].asked_to_stop

    async def _keep_during(self, work: Coroutine[Any, Any, object], kept: Sequence[Service]) -> None:
        tasks = [asyncio.create_task(task) for task in (work, self._bound_logs(), *map(self._keep, kept))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a duty ends only by failing
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answers(self, service: Service) -> bool:
        """True once the service answers, False if its child ends before that."""
        child = self._children[service.name]
        while child.exit_code is None:
            if await service.answers():
                return True
            await asyncio.sleep(POLL_S)
        return False

    def _check_started(self, service: Service, answers: bool) -> None:
        if not answers:
            code = self._children[service.name].exit_code
            taken = "in use" in processes.tail(service.command.log)
            raise (PortTaken if taken else StartFailed)(service, f"ended at the start with exit code {code}")

    def _report(self, service: Service) -> None:
        if report := service.report():
            self._say(report)

    async def _keep(self, service: Service) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            child = self._children[service.name]
            code = await child.wait()
            failures = 0 if loop.time() - began > STEADY_S else failures
            await self._revive(service, child, code, failures)
            failures += 1

    async def _revive(self, service: Service, child: Child, code: int, failures: int) -> None:
        pause = pause_s(failures)
        if not child.asked_to_stop:
            self._say(
                f"the {service.name} ended unexpectedly (exit code {code}): {service.loss}. "
                f"Starting it again in {pause:g} s; its log: {service.command.log}"
            )
            await asyncio.gather(asyncio.sleep(pause), self._stop_dependants(service))
        else:
            await self._stop_dependants(service)
        await self.start(service)
        if await self._answers(service):
            self._say(f"the {service.name} is back")
            self._report(service)

    async def _stop_dependants(self, service: Service) -> None:
        """Before the service is there again: what they know of the one that ended does not hold for the next."""
        for name in service.dependants:
            self._say(f"starting the {name} again too: it depends on the {service.name}")
            await self._children[name].stop(RESTART_DRAIN_S)

    async def _bound_logs(self) -> None:
        while True:
            await asyncio.sleep(LOG_CHECK_S)
            for service in self._services:
                processes.bound_log(service.command.log)

    async def _stop(self) -> None:
        for service in reversed(self._services):
            await self.stop(service)
        self._lifeline.close()


class _EndingWorker:
    """The worker as the drain sees it."""

    def __init__(self, running: RunningServices, service: Service) -> None:
        self._running = running
        self._service = service
        self._stopping: asyncio.Task[None] | None = None
        self._last_code: int | None = None

    @property
    def state(self) -> WorkerState:
        if self._running.child(self._service).exit_code is not None:
            return WorkerState.ENDED
        return WorkerState.STOPPING if self._stopping else WorkerState.RUNNING

    async def start(self) -> None:
        self._stopping = None
        self._last_code = self._running.child(self._service).exit_code
        await self._running.start(self._service)

    def ask_to_stop(self) -> None:
        self._stopping = asyncio.create_task(self._running.stop(self._service))

    async def changed(self) -> None:
        child = self._running.child(self._service)
        if child.exit_code is None:
            await child.wait()
        else:
            await asyncio.Event().wait()

    def why(self) -> str:
        code, log = self._running.child(self._service).exit_code or self._last_code, self._service.command.log
        reasons = [f"the worker ended with exit code {code}, its log: {log}"] if code else []
        warnings = [line for line in processes.tail(log).splitlines() if " WARNING " in line or " ERROR " in line]
        reasons += [line.partition(": ")[2] for line in warnings[-1:]]
        return "; ".join(reasons)

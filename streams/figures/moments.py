"""Moments that several answers need: each is computed once, also where they ask for it at the same time."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from threading import Lock
from typing import Final

from metrics.figures.balances import Moment, View
from streams.figures import snapshot
from streams.figures.day_states import ownership_hash
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

MomentOf = Callable[[Store, CompiledRegistry, datetime, View], Moment]
"""Gives the figures at an instant in one view: `snapshot.moment`, or what keeps them."""
MOST_KEPT: Final = 12
"""The overview and the alarms of data need four in one view, six in both."""


class KeptMoments:
    """The last moments that were asked for. Safe to share between threads.

    Facts that land later are not in them: ask only for what is about now.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[tuple[int, datetime, View], Future[Moment]] = {}

    def moment(self, store: Store, compiled: CompiledRegistry, at: datetime, view: View) -> Moment:
        """The figures at an instant in one view; who asks while another computes them waits. What fails is not kept."""
        key = (ownership_hash(compiled), at, view)
        with self._lock:
            found, own = self._kept.get(key), Future[Moment]()
            if found is None:
                self._kept[key] = own
                for oldest in list(self._kept)[:-MOST_KEPT]:
                    del self._kept[oldest]
        if found is not None:
            return found.result()
        try:
            own.set_result(snapshot.moment(store, compiled, at, view))
        except BaseException as error:
            with self._lock:
                self._kept.pop(key, None)
            own.set_exception(error)
        return own.result()

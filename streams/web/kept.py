"""Answers about now that are kept for a while: many readers of one page cost the store as much as one."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final

ANSWER_KEPT_S: Final = 60.0
"""How long an answer about now is given again: figures are of whole minutes."""


class KeptAnswers:
    """The last answers, by their question. Who asks while one is being made waits for the same one."""

    def __init__(self, kept_s: float = ANSWER_KEPT_S) -> None:
        self._kept_s = kept_s
        self._answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def answer(self, question: Hashable, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The answer to a question: a kept one, or one that is made now. What fails is not kept.

        Args:
            question: All that the answer depends on, but for the time.
            make: Makes the answer.
        """
        now_s = asyncio.get_running_loop().time()
        self._answers = {key: kept for key, kept in self._answers.items() if now_s - kept[0] < self._kept_s}
        if question not in self._answers:
            self._answers[question] = (now_s, asyncio.create_task(make()))
        _, task = self._answers[question]
        try:
            # Whoever goes away does not take the answer away from those who wait as well.
            return await asyncio.shield(task)
        except Exception:
            self._answers.pop(question, None)
            raise

"""What the doctor says of an embedded broker's spool: what it has lost, and what is in it and nobody reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from streams.embedded import losses
from streams.embedded.waiting import directory_of, left
from streams.errors import Unreachable
from streams.kafka.unlanded import lag
from streams.settings.settings import KafkaSettings

CheckState = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; the detail says what is there and, where something is wrong, what to do."""

    check: str
    state: CheckState
    detail: str


async def spooled(kafka: KafkaSettings, spool: Path) -> CheckResult:
    """Whether the spool has lost nothing, and holds nothing that the broker does not offer to workers.

    Raises:
        Unreachable: the broker does not answer, or the spool cannot be read.
    """
    try:
        if lost := losses.read(spool):
            return CheckResult("spool", "failed", losses.lost_in_words(lost))
        if behind := await lag(kafka):
            return CheckResult("spool", "ok", f"nothing is lost; {behind:,} records wait for a worker")
        stays = sum((await left(directory_of(spool, kafka.topic))).values())
        if stays and not await lag(kafka):
            detail = f"{stays:,} accepted events are in it that no worker is offered: stop cxb up, and start it again"
            return CheckResult("spool", "failed", detail)
    except OSError as error:
        raise Unreachable(f"the spool {spool} cannot be read: {error}") from error
    return CheckResult("spool", "ok", "nothing is lost, and nothing waits")

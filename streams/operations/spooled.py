"""What the doctor says of an embedded broker's spool: what it has lost, and what is in it and nobody reads."""

from pathlib import Path

from streams.embedded import losses
from streams.embedded.waiting import directory_of, left
from streams.errors import Unreachable
from streams.kafka.unlanded import lag
from streams.operations.stored import CheckResult
from streams.settings.settings import KafkaSettings


async def check_spool(kafka: KafkaSettings, spool: Path) -> CheckResult:
    """Whether the spool has lost nothing, and holds nothing that the broker does not offer to workers.

    Raises:
        Unreachable: the broker does not answer, or the spool cannot be read.
    """
    try:
        if lost := losses.read(spool):
            return CheckResult("spool", "failed", losses.lost_in_words(lost))
        if behind := await lag(kafka):
            return CheckResult("spool", "ok", f"nothing is lost; records that wait for a worker: {behind:,}")
        stays = sum((await left(directory_of(spool, kafka.topic))).values())
        if stays and not await lag(kafka):
            detail = f"{stays:,} accepted events are in it that no worker is offered: stop cxb up, and start it again"
            return CheckResult("spool", "failed", detail)
    except OSError as error:
        raise Unreachable(f"the spool {spool} cannot be read: {error}") from error
    return CheckResult("spool", "ok", "nothing is lost, and nothing waits")

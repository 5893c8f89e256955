"""What has not landed of what an instance's broker has accepted: while it runs, and after it."""

from collections.abc import Mapping
from pathlib import Path

from streams.embedded.instance import Instance, broker_of
from streams.embedded.waiting import directory_of, left, waiting_records
from streams.kafka.unlanded import unlanded
from streams.settings import settings as configuration


async def missing(instance: Instance, spool: Path) -> Mapping[int, int]:
    """How many accepted events have not landed, by partition: by the broker, and if that says none, by the spool.

    Raises:
        Unreachable: The broker does not answer.
        ConfigurationError: A setting is wrong.
    """
    kafka = configuration.load().kafka
    return await unlanded(broker_of(instance, kafka)) or await left(directory_of(spool, kafka.topic))


def waiting(spool: Path) -> int:
    """How many accepted events a spool holds.

    Raises:
        ConfigurationError: A setting is wrong.
        OSError: It cannot be read.
    """
    return waiting_records(spool, configuration.load().kafka.topic)

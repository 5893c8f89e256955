"""What has not landed of what a running instance's broker has accepted."""

from collections.abc import Mapping

from streams.embedded.instance import Instance, broker_of
from streams.kafka.unlanded import unlanded
from streams.settings import settings as configuration


async def missing(instance: Instance) -> Mapping[int, int]:
    """How many accepted events have not landed, by partition.

    Raises:
        Unreachable: The broker does not answer.
        ConfigurationError: A setting is wrong.
    """
    return await unlanded(broker_of(instance, configuration.load().kafka))

"""What has not landed of what a running instance's broker has accepted."""

from collections.abc import Mapping

from streams.embedded.instance import Instance
from streams.kafka.unlanded import unlanded
from streams.settings import settings as configuration
from streams.settings.settings import KafkaSettings, Settings


def broker_of(instance: Instance, settings: Settings) -> KafkaSettings:
    """The broker of an instance, with the topic and group that are set."""
    return settings.kafka.model_copy(update={"bootstrap_servers": instance.kafka, "security_protocol": "PLAINTEXT"})


async def missing(instance: Instance) -> Mapping[int, int]:
    """How many accepted events have not landed, by partition.

    Raises:
        Unreachable: The broker does not answer.
        ConfigurationError: A setting is wrong.
    """
    return await unlanded(broker_of(instance, configuration.load()))

"""A cluster of three small Kafka brokers, each a controller as well."""

from collections.abc import Mapping
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.kafka.broker import KafkaBroker

NODES = 3
NOBODY = -1
_REPLICATED = (
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)


class KafkaCluster:
    """Three brokers; each topic on all of them, acknowledged by two at least."""

    def __init__(self, directory: Path, libraries: Path) -> None:
        """Prepares them; nothing runs before `start`."""
        self.brokers = {
            node: KafkaBroker(directory / f"node-{node}", heap_mb=256, libraries=libraries)
            for node in range(1, NODES + 1)
        }
        voters = ",".join(f"{node}@127.0.0.1:{broker.controller_port}" for node, broker in self.brokers.items())
        more = dict.fromkeys(_REPLICATED, str(NODES)) | {"controller.quorum.voters": voters, "min.insync.replicas": "2"}
        for node, broker in self.brokers.items():
            broker.configure(more | {"node.id": str(node)})

    @property
    def bootstrap(self) -> str:
        """The addresses of all."""
        return ",".join(broker.bootstrap for broker in self.brokers.values())

    def start(self) -> None:
        """Starts all and returns once each has answered. In a thread that lives as long as they shall."""
        for broker in self.brokers.values():
            broker.launch()
        for broker in self.brokers.values():
            broker.wait_until_ready(120)

    def stop(self) -> None:
        """Ends all at once: what they hold is no longer needed."""
        for broker in self.brokers.values():
            broker.kill()

    def create_topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """Creates a topic on all three."""
        next(iter(self.brokers.values())).create_topic(name, partitions, config, replicas=NODES)

    async def leader(self, topic: str, partition: int) -> int:
        """The node that leads a partition; NOBODY while there is none, or the cluster cannot tell."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5000)
        try:
            await admin.start()
            [found] = await admin.describe_topics([topic])
        except KafkaError:
            return NOBODY
        finally:
            await admin.close()
        return next(int(part["leader"]) for part in found["partitions"] if part["partition"] == partition)

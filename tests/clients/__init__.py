"""Real client libraries of several languages, before a real Kafka and before the embedded broker: make clients."""

"""Kafka: its clients and topics, faust in chunks, and the dead-letter topic."""

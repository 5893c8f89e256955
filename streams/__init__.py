"""Everything that touches the outside: Kafka, ClickHouse, HTTP, files, the terminal."""

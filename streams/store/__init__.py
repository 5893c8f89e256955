"""ClickHouse: its client, its tables and the rejected events in it."""

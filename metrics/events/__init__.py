"""One event: its fields, how a record becomes one, and why a record is rejected."""

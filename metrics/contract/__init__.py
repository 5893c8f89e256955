"""The contract with publishers, machine-readable: JSON Schemas of events, examples, a Java record for each kind."""

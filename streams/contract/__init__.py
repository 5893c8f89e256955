"""The contract as files, for whoever publishes: schemas, the AsyncAPI document, types of other languages."""

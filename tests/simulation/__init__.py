"""Deterministic simulation: the service's own code on a seeded event loop, with simulated time, broker and store."""

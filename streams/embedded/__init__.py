"""Broker and store as local processes, for one machine."""

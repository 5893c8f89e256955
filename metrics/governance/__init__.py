"""Governance, made countable: who owns the customers' experience, measured against the company's own policy.

Pure functions of plain values: aggregates that a store can compute (counts, transitions, paths) or single journeys.
Everything here is descriptive: no figure says that a department caused anything, and none is about a person.
"""

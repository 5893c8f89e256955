"""Governance in the service: what the store counts for it, its series and the report."""

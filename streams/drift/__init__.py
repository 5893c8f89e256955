"""Drift detection in the service: reads cells, stores baselines and changes of state, explains what drifts and why."""

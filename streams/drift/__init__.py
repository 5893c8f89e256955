"""Drift detection in the service: reads cells, keeps baselines and changes of state, tells what drifts and why."""

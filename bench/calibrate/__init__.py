"""Calibration of drift detection: months of simulated calm and shifted streams, counted."""

"""Metric drift: has a department's metric left its usual level, which way, and since when.

A detector is a two-sided CUSUM (Page 1954) of one metric of one department against a frozen baseline. Everything here
is a pure function of cells, ownership and baselines: the same cells give the same alarms at the same minutes.
"""

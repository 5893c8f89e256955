"""The chart for Kubernetes: what of it is generated."""

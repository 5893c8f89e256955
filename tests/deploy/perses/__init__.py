"""Pictures of the Grafana dashboards' Prometheus panels, drawn by the components of Perses: make dashboard-pictures."""

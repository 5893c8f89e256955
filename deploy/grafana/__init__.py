"""Grafana: what makes its dashboards (generate), and the dashboards themselves."""

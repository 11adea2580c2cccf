"""Dashboards of Superset as files, and what looks at them."""

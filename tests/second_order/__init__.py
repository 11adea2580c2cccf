"""A second order made of seeds and YAML only."""

"""Measurements behind every number in the docs; `make bench` runs them."""

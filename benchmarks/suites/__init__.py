"""Suites: our solvers beside the peers, on real instances."""

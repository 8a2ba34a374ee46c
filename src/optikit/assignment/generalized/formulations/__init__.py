"""Formulations of the generalized assignment problem for engines."""

"""Formulations of shops for engines."""

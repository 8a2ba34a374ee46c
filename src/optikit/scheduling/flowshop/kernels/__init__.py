"""Compiled code of the flow shop."""

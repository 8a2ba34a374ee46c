"""Compiled parts of the quadratic assignment."""

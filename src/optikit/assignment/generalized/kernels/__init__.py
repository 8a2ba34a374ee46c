"""Kernels of the generalized assignment problem."""

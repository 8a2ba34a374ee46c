"""Kernels of shops."""

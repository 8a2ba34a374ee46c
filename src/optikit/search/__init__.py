"""Who runs kernels: the sliced loop, and islands on threads."""

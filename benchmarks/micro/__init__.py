"""Small measurements: the speed of compiled kernels, what compiling and calling them costs."""

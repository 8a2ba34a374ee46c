"""What the kernels of every family share: how they are compiled and run, random numbers, control, neighbours."""

"""Small kernels to try the kernel layer with."""

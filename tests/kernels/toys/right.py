"""Names that `left` and `clash` also have, with other meanings."""

from optikit.kernels.jit import inline

SCALE = 3


@inline
def shift(x):
    return x - 1


@inline
def weigh(x):
    return shift(x) * SCALE

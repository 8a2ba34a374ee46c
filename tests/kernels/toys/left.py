"""Names that `right` and `clash` also have, with other meanings."""

from optikit.kernels.jit import inline

SCALE = 2


@inline
def shift(x):
    return x + 1


@inline
def weigh(x):
    return shift(x) * SCALE

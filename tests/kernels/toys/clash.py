"""A kernel with helpers of clashing names, from three modules."""

from optikit.kernels.jit import i8, inline, kernel

from .left import weigh
from .right import weigh as weigh_right

SCALE = 5


@inline
def shift(x):
    return x * 100


@kernel
def both(x: i8) -> i8:
    return weigh(x) * 1_000_000 + weigh_right(x) * 1000 + shift(x) * SCALE

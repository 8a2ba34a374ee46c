"""Flags, their use in a helper, and a branch that refers to what does not exist."""

from optikit.kernels.jit import Flag, i8, inline, kernel

from .arrays import Bag

IS_DEEP = Flag("bags have a depth")
IS_TWICE = Flag("everything counts twice")

VARIANTS = {
    "plain": {"IS_DEEP": False, "IS_TWICE": False},
    "twice": {"IS_DEEP": False, "IS_TWICE": True},
}


@inline
def unflagged(b, i):
    return b.source[i] + 1


@inline
def flagged(b, i):
    if IS_DEEP:
        return b.depth[i]
    value = unflagged(b, i)
    return 2 * value if IS_TWICE and not IS_DEEP else value


@kernel(variants=VARIANTS)
def measure(b: Bag) -> i8:
    total = 0
    for i in range(b.size):
        total += flagged(b, i)
    if IS_DEEP and total > b.depth_limit:
        total = b.depth_limit
    return total

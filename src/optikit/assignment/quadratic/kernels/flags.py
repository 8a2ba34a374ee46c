"""What an instance may leave out, so that it is not even compiled."""

from optikit.kernels.jit import Flag

IS_SYMMETRIC = Flag("distances are the same both ways, and flows are summed over both")
IS_SPARSE = Flag("few pairs of facilities have a flow: each facility has a list of its partners; symmetric only")

VARIANTS = {
    "symmetric": {"IS_SYMMETRIC": True, "IS_SPARSE": False},
    "asymmetric": {"IS_SYMMETRIC": False, "IS_SPARSE": False},
    "sparse": {"IS_SYMMETRIC": True, "IS_SPARSE": True},
}

NARROW = {name: VARIANTS[name] for name in ("symmetric", "sparse")}
"""In 32 bits. Where neither flows nor distances are symmetric there are none: few instances, and as much again to compile."""

"""What an instance may leave out, so that it is not even compiled."""

from optikit.kernels.jit import Flag

HAS_MATRIX = Flag("arc costs are read from a matrix; otherwise computed from coordinates")
IS_PLANAR = Flag("coordinates are points in the plane, distances Euclidean and not rounded up; otherwise any norm")
IS_ASYMMETRIC = Flag("a city is two nodes, one that is entered and one that is left; their edge is on every tour")

VARIANTS = {
    "planar": {"HAS_MATRIX": False, "IS_PLANAR": True, "IS_ASYMMETRIC": False},
    "points": {"HAS_MATRIX": False, "IS_PLANAR": False, "IS_ASYMMETRIC": False},
    "matrix": {"HAS_MATRIX": True, "IS_PLANAR": False, "IS_ASYMMETRIC": False},
    "asymmetric": {"HAS_MATRIX": True, "IS_PLANAR": False, "IS_ASYMMETRIC": True},
}

"""What an instance may leave out, so that it is not even compiled."""

from optikit.kernels.jit import Flag

HAS_MATRIX = Flag("arc costs are read from a matrix; otherwise computed from coordinates")
ON_GLOBE = Flag("coordinates are unit vectors on the globe; otherwise points in the plane")
SYMMETRIC = Flag("arc(u, v) == arc(v, u): one read serves both, and a route may be reversed")

VARIANTS = {
    "matrix": {"HAS_MATRIX": True, "ON_GLOBE": False, "SYMMETRIC": True},
    "asymmetric": {"HAS_MATRIX": True, "ON_GLOBE": False, "SYMMETRIC": False},
    "planar": {"HAS_MATRIX": False, "ON_GLOBE": False, "SYMMETRIC": True},
    "globe": {"HAS_MATRIX": False, "ON_GLOBE": True, "SYMMETRIC": True},
}

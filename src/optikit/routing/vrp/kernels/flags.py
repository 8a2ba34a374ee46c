"""What an instance may leave out, so that it is not even compiled."""

from optikit.kernels.jit import Flag

HAS_MATRIX = Flag("arc costs are read from a matrix; otherwise computed from coordinates")
ROUNDS_UP = Flag("planar arcs are rounded up; otherwise down after the offset is added")
ON_GLOBE = Flag("coordinates are unit vectors on the globe; otherwise points in the plane")
SYMMETRIC = Flag("arc(u, v) == arc(v, u): one read serves both, and a route may be reversed")

VARIANTS = {
    "matrix": {"HAS_MATRIX": True, "ON_GLOBE": False, "ROUNDS_UP": False, "SYMMETRIC": True},
    "asymmetric": {"HAS_MATRIX": True, "ON_GLOBE": False, "ROUNDS_UP": False, "SYMMETRIC": False},
    "planar": {"HAS_MATRIX": False, "ON_GLOBE": False, "ROUNDS_UP": False, "SYMMETRIC": True},
    "ceil": {"HAS_MATRIX": False, "ON_GLOBE": False, "ROUNDS_UP": True, "SYMMETRIC": True},
    "globe": {"HAS_MATRIX": False, "ON_GLOBE": True, "ROUNDS_UP": False, "SYMMETRIC": True},
}

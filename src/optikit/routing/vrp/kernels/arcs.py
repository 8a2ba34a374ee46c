"""The cost of an arc: the only place that knows where costs come from."""

import math

from optikit.kernels.jit import i8, inline

from .flags import HAS_MATRIX, ON_GLOBE, ROUNDS_UP


@inline
def arc(p, u, v):
    """Ticks from u to v: the very numbers that `metrics` gives, bit for bit in the plane."""
    if HAS_MATRIX:
        return p.dist[u * p.num_nodes + v]
    dx = p.x[u] - p.x[v]
    dy = p.y[u] - p.y[v]
    if ON_GLOBE:
        dz = p.z[u] - p.z[v]
        sx = p.x[u] + p.x[v]
        sy = p.y[u] + p.y[v]
        sz = p.z[u] + p.z[v]
        angle = math.atan2(math.sqrt(dx * dx + dy * dy + dz * dz), math.sqrt(sx * sx + sy * sy + sz * sz))
        return i8(angle * p.factor + p.offset)
    length = math.sqrt(dx * dx + dy * dy) * p.factor
    if ROUNDS_UP:
        rounded = i8(length)
        if rounded < length:
            rounded += 1
        return rounded
    return i8(length + p.offset)

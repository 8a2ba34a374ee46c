"""The cost of an edge: the only place that knows where costs come from."""

import math

from optikit.kernels.jit import i8, inline

from .flags import HAS_MATRIX, IS_ASYMMETRIC, IS_PLANAR

# Instance.norm: the keys of optikit.routing.metrics.NORMS, and the globe.
EUCLIDEAN = 0
MAXIMUM = 1
MANHATTAN = 2
ATT = 3
XRAY1 = 4
XRAY2 = 5
SPHERE = 6


@inline
def norm_of(p, dx, dy, dz):
    """Length of a step, written as in `metrics.points`, from left to right."""
    if p.norm == EUCLIDEAN:
        return math.sqrt(dx * dx + dy * dy + dz * dz)
    if p.norm == ATT:
        return math.sqrt((dx * dx + dy * dy) / 10.0)
    dx = abs(dx)
    dy = abs(dy)
    dz = abs(dz)
    if p.norm == MANHATTAN:
        return dx + dy + dz
    if p.norm == MAXIMUM:
        return max(dx, dy, dz)
    dx = min(dx, abs(dx - 360.0))
    if p.norm == XRAY2:
        return max(dx / 1.25, dy / 1.5, dz / 1.15)
    return max(dx, dy, dz)


@inline
def ticks_of(p, dx, dy, dz):
    """Ticks of an edge from the differences of its coordinates, of which only the sizes matter: not on the globe."""
    if IS_PLANAR:
        return i8(math.sqrt(dx * dx + dy * dy) * p.factor + p.offset)
    length = norm_of(p, dx, dy, dz) * p.factor
    if p.sign < 0.0:
        rounded = i8(length)
        if rounded < length:
            rounded += 1
        return rounded
    return i8(length + p.offset)


@inline
def ticks_on_globe(p, u, v):
    """Ticks between two unit vectors: from half the angle between them."""
    dx = p.x[u] - p.x[v]
    dy = p.y[u] - p.y[v]
    dz = p.z[u] - p.z[v]
    sx = p.x[u] + p.x[v]
    sy = p.y[u] + p.y[v]
    sz = p.z[u] + p.z[v]
    angle = math.atan2(math.sqrt(dx * dx + dy * dy + dz * dz), math.sqrt(sx * sx + sy * sy + sz * sz))
    return i8(angle * p.factor + p.offset)


@inline
def arc(p, u, v):
    """Ticks of the edge between two nodes: the very numbers that `metrics` gives, bit for bit but on the globe."""
    if IS_ASYMMETRIC:
        half = p.num_nodes // 2
        if u < half:
            return p.dist[u * half + (v - half)]
        return p.dist[v * half + (u - half)]
    if HAS_MATRIX:
        return p.dist[u * p.num_nodes + v]
    if u == p.dummy:
        return p.price[v]
    if v == p.dummy:
        return p.price[u]
    if IS_PLANAR:
        return ticks_of(p, p.x[u] - p.x[v], p.y[u] - p.y[v], 0.0)
    if p.norm == SPHERE:
        return ticks_on_globe(p, u, v)
    dz = 0.0
    if p.num_depths > 1:
        dz = p.z[u] - p.z[v]
    return ticks_of(p, p.x[u] - p.x[v], p.y[u] - p.y[v], dz)


@inline
def is_fixed(p, u, v):
    """Whether the edge joins the two nodes of one city, which no tour does without."""
    if IS_ASYMMETRIC:
        return abs(u - v) * 2 == p.num_nodes
    return False

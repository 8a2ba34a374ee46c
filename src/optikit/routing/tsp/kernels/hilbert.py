"""Where points stand along a space-filling curve: Hilbert's.

J. Skilling, "Programming the Hilbert curve", AIP Conference Proceedings 707, 2004, in two or three dimensions. Bartholdi and
Platzman, "An O(N log N) planar travelling salesman heuristic based on spacefilling curves", Operations Research Letters 1, 1982:
points in the order of a space-filling curve make a tour that is not much longer than the best.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i8, inline, kernel, scalar


class Curve(Arrays):
    """Points on a grid, and their places along the curve."""

    num_points = scalar(i8, "points")
    num_axes = scalar(i8, "2 or 3")
    num_bits = scalar(i8, "of a coordinate, at most 62 / num_axes")
    cell = array(i8, "num_points * num_axes", "coordinates, 0 to 2 ** num_bits - 1; their transpose afterwards", mutable=True)
    key = array(i8, "num_points", "place along the curve", mutable=True)


@inline
def to_transpose(c, at):
    """Skilling's AxestoTranspose, in place."""
    bit = 1 << (c.num_bits - 1)
    while bit > 1:
        below = bit - 1
        for axis in range(c.num_axes):
            if c.cell[at + axis] & bit != 0:
                c.cell[at] ^= below
            else:
                held = (c.cell[at] ^ c.cell[at + axis]) & below
                c.cell[at] ^= held
                c.cell[at + axis] ^= held
        bit >>= 1
    for axis in range(1, c.num_axes):
        c.cell[at + axis] ^= c.cell[at + axis - 1]
    turned = i8(0)
    bit = 1 << (c.num_bits - 1)
    while bit > 1:
        if c.cell[at + c.num_axes - 1] & bit != 0:
            turned ^= bit - 1
        bit >>= 1
    for axis in range(c.num_axes):
        c.cell[at + axis] ^= turned


@kernel
def place_on_curve(c: Curve, first: i8, last: i8) -> None:
    """Find the places of the points first..last-1."""
    for u in range(first, last):
        at = u * c.num_axes
        to_transpose(c, at)
        key = i8(0)
        for k in range(c.num_bits):
            for axis in range(c.num_axes):
                key = 2 * key + ((c.cell[at + axis] >> (c.num_bits - 1 - k)) & 1)
        c.key[u] = key

"""Random quadratic assignments for hypothesis: small, and full of corner cases."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from optikit.assignment import QuadraticAssignment
from optikit.assignment.quadratic.flows import SparseFlow


@st.composite
def qaps(draw, max_locations: int = 5, restricted: bool | None = None):
    """Symmetric and asymmetric, sparse, negative, with a diagonal, empty locations, linear costs, fixed and forbidden pairs."""
    n = draw(st.integers(1, max_locations))
    m = draw(st.integers(1, n))
    whole = st.integers(-9, 20)
    number = draw(
        st.sampled_from(
            [
                st.integers(0, 9),
                whole,
                st.floats(-9, 9, allow_subnormal=False).map(lambda x: round(x, 3)),
                st.sampled_from([0.0, 1 / 3, math.pi, -math.sqrt(2), 1e-3 / 7]),
                st.sampled_from([0, 0, 0, 10**6]),
            ]
        )
    )

    def matrix(rows: int, columns: int, items=number) -> np.ndarray:
        return np.array(draw(st.lists(st.lists(items, min_size=columns, max_size=columns), min_size=rows, max_size=rows)))

    flow, distance = matrix(m, m), matrix(n, n, draw(st.sampled_from([number, st.integers(0, 9)])))
    kind = draw(st.sampled_from(["asymmetric", "flow", "distance", "both"]))
    if kind in ("flow", "both"):
        flow = np.triu(flow) + np.triu(flow, 1).T
    if kind in ("distance", "both"):
        distance = np.triu(distance) + np.triu(distance, 1).T
    if draw(st.booleans()):
        tails, heads = np.nonzero(flow)
        flow = SparseFlow(m, tails, heads, flow[tails, heads])
    more = {}
    if draw(st.booleans()):
        more["linear"] = matrix(m, n, draw(st.sampled_from([number, whole])))
    if draw(st.booleans()) if restricted is None else restricted:
        pair = st.tuples(st.integers(0, m - 1), st.integers(0, n - 1))
        more["fixed"] = draw(st.lists(pair, max_size=2, unique=True))
        more["forbidden"] = draw(st.lists(pair, max_size=2 * n, unique=True)) or None
    return QuadraticAssignment(flow, distance, maximize=draw(st.booleans()), **more)

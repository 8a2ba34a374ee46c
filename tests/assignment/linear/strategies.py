"""Problems of linear assignment for hypothesis, with their plain references."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import coo_array

from optikit.assignment import LinearAssignment
from tests.naive.assignment import Reference


@st.composite
def problems(draw, objective=None, max_lines=4, variants=True):
    """A problem of any kind, and what it means in plain Python."""
    rows, columns = draw(st.integers(1, max_lines)), draw(st.integers(1, max_lines))
    whole = draw(st.booleans())
    number = st.integers(-9, 9) if whole else st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9)
    exits = st.integers(-5, 12) if whole else st.floats(-1e3, 1e6)
    allowed = st.just(True) if draw(st.booleans()) else st.integers(0, 3).map(bool)
    cost = [[draw(number) if draw(allowed) else None for _ in range(columns)] for _ in range(rows)]
    maximize = draw(st.booleans())
    kind = objective or draw(st.sampled_from(["sum", "bottleneck"]))
    options = {"maximize": maximize, "objective": kind}
    if variants:
        if draw(st.integers(0, 2)) == 0:
            options["capacity"] = [draw(st.integers(0, 3)) for _ in range(columns)]
        for field, count in (("leave_row", rows), ("leave_column", columns)):
            if draw(st.integers(0, 2)) == 0:
                options[field] = [draw(exits) if draw(st.integers(0, 3)) else math.inf for _ in range(count)]
    reference = Reference(cost, **options)
    return _built(draw, cost, whole, maximize, options), reference


def _built(draw, cost, whole, maximize, options):
    """The same costs as a matrix with infinities, as one with a mask, or sparse."""
    dtype = np.int64 if whole else np.float64
    mask = np.array([[value is None for value in row] for row in cost])
    filled = np.array([[0 if value is None else value for value in row] for row in cost], dtype)
    form = draw(st.sampled_from(["dense", "mask", "sparse"]))
    if form == "sparse":
        rows, columns = np.nonzero(~mask)
        return LinearAssignment(coo_array((filled[rows, columns], (rows, columns)), shape=mask.shape), **options)
    if form == "mask":
        return LinearAssignment(filled, **options, forbidden=mask)
    if mask.any():
        filled = np.where(mask, -np.inf if maximize else np.inf, filled.astype(np.float64))
    return LinearAssignment(filled, **options)

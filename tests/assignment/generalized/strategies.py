"""Random generalized assignment problems for hypothesis: small, and full of corner cases."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from optikit.assignment import GeneralizedAssignment


@st.composite
def gaps(draw, max_jobs: int = 5, max_agents: int = 3):
    """Ints and floats, one demand a job or a pair, tight and loose, forbidden pairs, jobs that may be left out, maximised too."""
    m, n = draw(st.integers(1, max_agents)), draw(st.integers(1, max_jobs))
    maximize = draw(st.booleans())
    cell = st.integers(-9, 50) if draw(st.booleans()) else st.floats(-9, 50).map(lambda x: round(x, 3))
    cost = np.array(draw(st.lists(st.lists(cell, min_size=n, max_size=n), min_size=m, max_size=m)))
    if draw(st.booleans()):
        mask = np.array(draw(st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=m, max_size=m)))
        cost = np.where(mask, cost, -math.inf if maximize else math.inf)
    whole = draw(st.booleans())
    # Thirds have no exact lattice, and three thirds still fill an agent of one.
    fraction = draw(st.sampled_from([st.floats(0, 9).map(lambda x: round(x, 2)), st.sampled_from([0.0, 1 / 3, 2 / 3, 1.0])]))
    load = st.integers(0, 9) if whole else fraction
    rows = m if draw(st.booleans()) else 1
    demand = np.array(draw(st.lists(st.lists(load, min_size=n, max_size=n), min_size=rows, max_size=rows)))
    part = draw(st.sampled_from([0.4, 0.8, 1.0, 1.5, 3.0]))
    capacity = np.broadcast_to(demand, (m, n)).sum(axis=1) * part / m
    capacity = np.ceil(capacity).astype(int) if whole else np.ceil(capacity)
    leave_out = None
    if draw(st.booleans()):
        leave_out = draw(st.lists(st.integers(-5, 60) | st.just(math.inf), min_size=n, max_size=n))
    return GeneralizedAssignment(cost, demand if rows == m and m > 1 else demand[0], capacity, maximize, leave_out)

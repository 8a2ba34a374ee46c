"""What both formulations share: costs of facilities at locations, and by how much they can differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..instance import Core, make_core
from ..problem import QuadraticAssignment


@dataclass(frozen=True)
class Interactions:
    """Each pair of facilities once: facility i pays for its flows to those behind it.

    Parameters
    ----------
    core : Core
        Of the problem, in ticks.
    flow : numpy.ndarray of int64, shape (num_free, num_free)
        Above the diagonal, both directions together, where the core is symmetric; else all.
    least, most : numpy.ndarray of int64, shape (num_free, num_places)
        Bounds on what the flows of a facility cost, if it is at a location.
    most_elsewhere : numpy.ndarray of int64, shape (num_free, num_places)
        Bound on the same, if another one is there, who then is 0 away: at least 0.
    allowed : numpy.ndarray of bool, shape (num_free, num_places)
        Which facility may be where.
    """

    core: Core
    flow: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    most_elsewhere: NDArray[np.int64]
    allowed: NDArray[np.bool_]

    @classmethod
    def of(cls, problem: QuadraticAssignment) -> Interactions:
        core = make_core(problem)
        flow = np.triu(core.flow) if core.symmetric else core.flow
        m, n = core.num_facilities, core.size
        least, most, elsewhere = (np.zeros((m, n), np.int64) for _ in range(3))
        for place in range(n):
            ways = np.sort(np.delete(core.distance[place], place))
            for facility in range(m):
                amounts = flow[facility][flow[facility] != 0]
                # The rest of the ways meet no flow: products with zero.
                padded = np.sort(np.concatenate([amounts, np.zeros(n - 1 - len(amounts), np.int64)]))
                least[facility, place] = padded @ ways[::-1]
                most[facility, place] = padded @ ways
                # Without one of its products, which may be the most negative.
                lost = (
                    min(0, int((padded[[0, -1]] * ways[[-1, 0]]).min()), int((padded[[0, -1]] * ways[[0, -1]]).min()))
                    if n > 1
                    else 0
                )
                elsewhere[facility, place] = max(0, int(most[facility, place]) - lost)
        return cls(core, flow, least, most, elsewhere, core.linear < core.price)

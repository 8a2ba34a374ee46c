"""What both formulations share: costs of facilities at locations, and by how much they can differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....errors import UnsupportedError
from ..instance import Core, lattice_within, make_core
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
    def of(cls, problem: QuadraticAssignment, most: int) -> Interactions:
        """In ticks of which no placement costs more than ``most``, rounded where there are more (see `lattice_within`).

        Raises
        ------
        UnsupportedError
            For ints that are greater.
        """
        lattice = lattice_within(problem, most)
        if lattice is None:
            raise UnsupportedError(f"costs reach {problem.lattice.most:.3g}, and the engine takes {most:.3g}; use a larger unit")
        core = make_core(problem, lattice)
        flow = np.triu(core.flow) if core.symmetric else core.flow
        m, n = core.num_facilities, core.size
        least, greatest, elsewhere = (np.zeros((m, n), np.int64) for _ in range(3))
        for place in range(n):
            ways = np.sort(np.delete(core.distance[place], place))
            for facility in range(m):
                amounts = flow[facility][flow[facility] != 0]
                # The rest of the ways meet no flow: products with zero.
                padded = np.sort(np.concatenate([amounts, np.zeros(n - 1 - len(amounts), np.int64)]))
                least[facility, place] = padded @ ways[::-1]
                greatest[facility, place] = padded @ ways
                # Without one of its products, which may be the most negative.
                lost = (
                    min(0, int((padded[[0, -1]] * ways[[-1, 0]]).min()), int((padded[[0, -1]] * ways[[0, -1]]).min()))
                    if n > 1
                    else 0
                )
                elsewhere[facility, place] = max(0, int(greatest[facility, place]) - lost)
        return cls(core, flow, least, greatest, elsewhere, core.linear < core.price)


def told(problem: QuadraticAssignment, most: int) -> str:
    """What is to be said of costs that an engine gets rounded; nothing where it gets them as they are."""
    lattice = lattice_within(problem, most)
    if lattice is None or lattice is problem.lattice:
        return ""
    return f"costs are rounded for the engine, by {lattice.error:.2g} a placement at most: the bound is so much lower"

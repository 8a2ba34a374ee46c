"""Generalized assignment in the manner of Chu and Beasley (types A to D) and of Laguna et al. (type E), as Yagiura et al. draw it.

P. C. Chu, J. E. Beasley, A genetic algorithm for the generalised assignment problem, Computers and Operations Research 24 (1997),
17-23, section 5; M. Laguna, J. P. Kelly, J. L. Gonzalez-Velarde, F. Glover, Tabu search for the multilevel generalized assignment
problem, European Journal of Operational Research 82 (1995), 176-189; M. Yagiura, T. Ibaraki, F. Glover, A path relinking approach
with ejection chains for the generalized assignment problem, European Journal of Operational Research 169 (2006), 548-569.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from ..inputs.wording import did_you_mean
from .stream import Integers, Stream

KINDS = ("a", "b", "c", "d", "e")

MOST_PAIRS = 50_000_000

_UNIT = 2**20


def chu_beasley(*, size: int = 100, agents: int = 10, kind: str = "c", seed: int = 0) -> dict[str, Integers]:
    """Costs, demands and capacities, to be minimised.

    Parameters
    ----------
    size : int
        Jobs.
    agents : int
        Agents.
    kind : {"a", "b", "c", "d", "e"}
        a, b and c: demands 5 to 25 and costs 10 to 50, both uniform; the capacities of a leave much room (0.6 of what jobs take on
        average, and 0.4 of what the fullest agent has where each job is where it is cheapest), of b 0.7 of that, of c 0.8 of a fair
        share of all demands. d: demands 1 to 100, costs 111 - demand + (-10 to 10), so that what is cheap is heavy, and capacities
        as c. e: demands 1 - 10 ln u, and costs 1000 / demand - 10 v, for u and v uniform on 0 to 1, rounded, and capacities as c.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``cost`` and ``demand``, shape (agents, size); ``capacity``, shape (agents,), rounded down.

    Examples
    --------
    >>> drawn = chu_beasley(size=20, agents=4, kind="d", seed=1)
    >>> drawn["cost"].shape, int((drawn["cost"] + drawn["demand"]).min()) >= 101
    ((4, 20), True)
    """
    size, agents, seed = check_count("size", size, 1), check_count("agents", agents, 1), check_count("seed", seed, 0)
    if kind not in KINDS:
        raise UnsupportedError(f"kind is {kind!r}{did_you_mean(kind, KINDS)}; expected one of {', '.join(KINDS)}")
    if size * agents > MOST_PAIRS:
        raise UnsupportedError(f"size is {size:,} and agents {agents:,}; expected at most {MOST_PAIRS:,} pairs")
    count, shape = size * agents, (agents, size)
    demands, costs = Stream(f"chu_beasley {kind} demand", seed), Stream(f"chu_beasley {kind} cost", seed)
    if kind == "d":
        demand = demands.between(1, 100, count)
        cost = 111 - demand + costs.between(-10, 10, count)
    elif kind == "e":
        # 1 - 10 ln u is v or more, once rounded, where u is at most exp((1.5 - v) / 10).
        u = (demands.words(count) >> np.uint64(32)).astype(np.int64) + 1
        thresholds = _thresholds()
        demand = 1 + len(thresholds) - np.searchsorted(thresholds, u, side="left")
        # round(1000 / demand - 10 v), in integers.
        cost = (2000 * _UNIT + demand * _UNIT - 20 * demand * costs.below(_UNIT, count)) // (2 * demand * _UNIT)
    else:
        demand, cost = demands.between(5, 25, count), costs.between(10, 50, count)
    demand, cost = demand.reshape(shape), cost.reshape(shape)
    if kind in ("a", "b"):
        cheapest = cost.argmin(axis=0)
        fullest = int(np.bincount(cheapest, weights=demand[cheapest, np.arange(size)], minlength=agents).max())
        # 9 n / m is 0.6 of the mean demand of 15 a job.
        of_a, parts = 9 * size * 10 + 4 * fullest * agents, 10 * agents
        capacity = np.full(agents, of_a // parts if kind == "a" else 7 * of_a // (10 * parts))
    else:
        capacity = 8 * demand.sum(axis=1) // (10 * agents)
    return {"cost": cost, "demand": demand, "capacity": capacity}


@cache
def _thresholds() -> Integers:
    """exp((1.5 - v) / 10) times 2^32, rounded down, for v = 2, 3, ... as far as that is 1 at least; ascending."""
    with localcontext() as context:
        context.prec = 40
        values, v = [], 2
        while (value := int(((Decimal(3) / 2 - v) / 10).exp() * 2**32)) >= 1:
            values.append(value)
            v += 1
    return np.array(values[::-1], dtype=np.int64)

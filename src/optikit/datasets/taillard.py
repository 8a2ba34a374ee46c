"""Taillard's shops, number for number.

E. Taillard, Benchmarks for basic scheduling problems, European Journal of Operational Research 64 (1993), 278-285. Random
numbers: the linear congruential generator of Lewis, Goodman and Miller, x <- 16807 x mod (2^31 - 1) (his figure 1), and
U[a, b] = a + floor(x / (2^31 - 1) (b - a + 1)). He computes the quotient in floating point; in integers it is the same,
since 2^31 - 1 is prime: the fraction that is cut off is 0 for no x, and never within rounding of 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedError
from ..inputs.arguments import check_count

_MODULUS = 2**31 - 1
_MULTIPLIER = 16807

Durations = NDArray[np.int64]


class _Random:
    def __init__(self, name: str, seed: int) -> None:
        self._state = check_count(name, seed, 1)
        if self._state >= _MODULUS:
            raise UnsupportedError(f"{name} is {seed}; expected a seed from 1 to {_MODULUS - 1}")

    def between(self, low: int, high: int) -> int:
        """Uniform on low, ..., high."""
        self._state = self._state * _MULTIPLIER % _MODULUS
        return low + self._state * (high - low + 1) // _MODULUS


def _durations(jobs: int, machines: int, time_seed: int) -> tuple[int, int, Durations]:
    jobs, machines = check_count("jobs", jobs, 1), check_count("machines", machines, 1)
    random = _Random("time_seed", time_seed)
    drawn = [random.between(1, 99) for _ in range(jobs * machines)]
    return jobs, machines, np.array(drawn, dtype=np.int64)


def _orders(jobs: int, machines: int, machine_seed: int) -> NDArray[np.int64]:
    """For each job a shuffle of the machines."""
    random = _Random("machine_seed", machine_seed)
    orders = []
    for _ in range(jobs):
        order = list(range(machines))
        for position in range(machines):
            other = random.between(position, machines - 1)
            order[position], order[other] = order[other], order[position]
        orders.append(order)
    return np.array(orders, dtype=np.int64)


def jobshop(*, jobs: int, machines: int, time_seed: int, machine_seed: int) -> dict[str, NDArray[np.int64]]:
    """A job shop (section 4).

    Parameters
    ----------
    jobs, machines : int
        The shape; every job visits every machine once.
    time_seed, machine_seed : int
        As in his tables.

    Returns
    -------
    dict
        ``durations`` and ``machines``, both of shape (jobs, machines): how long, and where (from 0), the o-th operation of
        job j is.

    Examples
    --------
    >>> ta01 = jobshop(jobs=15, machines=15, time_seed=840612802, machine_seed=398197754)
    >>> ta01["durations"][0, :4], ta01["machines"][0, :4]
    (array([94, 66, 10, 53]), array([ 6, 12,  4,  7]))
    """
    jobs, machines, durations = _durations(jobs, machines, time_seed)
    return {"durations": durations.reshape(jobs, machines), "machines": _orders(jobs, machines, machine_seed)}


def flowshop(*, jobs: int, machines: int, time_seed: int) -> dict[str, NDArray[np.int64]]:
    """A flow shop (section 3); the order of the machines is that of their numbers.

    Returns
    -------
    dict
        ``durations``, shape (jobs, machines).

    Examples
    --------
    >>> flowshop(jobs=20, machines=5, time_seed=873654221)["durations"][0]
    array([54, 79, 16, 66, 58])
    """
    jobs, machines, durations = _durations(jobs, machines, time_seed)
    return {"durations": np.ascontiguousarray(durations.reshape(machines, jobs).T)}


def qap(*, size: int, flow_seed: int, distance_seed: int) -> dict[str, NDArray[np.int64]]:
    """A quadratic assignment problem: both matrices symmetric, uniform on 0 to 99 (his taiXXa).

    E. D. Taillard, Robust taboo search for the quadratic assignment problem, Parallel Computing 17 (1991), 443-455, section 4. The
    rule is recomputed from tai40a and tai60a of QAPLIB, which it gives number for number, as it
    does tai50a, tai80a and tai100a from the flow seeds 148469109, 1768973698 and 443596051.

    Parameters
    ----------
    size : int
        Facilities and locations.
    flow_seed, distance_seed : int
        Of the numbers above the two diagonals, row by row. The distances of tai40a to tai100a have 123456789.

    Returns
    -------
    dict
        ``flow`` and ``distance``, shape (size, size), the diagonals 0.

    Examples
    --------
    >>> tai40a = qap(size=40, flow_seed=1364951216, distance_seed=123456789)
    >>> tai40a["flow"][0, 1:4], tai40a["distance"][0, 1:4]
    (array([61, 87, 34]), array([21, 95, 82]))
    """
    size = check_count("size", size, 2, most=3_000)
    drawn = {}
    for matrix, name, seed in (("flow", "flow_seed", flow_seed), ("distance", "distance_seed", distance_seed)):
        random = _Random(name, seed)
        drawn[matrix] = np.zeros((size, size), dtype=np.int64)
        drawn[matrix][np.triu_indices(size, 1)] = [random.between(0, 99) for _ in range(size * (size - 1) // 2)]
        drawn[matrix] += drawn[matrix].T
    return drawn


def openshop(*, jobs: int, machines: int, time_seed: int, machine_seed: int) -> dict[str, NDArray[np.int64]]:
    """An open shop (section 5): drawn as a job shop is, then told machine by machine.

    Returns
    -------
    dict
        ``durations``, shape (jobs, machines): how long job j is on machine m.

    Examples
    --------
    >>> openshop(jobs=4, machines=4, time_seed=1166510396, machine_seed=164000672)["durations"][0]
    array([34,  2, 54, 61])
    """
    jobs, machines, drawn = _durations(jobs, machines, time_seed)
    durations = np.empty((jobs, machines), dtype=np.int64)
    np.put_along_axis(durations, _orders(jobs, machines, machine_seed), drawn.reshape(jobs, machines), axis=1)
    return {"durations": durations}

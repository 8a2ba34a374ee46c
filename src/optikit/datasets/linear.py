"""Linear assignment in the manner of the literature: the classes on which codes are compared.

M. Dell'Amico, P. Toth, Algorithms and codes for dense assignment problems: the state of the art, Discrete Applied Mathematics 100
(2000), 17-48, section 5, where no other source is named.
"""

from __future__ import annotations

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from .stream import Integers, Stream, roots

LARGEST = 20_000
"""Rows of a dense matrix, which takes 3.2 GB."""

MOST_COST = 10**9

MOST_PAIRS = 100_000_000
"""Entries of a sparse matrix."""


def uniform(*, size: int = 100, seed: int = 0, most: int = 1000) -> dict[str, Integers]:
    """Costs uniform on 1, ..., most; many are equal where that is small.

    With ``most=100`` as Beasley's (J. E. Beasley, Linear programming on Cray supercomputers, Journal of the Operational Research
    Society 41 (1990), 133-139).

    Parameters
    ----------
    size : int
        Rows, and columns.
    seed : int
        Which instance.
    most : int
        The largest cost, up to 10^9.

    Returns
    -------
    dict
        ``cost``, shape (size, size).
    """
    size, seed = _started(size, seed)
    most = check_count("most", most, 1, most=MOST_COST)
    return {"cost": Stream("lap uniform", seed).between(1, most, size * size).reshape(size, size)}


def geometric(*, size: int = 100, seed: int = 0, side: int = 1_000_000) -> dict[str, Integers]:
    """Distances between two sets of points, uniform on a square, rounded to the nearest integer.

    Parameters
    ----------
    size : int
        Points of each set.
    seed : int
        Which instance.
    side : int
        Of the square, up to 10^9.

    Returns
    -------
    dict
        ``cost``, shape (size, size).
    """
    size, seed = _started(size, seed)
    side = check_count("side", side, 1, most=MOST_COST)
    points = Stream("lap geometric", seed).below(side, 4 * size).reshape(2, size, 2)
    cost = np.empty((size, size), dtype=np.int64)
    for row, point in enumerate(points[0]):  # a row at a time: no array of pairs of coordinates
        cost[row] = _nearest_root(((points[1] - point) ** 2).sum(axis=1))
    return {"cost": cost}


def two_cost(*, size: int = 100, seed: int = 0, most: int = 1_000_000) -> dict[str, Integers]:
    """Costs of 1 or ``most``, each with probability 1/2.

    Parameters
    ----------
    size : int
        Rows, and columns.
    seed : int
        Which instance.
    most : int
        The larger cost.

    Returns
    -------
    dict
        ``cost``, shape (size, size).
    """
    size, seed = _started(size, seed)
    most = check_count("most", most, 2, most=MOST_COST)
    return {"cost": np.where(Stream("lap two_cost", seed).below(2, size * size).reshape(size, size) == 1, most, 1)}


def machol_wien(*, size: int = 100) -> dict[str, Integers]:
    """Costs i * j, on which paths are long: nothing is drawn.

    R. E. Machol, M. Wien, A hard assignment problem, Operations Research 24 (1976), 190-192. The best assignment pairs the first
    row with the last column, and so on: size (size + 1) (size + 2) / 6.

    Parameters
    ----------
    size : int
        Rows, and columns.

    Returns
    -------
    dict
        ``cost``, shape (size, size).
    """
    size, _ = _started(size, 0)
    index = np.arange(1, size + 1)
    return {"cost": np.multiply.outer(index, index)}


def product(*, size: int = 100, seed: int = 0, most: int = 1000) -> dict[str, Integers]:
    """Costs a[i] * b[j], with a and b uniform on 1, ..., most: Machol and Wien's with random factors.

    Parameters
    ----------
    size : int
        Rows, and columns.
    seed : int
        Which instance.
    most : int
        The largest factor, up to 10^6.

    Returns
    -------
    dict
        ``cost``, shape (size, size).
    """
    size, seed = _started(size, seed)
    most = check_count("most", most, 1, most=10**6)
    a, b = Stream("lap product", seed).between(1, most, 2 * size).reshape(2, size)
    return {"cost": np.multiply.outer(a, b)}


def sparse(*, size: int = 1000, seed: int = 0, degree: int = 10, most: int = 1000) -> dict[str, Integers]:
    """Few pairs a row, at random, among them one assignment, so that there is one.

    After the sparse graphs of the first DIMACS challenge (1991).

    Parameters
    ----------
    size : int
        Rows, and columns.
    seed : int
        Which instance.
    degree : int
        Pairs that are drawn for each row, one of them of the hidden assignment; those that are drawn twice count once.
    most : int
        Costs are uniform on 1, ..., most.

    Returns
    -------
    dict
        ``indptr``, shape (size + 1,), ``indices`` and ``data``: row i has the columns and costs ``indptr[i]`` to
        ``indptr[i + 1] - 1``, by column.

    Examples
    --------
    >>> drawn = sparse(size=5, seed=1, degree=2)
    >>> len(drawn["indptr"]), len(drawn["indices"]) == len(drawn["data"]) <= 10
    (6, True)
    """
    size, seed = check_count("size", size, 1), check_count("seed", seed, 0)
    degree, most = check_count("degree", degree, 1, most=size), check_count("most", most, 1, most=MOST_COST)
    if size * degree > MOST_PAIRS:
        raise UnsupportedError(f"size is {size:,} and degree {degree:,}; expected at most {MOST_PAIRS:,} pairs")
    columns = Stream("lap sparse columns", seed).below(size, size * degree).reshape(size, degree)
    columns[:, 0] = Stream("lap sparse hidden", seed).permutation(size)
    columns = np.sort(columns, axis=1)
    first = np.ones(columns.shape, dtype=bool)
    first[:, 1:] = columns[:, 1:] != columns[:, :-1]
    cost = Stream("lap sparse costs", seed).between(1, most, size * degree).reshape(size, degree)
    return {"indptr": np.concatenate(([0], np.cumsum(first.sum(axis=1)))), "indices": columns[first], "data": cost[first]}


def _started(size: int, seed: int) -> tuple[int, int]:
    return check_count("size", size, 1, most=LARGEST), check_count("seed", seed, 0)


def _nearest_root(squares: Integers) -> Integers:
    """Square roots of numbers up to 2 * 10^18, rounded to the nearest integer."""
    root = roots(squares)
    return root + (squares - root * root > root)

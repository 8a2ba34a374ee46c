"""Asymmetric travelling salesmen after those of the literature.

The classes are after those of J. Cirasella, D. S. Johnson, L. A. McGeoch, W. Zhang, The Asymmetric Traveling Salesman Problem:
Algorithms, Instance Generators, and Tests, ALENEX 2001, Lecture Notes in Computer Science 2153, 32-59, and have their names (smat
and tsmat are left out). They are not that paper's generators: the rules are written below; ranges, defaults and random numbers
are our own, and what may differ is a parameter. Values published for that paper's instances say nothing of these. All distances are
whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from .stream import Integers, Stream, roots

SQUARE = 1_000_000
"""Coordinates and random distances are 0, ..., 999,999."""

LARGEST = 10_000
"""Cities: their matrix takes 800 MB."""

LARGEST_CLOSURE = 3_200
"""Cities where shortest paths are computed, in cubic time."""


def _started(name: str, size: int, seed: int, most: int = LARGEST) -> tuple[int, Stream]:
    size, seed = check_count("size", size, 2), check_count("seed", seed, 0)
    if size > most:
        raise UnsupportedError(f"size is {size:,}; expected at most {most:,}")
    return size, Stream(name, seed)


def _told(distance: Integers) -> dict[str, Any]:
    np.fill_diagonal(distance, 0)
    return {"distance": distance}


def _places(stream: Stream, size: int) -> Integers:
    return stream.below(SQUARE, 2 * size).reshape(size, 2)


# -- matrices ---------------------------------------------------------------------


def amat(*, size: int = 100, seed: int = 0) -> dict[str, Any]:
    """Random asymmetric matrices: each distance uniform below 10^6, independent of all others.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.

    Examples
    --------
    >>> amat(size=3, seed=1)["distance"].shape
    (3, 3)
    """
    size, stream = _started("amat", size, seed)
    return _told(stream.below(SQUARE, size * size).reshape(size, size))


def tmat(*, size: int = 100, seed: int = 0) -> dict[str, Any]:
    """Random asymmetric matrices closed under shortest paths: the triangle inequality holds.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("tmat", size, seed, LARGEST_CLOSURE)
    distance = _told(stream.below(SQUARE, size * size).reshape(size, size))["distance"].astype(np.int32)
    longer = np.empty_like(distance)
    for via in range(size):
        np.add(distance[:, via, None], distance[via], out=longer)
        np.minimum(distance, longer, out=distance)
    return _told(distance.astype(np.int64))


# -- the plane ----------------------------------------------------------------------


def rect(*, size: int = 100, seed: int = 0) -> dict[str, Any]:
    """Rectilinear: cities uniform on a square of 10^6 by 10^6, ``|dx| + |dy|``; symmetric.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("rect", size, seed)
    return _told(_tilted(_places(stream, size), 1, 1, 1, np.add))


def rtilt(*, size: int = 100, seed: int = 0, x: int = 1, up: int = 2, down: int = 0) -> dict[str, Any]:
    """A drill above a tilted board, one motor after the other: ``x |dx| + (up or down) |dy|``.

    Since what goes up must come down, tours cost what they cost with (up + down) / 2 both ways: by default as in `rect`,
    though no distance tells.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    x, up, down : int
        What one unit aside, upwards and downwards takes, >= 0.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("rtilt", size, seed)
    return _told(_tilted(_places(stream, size), x, up, down, np.add))


def stilt(*, size: int = 100, seed: int = 0, x: int = 2, up: int = 4, down: int = 1) -> dict[str, Any]:
    """A drill above a tilted board, both motors at once: the larger of ``x |dx|`` and ``(up or down) |dy|``.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    x, up, down : int
        What one unit aside, upwards and downwards takes, >= 0.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("stilt", size, seed)
    return _told(_tilted(_places(stream, size), x, up, down, np.maximum))


def _tilted(places: Integers, x: int, up: int, down: int, join: Any) -> Integers:
    weights = [check_count(name, value, 0) for name, value in (("x", x), ("up", up), ("down", down))]
    if max(weights) > SQUARE:
        raise UnsupportedError(f"a weight of {max(weights):,} is given; expected at most {SQUARE:,}")
    aside = np.abs(places[:, None, 0] - places[None, :, 0])
    climb = places[None, :, 1] - places[:, None, 1]
    joined: Integers = join(weights[0] * aside, np.where(climb > 0, weights[1], weights[2]) * np.abs(climb))
    return joined


def crane(*, size: int = 100, seed: int = 0, spread: int | None = None) -> dict[str, Any]:
    """A stacker crane: loads are picked up at one place and put down at another; it costs to move between loads.

    Pick-ups are uniform on the square; a load is put down within 10^6 / ``spread`` of its pick-up, along x and along y; by
    default ``spread`` is the square root of ``size``, so that a load goes about as far as the next pick-up is. Euclidean
    distances, rounded to the nearest integer.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    spread : int, optional
        How near to its pick-up a load is put down: within 10^6 / spread.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("crane", size, seed)
    spread = max(int(roots(np.array([size]))[0]), 1) if spread is None else check_count("spread", spread, 1)
    pick = _places(stream, size)
    reach = SQUARE // spread
    put = pick + stream.between(-reach, reach, 2 * size).reshape(size, 2)
    square = sum((put[:, None, axis] - pick[None, :, axis]) ** 2 for axis in (0, 1))
    return _told((roots(4 * np.asarray(square)) + 1) // 2)


def disk(*, size: int = 100, seed: int = 0, spread: int = 10, slow: int = 10) -> dict[str, Any]:
    """A disk drive: files begin anywhere on a turning disk, and end on the same track, up to 10^6 / ``spread`` further.

    Tracks are 0, ..., 999,999, and so are the places on each, the first of them after the last. From the end of a file the head
    goes to the track of the next, ``slow`` units of rotation a track, and waits until its beginning comes by.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    spread : int
        How long files are: up to 10^6 / spread.
    slow : int
        Units of rotation for which the head needs a track.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("disk", size, seed)
    spread, slow = check_count("spread", spread, 1), check_count("slow", slow, 0)
    places = _places(stream, size)
    begin, track = places[:, 0], places[:, 1]
    end = (begin + stream.between(0, SQUARE // spread, size)) % SQUARE
    move = slow * np.abs(track[:, None] - track[None, :])
    wait = (begin[None, :] - end[:, None] - move) % SQUARE
    return _told(move + wait)


# -- a city -----------------------------------------------------------------------------


def coin(*, size: int = 100, seed: int = 0, blocks: int | None = None) -> dict[str, Any]:
    """Coins are collected from pay phones in a city of ``blocks`` by ``blocks`` blocks.

    One drives on the right, along the side of the street where the phone is; the streets between blocks are two-way, that around
    the city is one-way, clockwise; nobody turns round, not even at a corner. Phones are uniform on the sides of the blocks, each
    side 10^6 / ``blocks`` long. By default there are about ten phones for each row and column: ``blocks`` is sqrt(size / 10).

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    blocks : int, optional
        Blocks in a row and in a column of the city, up to 32.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    size, stream = _started("coin", size, seed)
    if blocks is None:
        blocks = max(int((roots(np.array([4 * size // 10]))[0] + 1) // 2), 1)
    blocks = check_count("blocks", blocks, 1)
    if blocks > 32:
        raise UnsupportedError(f"blocks is {blocks}; expected at most 32")
    length = SQUARE // blocks
    start, end = _sides(blocks)
    # From a side to those that begin where it ends, but for its other side.
    follows = (end[:, None] == start[None, :]) & (start[:, None] != end[None, :])
    side, along = stream.below(len(start), size), stream.below(length, size)
    used, row = np.unique(side, return_inverse=True)
    hops = shortest_path(csr_array(follows.astype(np.int8)), unweighted=True, indices=used).astype(np.int64)
    for index, here in enumerate(used):
        hops[index, here] = 1 + hops[index, follows[:, here]].min()  # back to where one was: once around
    straight = (side[:, None] == side[None, :]) & (along[None, :] >= along[:, None])
    between = along[None, :] - along[:, None]
    return _told(np.where(straight, between, between + length * hops[row][:, side]))


def _sides(blocks: int) -> tuple[Integers, Integers]:
    """The corners at which each side of each block begins and ends, clockwise around the block."""
    across = blocks + 1
    corner = np.arange(across * across, dtype=np.int64).reshape(across, across)  # [row from the south, column]
    south_west, south_east, north_west, north_east = (
        corner[:-1, :-1].ravel(), corner[:-1, 1:].ravel(), corner[1:, :-1].ravel(), corner[1:, 1:].ravel(),
    )  # fmt: skip
    start = np.concatenate((north_west, north_east, south_east, south_west))
    end = np.concatenate((north_east, south_east, south_west, north_west))
    return start, end


# -- jobs and strings ---------------------------------------------------------------------


def shop(*, size: int = 100, seed: int = 0, machines: int = 50, longest: int = 1000) -> dict[str, Any]:
    """A flow shop without waiting: jobs go over ``machines`` machines, for 0, ..., ``longest`` on each.

    The distance from one job to the next is by how much the next ends later, begun as early as it can be.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.
    machines, longest : int
        How many machines a job goes over, and for how long at most on each.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("shop", size, seed)
    machines, longest = check_count("machines", machines, 1), check_count("longest", longest, 0)
    if machines > 1000 or longest > SQUARE:
        raise UnsupportedError(f"machines is {machines:,} and longest {longest:,}; expected at most 1,000 and {SQUARE:,}")
    until = stream.between(0, longest, size * machines).reshape(size, machines).cumsum(axis=1)
    begun = np.concatenate((np.zeros((size, 1), dtype=np.int64), until[:, :-1]), axis=1)
    # The next begins when no machine has two jobs: on each, the one before ends before the next arrives.
    delay = np.zeros((size, size), dtype=np.int64)
    for machine in range(machines):
        np.maximum(delay, until[:, machine, None] - begun[None, :, machine], out=delay)
    return _told(delay + until[None, :, -1] - until[:, -1, None])


def super_(*, size: int = 100, seed: int = 0) -> dict[str, Any]:
    """Approximate shortest common superstrings: random strings of 20 bits.

    The distance from A to B is 20 less the largest j - 2 k such that the first j bits of B are the last j of A, but for k.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``distance``, shape (size, size), the diagonal 0.
    """
    size, stream = _started("super", size, seed)
    bits = 20
    strings = stream.below(2**bits, size)
    ones = np.zeros(1, dtype=np.int64)
    for _ in range(bits):
        ones = np.concatenate((ones, ones + 1))
    best = np.zeros((size, size), dtype=np.int64)
    for j in range(1, bits + 1):
        wrong = ones[(strings[:, None] & (2**j - 1)) ^ (strings[None, :] >> (bits - j))]
        np.maximum(best, j - 2 * wrong, out=best)
    return _told(bits - best)

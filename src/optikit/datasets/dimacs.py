"""The random instances of the 8th DIMACS Implementation Challenge (the TSP, 2000), number for number.

L. A. McGeoch's programs portgen, portcgen and portmgen (June 1999): uniform and clustered points, and random matrices, from a
portable random number generator (D. E. Knuth, The Art of Computer Programming, volume 2, 3.2.2: subtractive, lags 24 and 55).
E1k.0 is ``portgen 1000 1000``, E1k.3 is ``portgen 1000 10003``; C and M likewise.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedError
from ..inputs.arguments import check_count

_SQUARE = 1_000_000
_LARGEST_SEED = 10**9 - 1
_LARGEST_MATRIX = 10_000


class _Knuth:
    """Numbers below 10^9: x(n) = x(n - 55) - x(n - 24) mod 10^9."""

    RANGE = 1_000_000_000

    def __init__(self, seed: int) -> None:
        state = [0] * 55
        state[0] = last = seed
        following = 1
        for i in range(1, 55):
            state[21 * i % 55] = following
            following, last = last - following, following
            following += self.RANGE * (following < 0)
        # The programs go down through the state, from its end: here the oldest number comes first.
        self._last = np.array(state[::-1], dtype=np.int64)
        self._kept = np.empty(0, dtype=np.int64)
        self.take(165)

    def take(self, count: int) -> NDArray[np.int64]:
        """The next numbers."""
        drawn = [self._kept]
        missing = count - len(self._kept)
        while missing > 0:
            following = self._last[:24] - self._last[31:]
            following[following < 0] += self.RANGE
            self._last = np.concatenate((self._last[24:], following))
            drawn.append(following)
            missing -= 24
        everything = np.concatenate(drawn)
        self._kept = everything[count:]
        return everything[:count]


def _checked(size: int, seed: int, most: int) -> tuple[int, int]:
    size, seed = check_count("size", size, 2), check_count("seed", seed, 0)
    if size > most:
        raise UnsupportedError(f"size is {size:,}; expected at most {most:,}")
    if seed > _LARGEST_SEED:
        raise UnsupportedError(f"seed is {seed}; expected at most {_LARGEST_SEED}")
    return size, seed


def uniform(*, size: int = 1000, seed: int = 0) -> dict[str, Any]:
    """portgen: points with whole coordinates, uniform on a square of 10^6 by 10^6; distances rounded to the nearest integer.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``points``, shape (size, 2), and ``rounding``.

    Examples
    --------
    >>> uniform(size=1000, seed=1000)["points"][:2].tolist()  # E1k.0
    [[140237, 801141], [169837, 196125]]
    """
    size, seed = _checked(size, seed, 10_000_000)
    points = _Knuth(seed).take(2 * size).reshape(size, 2) // (_Knuth.RANGE // _SQUARE)
    return {"points": points, "rounding": "nearest"}


def clustered(*, size: int = 1000, seed: int = 0) -> dict[str, Any]:
    """portcgen: a cluster for each 100 cities, its centre uniform on the square; around it normal, of deviation 10^6 / sqrt(size).

    The normal deviates take a logarithm (Knuth, 3.4.1, algorithm P), whose last bit differs between platforms. Coordinates are
    cut to whole numbers, so that matters only where one lies within rounding of a whole number: there the logarithm is taken
    by `decimal`, to 40 digits.

    Parameters
    ----------
    size : int
        Cities, at least 100.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``points``, shape (size, 2), and ``rounding``.

    Examples
    --------
    >>> clustered(size=1000, seed=1000)["points"][:2].tolist()  # C1k.0
    [[877915, 39773], [121704, 262791]]
    """
    size, seed = _checked(size, seed, 1_000_000)
    if size < 100:
        raise UnsupportedError(f"size is {size}; a cluster has 100 cities: expected at least 100")
    random = _Numbers(seed)
    clusters = size // 100
    centers = [[random.below(_SQUARE), random.below(_SQUARE)] for _ in range(clusters)]
    scale = 1.0 / math.sqrt(size)
    points = np.empty((size, 2), dtype=np.int64)
    for city in range(size):
        x, y = centers[random.below(clusters)]
        points[city] = x + random.normal(scale), y + random.normal(scale)
    return {"points": points, "rounding": "nearest"}


class _Numbers:
    """The generator, one number at a time."""

    def __init__(self, seed: int) -> None:
        self._knuth = _Knuth(seed)
        self._waiting: list[int] = []
        self._spare: tuple[float, float] | None = None

    def _next(self) -> int:
        if not self._waiting:
            self._waiting = self._knuth.take(4800)[::-1].tolist()
        return self._waiting.pop()

    def below(self, bound: int) -> int:
        """The program computes trunc(x / 10^9 * bound) in floating point: exactly these operations, which IEEE 754 rounds alike."""
        return int(self._next() / _Knuth.RANGE * bound)

    def normal(self, scale: float) -> int:
        """A normal deviate times ``scale`` times the square, cut to a whole number."""
        if self._spare is not None:
            first, s = self._spare
            self._spare = None
            return _cut(first, s, scale)
        while True:
            first = 2 * self._next() / _Knuth.RANGE - 1.0
            second = 2 * self._next() / _Knuth.RANGE - 1.0
            s = first * first + second * second
            if 0.0 < s < 1.0:
                self._spare = first, s
                return _cut(second, s, scale)


def _cut(v: float, s: float, scale: float) -> int:
    """trunc(v sqrt(-2 ln(s) / s) scale 10^6)."""
    value = v * math.sqrt(-2.0 * math.log(s) / s) * scale * _SQUARE
    if abs(value - round(value)) > 1e-6:
        return int(value)
    with localcontext() as context:
        context.prec = 40
        exact = Decimal(s)
        return int(Decimal(v) * (-2 * exact.ln() / exact).sqrt() * Decimal(scale) * _SQUARE)


def matrix(*, size: int = 1000, seed: int = 0) -> dict[str, Any]:
    """portmgen: a symmetric matrix of whole distances below 10^6, each a hash of its two cities and the seed.

    Parameters
    ----------
    size : int
        Cities.
    seed : int
        Which instance.

    Returns
    -------
    dict
        ``distance``, shape (size, size).

    Examples
    --------
    >>> matrix(size=3, seed=1)["distance"].tolist()
    [[0, 980705, 812476], [980705, 0, 595590], [812476, 595590, 0]]
    """
    size, seed = _checked(size, seed, _LARGEST_MATRIX)
    # int of C: 32 bits that wrap around; the keys of the cities are 0x12345672 i + 1.
    parameter = np.uint32((104 * seed + 1) % 2**32)
    keys = (np.arange(1, size + 1, dtype=np.uint64) * 0x12345672 + 1).astype(np.uint32)
    distance = np.empty((size, size), dtype=np.int64)
    for row, i in enumerate(keys):
        x = (i & keys) * parameter
        y = (i | keys) * x
        z = parameter * y ^ parameter
        x *= z
        y *= x
        z *= y
        distance[row] = (((i + keys) ^ z) & np.uint32(0x7FFFFFFF)).astype(np.int64) * _SQUARE >> 31
    np.fill_diagonal(distance, 0)
    return {"distance": distance}

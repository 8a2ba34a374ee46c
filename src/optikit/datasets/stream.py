"""Random integers that are the same on every platform, for every version of numpy and of this library.

numpy promises that the raw words of a bit generator and of its seeding never change (NEP 19); what its `Generator` makes of
them may. So only raw words are taken, of PCG64 (O'Neill 2014) seeded by the name of the generator and the user's seed, and all
that is made of them is made in integers: no logarithm, sine or power, whose last bit is the platform's affair.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Stream:
    """One stream of integers; the k-th number drawn is the same however many are drawn at once.

    Parameters
    ----------
    name : str
        What is drawn: streams of different names have nothing in common.
    seed : int
        At least 0.

    Examples
    --------
    >>> Stream("dice", seed=1).between(1, 6, 4)
    array([4, 1, 1, 1])
    """

    def __init__(self, name: str, seed: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, *name.encode()]))

    def words(self, count: int) -> NDArray[np.uint64]:
        """Raw words of 64 bits."""
        drawn: NDArray[np.uint64] = self._bits.random_raw(count)
        return drawn

    def below(self, bound: int, count: int) -> Integers:
        """Uniform on 0, ..., bound - 1, for a bound up to 2^32: the upper half of a word times the bound, shifted down.

        No word is thrown away, so a number always costs one; none is more likely than another by more than 1 in 2^32 / bound.
        """
        return ((self.words(count) >> np.uint64(32)) * np.uint64(bound) >> np.uint64(32)).astype(np.int64)

    def between(self, low: int, high: int, count: int) -> Integers:
        """Uniform on low, ..., high."""
        return low + self.below(high - low + 1, count)

    def permutation(self, count: int) -> Integers:
        """A random order of 0, ..., count - 1: by the size of one word each."""
        return np.argsort(self.words(count), kind="stable").astype(np.int64)


@cache
def decay(scale: int) -> tuple[Integers, Integers]:
    """exp(-d / scale) as integers, for distances d = whole + part / 1024: 2^-60 times one of each table.

    `decimal` rounds correctly on every platform. Beyond the end of the first table it is 0.
    """
    with localcontext() as context:
        context.prec = 40
        whole = [int((Decimal(-d) / scale).exp() * 2**30) for d in range(21 * scale)]
        part = [int((Decimal(-d) / (1024 * scale)).exp() * 2**30) for d in range(1024)]
    return np.array(whole, dtype=np.int64), np.array(part, dtype=np.int64)


def roots(squares: Integers) -> Integers:
    """The integer square root of each number below 2^62, rounded down.

    IEEE 754 rounds a square root correctly, so it is off by one at most, which is then mended in integers.
    """
    root = np.sqrt(squares.astype(np.float64)).astype(np.int64)
    root -= root * root > squares
    root += (root + 1) * (root + 1) <= squares
    return root

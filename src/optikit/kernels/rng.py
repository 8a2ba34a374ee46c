"""Random numbers inside kernels: xoshiro256++.

Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021. A search owns its four
words, so a seed gives the same stream whatever else runs; NumPy's global state inside numba is neither seeded from
outside nor shared between threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optikit.kernels.jit import Arrays, array, f8, i8, inline, u8

if TYPE_CHECKING:
    from typing import Self

MASK = 0xFFFFFFFFFFFFFFFF  # keeps Python's ints to 64 bits; nothing when compiled


class Random(Arrays):
    """The state of one stream."""

    words = array(u8, "4", "state of xoshiro256++; not all zero", mutable=True)

    @classmethod
    def seeded(cls, seed: int, stream: int = 0) -> Self:
        """The start of stream number `stream` of a seed; streams are independent of each other.

        Parameters
        ----------
        seed : int
            Not negative.
        stream : int
            Not negative; one for each island.
        """
        # The child that SeedSequence(seed).spawn(stream + 1) would return last.
        sequence = np.random.SeedSequence(seed, spawn_key=(stream,))
        return cls(words=sequence.generate_state(4, np.uint64))


@inline
def draw(r: Any) -> Any:
    """The next 64 random bits."""
    w0, w1, w2, w3 = r.words[0], r.words[1], r.words[2], r.words[3]
    total = (w0 + w3) & MASK
    out = ((((total << 23) & MASK) | (total >> 41)) + w0) & MASK
    w2 ^= w0
    w3 ^= w1
    r.words[0] = w0 ^ w3
    r.words[1] = w1 ^ w2
    r.words[2] = w2 ^ ((w1 << 17) & MASK)
    r.words[3] = ((w3 << 45) & MASK) | (w3 >> 19)
    return out


@inline
def below(r: Any, n: Any) -> Any:
    """A random integer in 0..n-1, for 1 <= n < 2**32, by multiply-shift; the bias is below n / 2**32."""
    return i8(((draw(r) >> 32) * u8(n)) >> 32)


@inline
def unit(r: Any) -> Any:
    """A random float in [0, 1), a multiple of 2**-53."""
    return f8(i8(draw(r) >> 11)) * 1.1102230246251565e-16

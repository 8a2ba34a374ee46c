"""A kernel that uses every part of the kernel language."""

import math

from optikit.kernels.jit import f8, i4, i8, inline, kernel, u1, u4, u8
from optikit.kernels.rng import MASK, Random, below, draw, unit

from .arrays import Bag

HALF = 0.5
SHIFT = 7


@inline
def clamp(x, low, high):
    return min(max(x, low), high)


@inline
def divmod_of(x, y):
    return x // y, x % y


@inline
def mix(b, i, j):
    """Signed arithmetic: floor division, remainder, shifts, wrapping casts."""
    q, r = divmod_of(b.big[i] - b.source[j], b.small[j] if b.small[j] != 0 else -3)
    b.big[j] = clamp(q * 3 - r, -(2**40), 2**40)
    b.small[i] = i4(b.big[j] + b.small[i] * 65_537)
    b.byte[j] = u1(b.small[i] - b.byte[i])
    b.word[i] = u4((b.word[j] - b.byte[j]) << 3)


@inline
def hash_bits(b, i, j):
    """Unsigned arithmetic, modulo 2**64."""
    x = b.bits[i] ^ b.mask
    x = (x * u8(0x9E3779B97F4A7C15) + u8(b.small[j])) & MASK
    x ^= x >> SHIFT
    b.bits[j] = (x << 11 | x >> 53) & MASK


@kernel
def churn(b: Bag, r: Random, steps: i8, factor: f8, salt: u8) -> i8:
    total = 0
    for step in range(steps):
        i = below(r, b.size)
        j = below(r, b.size)
        if i == j and step % 3 != 0:
            continue
        mix(b, i, j)
        hash_bits(b, i, j)
        b.bits[i] = b.bits[i] ^ salt
        b.real[i] = HALF * b.real[j] + math.sqrt(abs(b.real[i] - unit(r))) * b.weight * factor
        k = step
        while k > 0 and b.big[k % b.size] >= 0:
            k -= 1 + k // 2
        total += k + b.small[i] + i8(draw(r) >> 60) - (1 if b.real[i] < b.weight else 0)
        if total > 1_000_000 or total < -1_000_000:
            total = total % 1000
    return total


@kernel
def mean(b: Bag) -> f8:
    total = 0.0
    for i in range(b.size):
        total += b.real[i] / b.size
    return total


@kernel
def fold(b: Bag) -> u8:
    x = u8(1)
    for i in range(b.size):
        x = (x * u8(31) + b.bits[i]) & MASK
    return x


@kernel
def clear(b: Bag) -> None:
    for i in range(b.size):
        b.big[i] = 0


@kernel
def poke(b: Bag, index: i8, value: i8) -> i8:
    """Read and write wherever it is told to."""
    before = b.small[index]
    b.small[index] = value
    return before


@kernel
def ratio(a: i8, b: i8) -> i8:
    return a // b

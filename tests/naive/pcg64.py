"""The raw words of PCG64, from its definition (O'Neill 2014, XSL-RR 128/64), seeded as numpy's SeedSequence seeds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_32, _64, _128 = 2**32 - 1, 2**64 - 1, 2**128 - 1


def _seed_words(entropy: Sequence[int], count: int) -> list[int]:
    """``SeedSequence(entropy).generate_state(count, uint64)``."""
    words = []
    for number in entropy:
        words.append(number & _32)
        while number > _32:
            number >>= 32
            words.append(number & _32)
    constant = 0x43B0D7E5

    def hashed(value: int) -> int:
        nonlocal constant
        value ^= constant
        constant = constant * 0x931E8875 & _32
        value = value * constant & _32
        return value ^ value >> 16

    def mixed(x: int, y: int) -> int:
        result = 0xCA01F9DD * x - 0x4973F715 * y & _32
        return result ^ result >> 16

    pool = [hashed(words[i] if i < len(words) else 0) for i in range(4)]
    for source in range(4):
        for target in range(4):
            if source != target:
                pool[target] = mixed(pool[target], hashed(pool[source]))
    for word in words[4:]:
        for target in range(4):
            pool[target] = mixed(pool[target], hashed(word))
    constant = 0x8B51F9DD
    halves = []
    for i in range(2 * count):
        value = pool[i % 4] ^ constant
        constant = constant * 0x58F38DED & _32
        value = value * constant & _32
        halves.append(value ^ value >> 16)
    return [low | high << 32 for low, high in zip(halves[::2], halves[1::2], strict=True)]


def pcg64(entropy: Sequence[int]) -> Iterator[int]:
    """Words of 64 bits."""
    multiplier = 0x2360ED051FC65DA44385DF649FCCF645
    a, b, c, d = _seed_words(entropy, 4)
    increment = ((c << 64 | d) << 1 | 1) & _128
    state = increment
    state = (state + (a << 64 | b)) * multiplier + increment & _128
    while True:
        state = state * multiplier + increment & _128
        folded, turn = (state >> 64 ^ state) & _64, state >> 122
        yield (folded >> turn | folded << (64 - turn)) & _64


def below(name: str, seed: int, bound: int) -> Iterator[int]:
    """Numbers below a bound, as the generators of data sets draw them."""
    for word in pcg64([seed, *name.encode()]):
        yield (word >> 32) * bound >> 32

"""Random integers: those of the published definition, whatever the platform; and what is made of them without the maths library."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest

from optikit.datasets.stream import Stream, decay, roots

from ..naive.pcg64 import below, pcg64


def test_the_naive_reference_agrees_with_the_published_one():
    """First words of numpy's own test data for PCG64 with seed 0xdeadbeaf (numpy/random/tests/data/pcg64-testset-1.csv)."""
    words = list(islice(pcg64([0xDEADBEAF]), 3))
    assert words == [0x60D24054E17A0698, 0xD5E79D89856E4F12, 0xD254972FE64BD782]


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**32 - 1, 2**40 + 7])
@pytest.mark.parametrize("name", ["amat", "uchoa clients", "a name of more than sixteen letters"])
def test_raw_words_are_those_of_the_definition(name, seed):
    words = Stream(name, seed).words(50)
    assert words.tolist() == list(islice(pcg64([seed, *name.encode()]), 50))


@pytest.mark.parametrize("bound", [1, 2, 6, 1001, 10**6, 2**31, 2**32])
def test_numbers_below_a_bound(bound):
    stream = Stream("test", 7)
    drawn = [*stream.below(bound, 3), *stream.below(bound, 97)]
    assert drawn == list(islice(below("test", 7, bound), 100))
    assert Stream("test", 7).between(10, 9 + bound, 5).tolist() == [10 + value for value in drawn[:5]]
    assert 0 <= min(drawn) <= max(drawn) < bound


def test_numbers_are_uniform():
    counts = np.bincount(Stream("dice", 3).below(6, 60_000), minlength=6)
    chi_square = ((counts - 10_000) ** 2 / 10_000).sum()
    assert chi_square < 20.5  # 0.999 of the distribution with 5 degrees of freedom


def test_streams_of_different_names_and_seeds_differ():
    words = {(name, seed): tuple(Stream(name, seed).words(4)) for name in ("a", "b", "ab") for seed in (0, 1, 97)}
    assert len(set(words.values())) == 9


def test_a_permutation():
    order = Stream("order", 1).permutation(1000)
    words = list(islice(pcg64([1, *b"order"]), 1000))
    assert order.tolist() == sorted(range(1000), key=words.__getitem__)


def test_integer_roots():
    squares = np.array([0, 1, 2, 3, 4, 2**52, 2**52 - 1, 2**62 - 1, (2**31 - 1) ** 2, (2**31 - 1) ** 2 - 1, 3037000498**2])
    squares = np.concatenate((squares, Stream("squares", 0).words(10_000).astype(np.int64) >> 2 & (2**62 - 1)))
    assert roots(squares).tolist() == [math.isqrt(square) for square in squares.tolist()]


def test_decay():
    whole, part = decay(40)
    for distance in (0, 1, 17.5, 39.999, 40, 123.456, 500, 839):
        steps = int(distance * 1024)
        value = int(whole[steps >> 10]) * int(part[steps & 1023]) / 2**60
        assert value == pytest.approx(math.exp(-steps / 1024 / 40), abs=4e-9)
    assert whole[-1] <= 1

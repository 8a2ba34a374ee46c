"""The instances of the DIMACS challenge: as the published programs print them."""

from __future__ import annotations

import hashlib
from decimal import Decimal, localcontext

import numpy as np
import pytest

import optikit as ok
from optikit.datasets import dimacs
from optikit.errors import UnsupportedError

# SHA-256 of what portgen, portcgen and portmgen of June 1999 print, compiled from their C sources: the numbers of each line
# after the header, without those of the cities; of portmgen in the form of a full matrix, one number a line.
PRINTED = {
    "tsp/E1k.0": "eb64d5fccefc86c7dc98dadfe946f50aa541d31fb24c202ad3a2953b1d59d198",
    "tsp/E1k.1": "04194307a4c65f77b50046ecefac14c7dbdef042f44ed06fe4eb5992ae038709",
    "tsp/E31k.0": "c171adb578935abf08edfc8350d2774981dee4f1c185bcb7be1ce9ca8e3c1112",
    "tsp/C1k.0": "1cbe3b330df01408a7039dd0ca0a1c18498f43524ed21ff7905703baeaa679e0",
    "tsp/C1k.1": "23c8e1ff24c72ac19f35cf8df2372bf51e2b82beef63ef22cdb29b7b055ce5fa",
    "tsp/C10k.2": "c574128ad4fd7f5571c202f924c4800284183ef4a1c51adcbc53e5fc1d9bbb70",
    "tsp/M1k.0": "5ec70f3e77d0ccdba039089957045c38386dccb8d7f983191ca8d3d4694d4dbd",
    "tsp/M1k.1": "8190f64a9fc77db2a267c77b51196c027a5527167678ac8c9952a89691ca5153",
}


@pytest.mark.parametrize("key", PRINTED)
def test_number_for_number(key):
    numbers = ok.datasets.numbers(key)
    if "points" in numbers:
        text = "".join(f"{x} {y}\n" for x, y in numbers["points"].tolist())
    else:
        text = "".join(f"{distance}\n" for distance in numbers["distance"].ravel().tolist())
    assert hashlib.sha256(text.encode()).hexdigest() == PRINTED[key]


def knuth(seed: int, count: int) -> list[int]:
    """The generator as the programs have it: an array of 55 numbers, and two hands that go down through it."""
    state, last, following = [0] * 55, seed, 1
    state[0] = seed
    for i in range(1, 55):
        state[21 * i % 55] = following
        following = last - following
        if following < 0:
            following += 10**9
        last = state[21 * i % 55]
    a, b, drawn = 0, 24, []
    for _ in range(165 + count):
        a, b = (a - 1) % 55, (b - 1) % 55
        state[a] -= state[b]
        if state[a] < 0:
            state[a] += 10**9
        drawn.append(state[a])
    return drawn[165:]


@pytest.mark.parametrize("seed", [0, 1, 54321, 10**9 - 1])
def test_the_generator_one_number_at_a_time(seed):
    expected = np.array(knuth(seed, 2 * 300)).reshape(300, 2) // 1000
    assert dimacs.uniform(size=300, seed=seed)["points"].tolist() == expected.tolist()


def test_a_matrix_of_wrapped_words():
    distance = dimacs.matrix(size=12, seed=20_000_000)["distance"]

    def word(x: int) -> int:
        return x & 0xFFFFFFFF

    parameter = word(104 * 20_000_000 + 1)
    for i in range(1, 13):
        for j in range(1, 13):
            a, b = word(0x12345672 * i + 1), word(0x12345672 * j + 1)
            x, y, z = a & b, a | b, parameter
            x = word(x * z)
            y = word(y * x)
            z = word(z * y) ^ parameter
            x = word(x * z)
            y = word(y * x)
            z = word(z * y)
            hashed = (word(a + b) ^ z) & 0x7FFFFFFF
            assert distance[i - 1, j - 1] == (0 if i == j else int(hashed * (1_000_000 / 2147483648.0)))


def test_a_coordinate_near_a_whole_number_is_cut_exactly(monkeypatch):
    """Where the logarithm of the platform could flip it, forty digits decide: with a logarithm that is wrong in its last bits
    nothing changes."""
    right = dimacs.clustered(size=20_000, seed=1)["points"]
    log = dimacs.math.log
    monkeypatch.setattr(dimacs.math, "log", lambda x: log(x) * (1 + 4e-16))
    assert (dimacs.clustered(size=20_000, seed=1)["points"] == right).all()


def test_the_exact_cut():
    s = 0.25
    with localcontext() as context:
        context.prec = 50
        deviate = (-2 * Decimal(s).ln() / Decimal(s)).sqrt() * 10**6
    v = float(5 / deviate)  # so that the value is 5, up to the rounding of v
    exact = int(Decimal(v) * deviate)
    assert dimacs._cut(v, s, 1.0) == exact
    assert exact in (4, 5)


def test_clusters():
    points = dimacs.clustered(size=10_000, seed=2)["points"]
    hundred = np.unique(points // 100_000, axis=0)
    assert len(hundred) < 100, "a hundred clusters leave parts of the square empty"


@pytest.mark.parametrize(
    ("generator", "parameters", "words"),
    [
        ("uniform", {"size": 1}, "size is 1"),
        ("uniform", {"size": 20_000_000}, "at most 10,000,000"),
        ("uniform", {"seed": 10**9}, "at most 999999999"),
        ("clustered", {"size": 99}, "a cluster has 100 cities"),
        ("matrix", {"size": 10_001}, "at most 10,000"),
        ("matrix", {"seed": -1}, "seed is -1"),
        ("matrix", {"seed": True}, "seed is True"),
    ],
)
def test_bad_parameters(generator, parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        getattr(dimacs, generator)(**parameters)

"""The classes after Cirasella et al., each against its rule, told one pair of cities at a time."""

from __future__ import annotations

import heapq
import math
from itertools import islice

import numpy as np
import pytest

import optikit as ok
from optikit.datasets import GENERATORS, asymmetric
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below

CLASSES = sorted(key for key in GENERATORS if key.startswith("atsp/"))
SIZE, SEED = 40, 3


def drawn(name: str, count: int, bound: int, skip: int = 0) -> list[int]:
    """Numbers of a stream; of the same words, those after ``skip``."""
    return list(islice(below(name, SEED, bound), skip, skip + count))


def points(name: str, size: int = SIZE) -> list[tuple[int, int]]:
    numbers = drawn(name, 2 * size, 10**6)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def distances(name: str, **parameters) -> list[list[int]]:
    numbers = ok.datasets.generators.GENERATORS[f"atsp/{name}"].function(size=SIZE, seed=SEED, **parameters)
    return numbers["distance"].tolist()


def expected(rule) -> list[list[int]]:
    return [[0 if i == j else rule(i, j) for j in range(SIZE)] for i in range(SIZE)]


def test_amat():
    numbers = drawn("amat", SIZE * SIZE, 10**6)
    assert distances("amat") == expected(lambda i, j: numbers[i * SIZE + j])


def test_tmat():
    numbers = drawn("tmat", SIZE * SIZE, 10**6)

    def shortest(source: int) -> list[int]:
        best, queue = {}, [(0, source)]
        while queue:
            length, city = heapq.heappop(queue)
            if city not in best:
                best[city] = length
                for other in range(SIZE):
                    if other != city:
                        heapq.heappush(queue, (length + numbers[city * SIZE + other], other))
        return [best[city] for city in range(SIZE)]

    assert distances("tmat") == [shortest(source) for source in range(SIZE)]


def test_rect():
    at = points("rect")
    assert distances("rect") == expected(lambda i, j: abs(at[i][0] - at[j][0]) + abs(at[i][1] - at[j][1]))


@pytest.mark.parametrize(("name", "join"), [("rtilt", sum), ("stilt", max)])
@pytest.mark.parametrize("weights", [{}, {"x": 3, "up": 5, "down": 2}])
def test_tilted(name, join, weights):
    at = points(name)
    x, up, down = weights.values() if weights else {"rtilt": (1, 2, 0), "stilt": (2, 4, 1)}[name]

    def rule(i, j):
        climb = at[j][1] - at[i][1]
        return join([x * abs(at[j][0] - at[i][0]), up * climb if climb > 0 else -down * climb])

    assert distances(name, **weights) == expected(rule)


def test_tours_of_an_additive_tilt_cost_what_they_cost_without():
    numbers = asymmetric.rtilt(size=SIZE, seed=SEED)["distance"]
    at = points("rtilt")
    for seed in range(5):
        tour = np.random.default_rng(seed).permutation(SIZE)
        following = np.roll(tour, -1)
        flat = sum(abs(at[i][0] - at[j][0]) + abs(at[i][1] - at[j][1]) for i, j in zip(tour, following, strict=True))
        assert numbers[tour, following].sum() == flat


@pytest.mark.parametrize("spread", [None, 1, 25])
def test_crane(spread):
    pick = points("crane")
    reach = 10**6 // (math.isqrt(SIZE) if spread is None else spread)
    moves = drawn("crane", 2 * SIZE, 2 * reach + 1, skip=2 * SIZE)
    put = [(x + moves[2 * i] - reach, y + moves[2 * i + 1] - reach) for i, (x, y) in enumerate(pick)]

    def rule(i, j):
        square = (put[i][0] - pick[j][0]) ** 2 + (put[i][1] - pick[j][1]) ** 2
        root = math.isqrt(square)
        return root + (square > root * root + root)  # (root + 1/2)^2 = root^2 + root + 1/4

    assert distances("crane", spread=spread) == expected(rule)


@pytest.mark.parametrize("slow", [0, 1, 10])
def test_disk(slow):
    """Wait unit by unit would take long; the least time that is no less than the move and that brings the beginning by."""
    at = points("disk")
    lengths = drawn("disk", SIZE, 10**5 + 1, skip=2 * SIZE)

    def rule(i, j):
        end = at[i][0] + lengths[i]
        move = slow * abs(at[i][1] - at[j][1])
        turns = math.ceil((move - (at[j][0] - end)) / 10**6)
        return at[j][0] - end + turns * 10**6

    assert distances("disk", slow=slow) == expected(rule)


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_coin(blocks):
    """Dijkstra over moves from phone to corner to corner to phone, on a map of streets with a right-hand side."""
    length = 10**6 // blocks
    sides = []
    # North sides first, block by block from the south-west, then east, south and west ones: each clockwise around its block.
    corners = [[(x, y + 1), (x + 1, y + 1), (x + 1, y), (x, y)] for y in range(blocks) for x in range(blocks)]
    for which in range(4):
        sides += [(block[which], block[(which + 1) % 4]) for block in corners]
    phones = list(zip(drawn("coin", SIZE, len(sides)), drawn("coin", SIZE, length, skip=SIZE), strict=True))

    def rule(i, j):
        side, along = phones[i]
        goal, goal_along = phones[j]
        if side == goal and goal_along >= along:
            return goal_along - along
        done, queue = set(), [(length - along, side)]  # at the end of a side
        while True:
            driven, here = heapq.heappop(queue)
            if here == -1:  # at the phone
                return driven
            if here in done:
                continue
            done.add(here)
            for onto, (start, end) in enumerate(sides):
                if start == sides[here][1] and end != sides[here][0]:
                    if onto == goal:
                        heapq.heappush(queue, (driven + goal_along, -1))
                    heapq.heappush(queue, (driven + length, onto))

    assert distances("coin", blocks=blocks) == expected(rule)


def test_coin_has_about_ten_phones_a_row_and_column():
    for size, blocks in ((2, 1), (100, 3), (316, 6), (1000, 10)):
        told, chosen = asymmetric.coin(size=size, seed=1)["distance"], asymmetric.coin(size=size, seed=1, blocks=blocks)["distance"]
        assert (told == chosen).all()


def test_shop():
    """Try each beginning of the next job until no machine has two at once."""
    machines, longest = 4, 6
    numbers = drawn("shop", SIZE * machines, longest + 1)
    jobs = [numbers[i * machines : (i + 1) * machines] for i in range(SIZE)]

    def rule(i, j):
        delay = 0
        while any(delay + sum(jobs[j][:m]) < sum(jobs[i][: m + 1]) for m in range(machines)):
            delay += 1
        return delay + sum(jobs[j]) - sum(jobs[i])

    assert distances("shop", machines=machines, longest=longest) == expected(rule)


def test_super():
    strings = [f"{number:020b}" for number in drawn("super", SIZE, 2**20)]

    def rule(i, j):
        best = 0
        for overlap in range(1, 21):
            wrong = sum(a != b for a, b in zip(strings[i][20 - overlap :], strings[j][:overlap], strict=True))
            best = max(best, overlap - 2 * wrong)
        return 20 - best

    assert distances("super") == expected(rule)


@pytest.mark.parametrize("key", CLASSES)
def test_as_a_problem(key):
    tsp = ok.datasets.load(f"{key}:size=12,seed=1")
    assert tsp.num_cities == 12
    assert tsp == ok.datasets.generate(key, size=12, seed=1)
    assert tsp != ok.datasets.generate(key, size=12, seed=2)
    assert tsp.features["symmetric"] == (key == "atsp/rect")
    assert tsp.evaluate(ok.routing.Tour(range(12))) > 0


@pytest.mark.parametrize("key", CLASSES)
@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"size": 1}, "size is 1"), ({"size": 10**6}, "at most"), ({"seed": -3}, "seed is -3"), ({"size": "many"}, "size is 'many'")],
)
def test_bad_parameters(key, parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        ok.datasets.generate(key, **parameters)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("crane", {"spread": 0}), ("disk", {"slow": -1}), ("coin", {"blocks": 33}), ("coin", {"blocks": 0}),
        ("shop", {"machines": 0}), ("shop", {"longest": 10**7}), ("stilt", {"up": -1}), ("rtilt", {"x": 10**7}),
    ],
)  # fmt: skip
def test_bad_rules(name, parameters):
    with pytest.raises(UnsupportedError):
        ok.datasets.generate(f"atsp/{name}", **parameters)

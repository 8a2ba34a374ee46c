"""Every way of running a kernel gives the same bits."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optikit.kernels.rng import Random, below, draw, unit

from .toys import clash, variants
from .toys.arrays import Bag
from .toys.churn import churn, clear, fold, mean, ratio


def random_bag(size, seed):
    g = np.random.default_rng(seed)
    return Bag(
        size=size,
        weight=float(g.normal()),
        mask=int(g.integers(2**64, dtype=np.uint64)),
        source=g.integers(-(2**40), 2**40, size),
        small=g.integers(-(2**31), 2**31, size, dtype=np.int32),
        byte=g.integers(256, size=size, dtype=np.uint8),
        word=g.integers(2**32, size=size, dtype=np.uint32),
        big=g.integers(-(2**40), 2**40, size),
        bits=g.integers(2**64, size=size, dtype=np.uint64),
        real=g.normal(size=size),
    )


def contents(structure):
    return {name: np.asarray(getattr(structure, name)).tobytes() for name in structure.fields}


@given(
    size=st.integers(1, 20),
    seed=st.integers(0, 2**32),
    steps=st.integers(0, 200),
    factor=st.floats(-2, 2, allow_subnormal=False),
    salt=st.integers(0, 2**64 - 1),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_random_words_and_results_agree(way, size, seed, steps, factor, salt):
    answers = []
    for each in ("python", way):
        bag, r = random_bag(size, seed), Random.seeded(seed, 1)
        result = churn.using(each)(bag, r, steps, factor, salt)
        answers.append((result, mean.using(each)(bag), fold.using(each)(bag), contents(bag), contents(r)))
    assert answers[0] == answers[1]


def test_results_have_the_declared_type(way):
    bag = random_bag(5, 0)
    assert type(mean.using(way)(bag)) is float
    assert type(fold.using(way)(bag)) is int
    assert clear.using(way)(bag) is None
    assert not bag.big.any()


@pytest.mark.parametrize(("a", "b"), [(7, 2), (-7, 2), (7, -2), (-7, -2), (0, 3), (2**61, -3)])
def test_division_rounds_down(way, a, b):
    assert ratio.using(way)(a, b) == a // b


def test_helpers_see_the_names_of_their_own_modules(way):
    """left: (x + 1) * 2; right: (x - 1) * 3; the kernel's own: 100 x * 5."""
    assert clash.both.using(way)(10) == 22 * 1_000_000 + 27 * 1000 + 5000


def test_variants_drop_the_branch_not_taken(way):
    """`flagged` reads b.depth under IS_DEEP, which no Bag has."""
    bag = random_bag(4, 0)
    once = sum(int(x) + 1 for x in bag.source)
    assert variants.measure["plain"].using(way)(bag) == once
    assert variants.measure["twice"].using(way)(bag) == 2 * once


def test_xoshiro_by_its_reference():
    """The first words from state (1, 2, 3, 4), by the authors' C code."""
    r = Random(words=np.array([1, 2, 3, 4], np.uint64))
    view = r._view(lambda flat, name: flat)
    expected = [41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205, 9973669472204895162]
    assert [draw(view) for _ in expected] == expected


@given(st.integers(0, 2**64), st.integers(0, 5), st.integers(1, 2**32 - 1))
def test_draws_stay_in_range(seed, stream, n):
    view = Random.seeded(seed, stream)._view(lambda flat, name: flat)
    assert all(0 <= below(view, n) < n for _ in range(10))
    assert all(0.0 <= unit(view) < 1.0 for _ in range(10))


@pytest.mark.parametrize("stream", [0, 1, 4])
def test_streams_are_those_that_numpy_spawns(stream):
    child = np.random.SeedSequence(17).spawn(stream + 1)[stream]
    assert (Random.seeded(17, stream).words == child.generate_state(4, np.uint64)).all()

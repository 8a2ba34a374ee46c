from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optikit.errors import EntryError, InvalidProblemError
from optikit.ticks import KERNEL_LIMIT, Lattice


@given(st.lists(st.decimals(0, 10_000, places=3), min_size=1, max_size=30))
def test_decimals_are_exact(values):
    """Prices and lengths with three decimals lose nothing, though 0.1 is no binary fraction."""
    lattice = Lattice.fit([float(v) for v in values], max_items=len(values))
    assert lattice.exact
    ticks = lattice.ticks([float(v) for v in values])
    assert Fraction(int(ticks.sum())) / Fraction(lattice.scale) == Fraction(sum(values, Decimal(0)))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.1 + 0.2, 0.7, 3 * 0.1], 10),  # 0.30000000000000004
        ([7 / 60, 95 / 60, 3.0], 60),  # minutes in hours
        ([1 / 3600, 17.25], 3600),
        ([5 / 86400, 30.5], 86400),
        ([1 / 7, 3.0], 7),
    ],
)
def test_parts_of_a_unit_count_as_exact(values, scale):
    assert not Lattice.fit(values, max_items=9).exact
    lattice = Lattice.fit(values, max_items=9, parts=True)
    assert (lattice.exact, lattice.scale, lattice.whole) == (True, scale, False)
    assert lattice.ticks(values).tolist() == [round(value * scale) for value in values]


def test_floats_of_many_digits_are_no_parts_of_anything():
    values = np.random.default_rng(0).random(3)
    assert not Lattice.fit(values, max_items=3, parts=True).exact


@pytest.mark.parametrize("value", [2**62, 10**16, 5 * 10**17])
def test_the_larger_unit_that_a_refusal_names_is_large_enough(value):
    with pytest.raises(EntryError, match=r"use a larger unit \(divide by 10+\)") as refused:
        Lattice.fit(np.array([value, 1]), max_items=1000, limit=KERNEL_LIMIT >> 10)
    factor = int(str(refused.value).rpartition(" ")[2].rstrip(")"))
    assert Lattice.fit(np.array([value // factor, 1]), max_items=1000, limit=KERNEL_LIMIT >> 10).exact


@given(
    st.lists(st.just(0.0) | st.floats(1e-280, 1e9), min_size=1, max_size=30),
    st.integers(1, 10_000),
)
def test_the_error_bounds_every_sum(values, items):
    lattice = Lattice.fit(values, max_items=items)
    picked = [values[i % len(values)] for i in range(items)]
    ticks = int(lattice.ticks(picked).astype(object).sum())
    exact_sum = sum(map(Fraction, picked))
    assert abs(exact_sum - Fraction(ticks) / Fraction(lattice.scale)) <= Fraction(lattice.error) + (
        sum(Fraction(v) * Fraction(2) ** -52 for v in picked) if lattice.exact else 0
    )
    assert abs(ticks) < KERNEL_LIMIT


@given(st.lists(st.just(0.0) | st.floats(1e-280, 1e6), min_size=1, max_size=20))
def test_down_never_overstates(values):
    lattice = Lattice.fit(values, max_items=10)
    if not lattice.exact:
        assert np.all(lattice.ticks(values, "down") <= np.array(values) * lattice.scale)


def test_ints_that_overflow_are_refused():
    with pytest.raises(InvalidProblemError, match=r"distance\[0\] is 4611686018427387904.*larger unit"):
        Lattice.fit(np.array([2**62]), max_items=4, field="distance")
    with pytest.raises(InvalidProblemError, match=r"distance\[1\] is 9007199254740993, and"):  # a float would end in 2
        Lattice.fit(np.array([5, 2**53 + 1]), max_items=4, field="distance")


def test_what_floats_hold_no_digits_of_is_refused():
    with pytest.raises(InvalidProblemError, match=r"distance reaches only 4.941e-324.*smaller unit"):
        Lattice.fit([5e-324, 0.0], max_items=2, field="distance")


def test_ints_keep_their_unit():
    lattice = Lattice.fit(np.array([3, 7]), max_items=4)
    assert (lattice.scale, lattice.error) == (1.0, 0.0)
    assert lattice.units(10) == 10.0

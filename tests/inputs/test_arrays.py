"""Arrays from outside: nothing is rounded in silence, and no bare count of a unit that nobody sees is taken for a number."""

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optikit.errors import EntryError, InvalidProblemError
from optikit.inputs.arrays import as_numbers
from optikit.inputs.tables import numbers_of

LARGE = 2**53 + 1
"""The least int that no float holds."""


@pytest.mark.parametrize(
    "value",
    [[LARGE, 0.5], np.array([LARGE, 0.5], object), [[0.5, 1.0], [2.0, -LARGE]], [np.int64(LARGE), 0.5], (0.5, 2**63 - 1)],
)
def test_ints_beside_fractions_are_not_rounded(value):
    with pytest.raises(
        EntryError, match=r"load\[.*\] is -?9.*; beside fractions all are floats, which skip integers above 2\^53; use"
    ):
        as_numbers("load", value, "; use a larger unit")


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4))
def test_what_is_taken_keeps_its_value(value):
    try:
        taken = as_numbers("load", value)
    except EntryError:
        assert any(isinstance(item, int) and abs(item) > 2**53 for item in value)
        return
    assert [Fraction(item) for item in taken.tolist()] == [Fraction(item) for item in value]


@pytest.mark.parametrize(
    "value",
    [
        [1, True],
        (np.False_, 2),
        [[0, 3], (True, 4)],
        [[0, 3.5], [False, 4]],
        [np.array([1, 2]), np.array([True, True])],
        [True],
        True,
    ],
)
def test_the_truth_is_no_number_beside_numbers_either(value):
    with pytest.raises(EntryError, match=r"^load.* is (True|False); expected a number"):
        as_numbers("load", value)


@pytest.mark.parametrize("value", [[], [[]], [(), ()], [[1, 2], (3.5, 4)], [np.array([1, 2]), [3, 4]], range(3), 7])
def test_lists_without_truths_are_taken_as_they_are(value):
    assert as_numbers("load", value).tolist() == np.asarray(value).tolist()


def test_large_ints_that_floats_hold_are_taken_beside_fractions():
    assert as_numbers("load", [2**60, 0.5]).tolist() == [2.0**60, 0.5]


@pytest.mark.parametrize("unit", ["ns", "s", "D"])
def test_durations_and_dates_are_refused_with_a_way_out(unit):
    for dtype, word in ((f"m8[{unit}]", r"holds durations .*total_seconds\(\)"), (f"M8[{unit}]", "holds dates .*since a start")):
        array = np.arange(3).astype(dtype)
        for value in (array, array.tolist() if unit == "ns" else list(array), array.reshape(1, 3)):
            if isinstance(value, list) and unit == "ns":
                continue  # bare ints by then
            with pytest.raises(InvalidProblemError, match=f"^load {word}"):
                as_numbers("load", value)
    with pytest.raises(EntryError, match=r"load\[1\] is .*; expected a number"):
        as_numbers("load", np.array([1, np.timedelta64(5, unit)], object))


def test_wider_floats_are_taken_as_far_as_they_fit():
    if np.finfo(np.longdouble).max <= np.finfo(np.float64).max:
        pytest.skip("floats of this machine are not wider than 64 bits")
    assert as_numbers("load", np.array([1.5], np.longdouble)).dtype == np.float64
    with pytest.raises(EntryError, match=r"load\[1\] is .*1e\+400.*; more than floats of 64 bits hold"):
        as_numbers("load", np.array([1, np.longdouble("1e400")]))
    odd = np.longdouble(2**53) + 1
    for value in (np.array([1, odd]), [1, odd]):
        with pytest.raises(EntryError, match=r"load\[1\] is .*9007199254740993.*; .* skip .* above 2\^53|above 2\^53 .* skip"):
            as_numbers("load", value)
    assert as_numbers("load", np.array([odd + 1])).tolist() == [2**53 + 2]


@pytest.mark.parametrize(("item", "told"), [(Decimal("1.5"), True), (Fraction(1, 3), True), ("7", True), ("x", False), (1j, False)])
def test_what_float_would_take_is_refused_with_that_way_out(item, told):
    with pytest.raises(EntryError, match=r"load\[1\] is .*; expected a number") as refusal:
        as_numbers("load", [1, item])
    assert (", such as float(...) makes of it" in str(refusal.value)) is told


def test_columns_of_short_floats_raise_no_warning():
    frame = pd.DataFrame({"load": np.array([0, 1.5], np.float16)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert numbers_of(frame, "load", "load", ["a", "b"]).tolist() == [0, 1.5]

"""Words of refusals: read aloud, they are sentences."""

import numpy as np
import pytest

from optikit.inputs.wording import amount, an, convertible, figure, several, shown
from optikit.routing import HGS, TSP, VRP, Routes


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (int, "an int"),
        (str, "a str"),
        (type(None), "a NoneType"),
        (np.ndarray, "an ndarray"),
        (VRP, "a VRP"),
        (TSP, "a TSP"),
        (HGS, "an HGS"),
        (Routes, "a Routes"),
        (OSError, "an OSError"),
        (UserWarning, "a UserWarning"),
    ],
)
def test_a_class_has_its_article(kind, said):
    assert an(kind) == said


def test_of_many_things_the_first_are_told():
    assert several(range(5)) == "0; 1; 2; 3; 4"
    assert several("abcdefg") == "a; b; c; d; e; and 2 more"
    assert several([]) == ""


@pytest.mark.parametrize(("text", "told"), [("3,5", True), ("-1.234,5", True), ("1,000", True), ("3;5", False), ("a,5", False)])
def test_a_decimal_comma_is_called_by_its_name(text, told):
    assert ("decimal comma" in convertible(text)) is told


def test_dates_are_shown_with_their_unit():
    assert "D" in shown(np.timedelta64(5, "D"))


@pytest.mark.parametrize(
    ("value", "said", "figured"),
    [
        (2**53 + 1, "9,007,199,254,740,993", "9,007,199,254,740,993"),
        (np.int64(2**53 + 1), "9,007,199,254,740,993", "9,007,199,254,740,993"),
        (12345678901.0, "12,345,678,901", "12,345,678,901"),
        (2.5, "2.5", "2.5"),
        (1e300, "1e+300", "1e+300"),
        (float("inf"), "inf", "inf"),
        (float("nan"), "nan", "nan"),
    ],
)
def test_whole_numbers_are_told_with_all_digits(value, said, figured):
    assert (amount(value), figure(value)) == (said, figured)

"""Positions in a table: every kind of int there is, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optikit.errors import InvalidSolutionError
from optikit.inputs.forms import with_infinity, without_infinity
from optikit.inputs.positions import positions

GIVEN: tuple[Any, ...] = (
    [2, 0, 1], (2, 0, 1), np.array([2, 0, 1], np.int8), np.array([2, 0, 1], np.uint64), np.array([2, 0, 1], object),
    [np.int16(2), 0, np.uint8(1)], (item for item in (2, 0, 1)), {2: None, 0: None, 1: None}.keys(),
)  # fmt: skip
REFUSED: tuple[tuple[Any, str], ...] = (
    ("201", r"order is '201'; expected a sequence, of each the position of a city"),
    ({2: 0}, r"order is .*; expected a sequence"),
    ({2, 0, 1}, r"order is \{.*\}; expected a sequence"),
    (7, r"order is 7; expected a sequence"),
    ([2, True], r"order\[1\] is True; expected the position of a city, an int"),
    ([2, np.True_], r"order\[1\] is .*True.*; expected"),
    ([2, 1.0], r"order\[1\] is 1\.0; expected"),
    (np.array([2.0, 1.0]), r"order\[0\] is .*2\.0.*; expected"),
    ([2, None], r"order\[1\] is None; expected"),
    ([2, 2**63], r"order\[1\] is 9223372036854775808; expected"),
    (np.array([2, 2**63], np.uint64), r"order\[1\] is .*9223372036854775808.*; expected"),
)


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: type(given).__name__)
def test_ints_of_every_kind(given: Any) -> None:
    found = positions("order", given, "the position of a city", InvalidSolutionError)
    assert found.dtype == np.int64
    assert found.tolist() == [2, 0, 1]


def test_the_array_is_a_copy() -> None:
    given = np.array([2, 0, 1])
    positions("order", given, "the position of a city", InvalidSolutionError)[0] = 5
    assert given.tolist() == [2, 0, 1]


@pytest.mark.parametrize(("given", "told"), REFUSED)
def test_all_else_is_refused_by_name(given: Any, told: str) -> None:
    with pytest.raises(InvalidSolutionError, match=told):
        positions("order", given, "the position of a city", InvalidSolutionError)


@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_infinity_goes_through_json_as_none(infinity: float) -> None:
    plain = without_infinity(np.array([1.5, infinity, 0.0]))
    assert plain == [1.5, None, 0.0]
    assert with_infinity(plain, infinity) == [1.5, infinity, 0.0]
    assert without_infinity(np.array([3, 4])) == [3, 4]
    assert without_infinity(None) is None
    assert with_infinity(None) is None

"""Fields of flow shops as they come from outside: checked, or refused by name, index and value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse
from ...inputs.names import Name
from ...inputs.wording import shown


def numbers_of(field: str, value: ArrayLike, shape: tuple[int | None, ...], advice: str = "") -> NDArray[Any]:
    """Times as int64 or float64, finite and not negative."""
    given = as_numbers(field, value, f"; {advice}" if advice else "")
    array = frozen_array(field, given, np.int64 if given.dtype.kind in "iu" else np.float64, shape=shape, advice=advice)
    refuse(field, array, array < 0, "expected a number >= 0")
    return array


def count_of(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InvalidProblemError(f"{field} is {shown(value)}; expected an int >= 1")
    return int(value)


def truth_of(field: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise InvalidProblemError(f"{field} is {shown(value)}; expected True or False")
    return bool(value)


def called(kind: str, names: Sequence[Name] | None, index: int) -> str:
    name = index if names is None else names[index]
    return f"{name!r} ({index})" if isinstance(name, str) else f"{kind} {name}"

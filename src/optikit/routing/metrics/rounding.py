"""How lengths become distances: named rules, as the sets of instances use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class RoundingRule(NamedTuple):
    """``sign * floor(sign * distance * factor + offset) / divisor``."""

    factor: float
    offset: float
    divisor: float
    sign: float = 1.0


ROUNDINGS: Mapping[str, RoundingRule | None] = {
    "exact": None,
    "nearest": RoundingRule(1, 0.5, 1),
    "floor": RoundingRule(1, 0, 1),
    "ceil": RoundingRule(1, 0, 1, -1),
    "dimacs": RoundingRule(10, 0, 1),
    "one_decimal": RoundingRule(10, 0, 10),
    "hundredfold": RoundingRule(100, 0.5, 1),
}
"""Named rounding rules: ``nearest`` is TSPLIB's EUC_2D (floor(d + 0.5)), ``ceil`` its CEIL_2D, ``dimacs`` ten times the
distance, truncated (12th DIMACS challenge), ``one_decimal`` truncated to one decimal (Solomon's instances), ``hundredfold`` a
hundred times the distance, to the nearest integer (TSPLIB's XRAY1 and XRAY2)."""


def rounded(length: Array, factor: float, offset: float, sign: float) -> Array:
    """``sign * floor(sign * length * factor + offset)``, in place: a matrix is large."""
    length *= sign * factor
    length += offset
    np.floor(length, out=length)
    length *= sign
    return length

"""The integer lattice on which kernels, CP-SAT and OR-Tools compute.

Users give ints or floats in any unit; engines add up int64 *ticks*, so that a delta is exact and is compared with ``==``.
A lattice is exact where a power of ten makes every input an integer, else it is the finest whose sums fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import EntryError, InvalidProblemError

KERNEL_LIMIT = 2**62
"""Every sum that a kernel can form stays below this."""

CPSAT_LIMIT = 2**53
"""The sum of |coefficient x domain| over a CP-SAT model stays below this."""

_MAX_DECIMALS = 9

_PARTS = (1, 3, 6, 7, 9, 36, 864)
"""Times powers of ten, the parts of a unit of time: decimals, thirds, sevenths; minutes and seconds of hours and days."""

_DUST = 64 * 2.0**-52
"""So far floats are from what was meant, relative to it, after some sums and divisions: 3 * 0.1, or minutes by 60."""

_LEAST = 2.0**-940
"""Values below that (1e-283) lose digits as they approach the least float, and would need ticks above the largest."""


@dataclass(frozen=True)
class Lattice:
    """A scale from the user's unit to ticks.

    Parameters
    ----------
    scale : float
        Ticks per unit.
    item_error : float
        Bound on ``|value - ticks / scale|`` of one item, in units; 0 where the lattice is exact.
    max_items : int
        The largest number of items that a solution adds up.
    """

    scale: float
    item_error: float
    max_items: int

    @classmethod
    def fit(
        cls,
        values: ArrayLike,
        *,
        max_items: int,
        limit: int = KERNEL_LIMIT,
        field: str = "values",
        exact: bool = True,
        parts: bool = False,
    ) -> Lattice:
        """Choose the lattice for non-negative or signed finite ``values`` of which at most ``max_items`` are ever added.

        Parameters
        ----------
        values : array_like of float or int
            The inputs; only their magnitudes and decimals matter.
        max_items : int
            The largest number of items in one sum.
        limit : int
            The engine's limit on every sum, in ticks.
        field : str
            The name that an error mentions.
        exact : bool
            Whether to look for a power of ten that is exact (false for values known to be irrational).
        parts : bool
            Whether to look further for a part of the unit of which all values are multiples but for the last digits of floats:
            times in hours that were read from dates, or sums of decimals. Such a lattice counts as exact.

        Raises
        ------
        EntryError
            If even a sum in whole units of a lattice of ints overflows; with the index of the largest.
        InvalidProblemError
            If all values are so near to zero that floats have lost their digits.
        """
        array = np.asarray(values)
        largest = max(abs(float(array.max())), abs(float(array.min()))) if array.size else 0.0
        items = max(1, max_items)
        room = (limit - 1) / items
        if exact:
            for decimals in range(_MAX_DECIMALS + 1):
                scale = 10.0**decimals
                if largest * scale + 1 >= min(room, 2.0**53):
                    break
                if array.dtype.kind in "iub" or _is_integral(array, scale):
                    return cls(scale, 0.0, items)
        if array.dtype.kind in "iub":
            at = np.unravel_index(int(np.abs(array).argmax()), array.shape)
            index = tuple(int(i) for i in at)
            raise EntryError(
                f"{field}[{', '.join(map(str, index))}] is {int(array[at])}, and up to {items} such numbers are added: more than "
                f"the {limit:.0e} that sums may reach; use a larger unit (divide by {10 ** max(3, len(str(int(largest / room))))})",
                index,
            )
        if largest == 0.0:
            return cls(1.0, 0.0, items)
        if largest < _LEAST:
            raise InvalidProblemError(
                f"{field} reaches only {largest:.4g}: so near to zero floats lose their digits; use a smaller unit (multiply by "
                f"1e300)"
            )
        if exact and parts:
            for scale in sorted(part * 10.0**k for part in _PARTS for k in range(_MAX_DECIMALS + 1)):
                if largest * scale + 1 >= min(room, 2.0**40):
                    break
                if scale > 1 and _is_dusty(array, scale):
                    return cls(scale, 0.0, items)
        # A power of two changes no mantissa, so that rounding happens once.
        scale = 2.0 ** math.floor(math.log2(min(room, 2.0**52)) - math.log2(largest))
        return cls(scale, 0.5 / scale * (1 + 1e-12), items)

    @property
    def exact(self) -> bool:
        return self.item_error == 0.0

    @property
    def whole(self) -> bool:
        """Whether a tick is a unit: sums of ticks are then what the user's own numbers add up to, to the last digit."""
        return self.exact and self.scale == 1.0

    @property
    def error(self) -> float:
        """Bound on |sum of values - sum of ticks / scale| over all solutions, in units."""
        return self.item_error * self.max_items

    def ticks(self, values: ArrayLike, rounding: Literal["nearest", "down"] = "nearest") -> NDArray[np.int64]:
        """Values in ticks; with ``"down"`` never overstated (for loads: no solution is lost)."""
        array = np.asarray(values)
        if self.exact:
            if array.dtype.kind in "iub":
                return np.ascontiguousarray(array.astype(np.int64) * int(self.scale))
            return np.ascontiguousarray(np.rint(array * self.scale).astype(np.int64))
        scaled = array.astype(np.float64) * self.scale
        whole = np.floor(scaled if rounding == "down" else scaled + 0.5)
        return np.ascontiguousarray(whole.astype(np.int64))

    def units(self, ticks: int | float) -> float:
        """A sum of ticks in the user's unit."""
        return float(ticks) / self.scale


def _is_integral(array: NDArray[Any], scale: float) -> bool:
    """Whether each value is the float nearest to some integer over ``scale`` (0.1 is, at scale 10)."""
    sample = array.ravel()[:64] if array.size > 64 else array
    if sample is not array and not _is_integral(sample, scale):
        return False
    return bool(np.all(np.rint(array * scale) / scale == array))


def _is_dusty(array: NDArray[Any], scale: float) -> bool:
    """Whether each value is some integer over ``scale``, but for its last digits."""
    sample = array.ravel()[:64] if array.size > 64 else array
    if sample is not array and not _is_dusty(sample, scale):
        return False
    scaled = array * scale
    return bool(np.all(np.abs(np.rint(scaled) - scaled) <= _DUST * np.abs(scaled)))


def is_better(value: float, than: float, sense: str) -> bool:
    """Whether an objective is better than another, for ``sense`` "min" or "max"."""
    return value < than if sense == "min" else value > than


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """|objective - bound| / max(|objective|, 1e-9); 0 when equal, None where either is missing."""
    if objective is None or bound is None:
        return None
    if objective == bound:
        return 0.0
    return abs(objective - bound) / max(abs(objective), 1e-9)


def optimality_tolerance(objective: float, error: float) -> float:
    """How far a bound may stay from an objective that is called optimal (DESIGN, numbers)."""
    return 2 * error + 1e-9 * max(1.0, abs(objective))


def is_proof(objective: float, bound: float, error: float) -> bool:
    """Whether a bound proves that no solution is better than the objective, as far as the numbers can tell.

    Where the lattice's error is of the objective's own size, a bound that is that near proves nothing, unless it is as near as
    any bound has to be.
    """
    apart = abs(objective - bound)
    return apart <= optimality_tolerance(objective, error) and (apart == 0 or 2 * error <= max(1e-9, 1e-3 * abs(objective)))

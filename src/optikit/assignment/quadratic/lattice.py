"""The integers on which kernels and CP-SAT compute: a scale for flows, one for distances, and their product for costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.wording import amount
from ...ticks import Lattice

LIMIT = 2**57
"""What a placement costs stays below that many ticks, so that each sum in a kernel stays below 2^62."""

_WHOLE = 2**52
_LEAST = 2.0**-900
_SORTED = 1_000_000  # distances; where there are more, sorting them would take longer than all else


@dataclass(frozen=True)
class CostLattice:
    """Ticks of flows and distances; a cost has the product of both scales.

    Parameters
    ----------
    flow_scale, distance_scale : float
        Ticks a unit.
    error : float
        Bound on ``|evaluate - ticks / scale|`` over all placements, in units of cost.
    exact : bool
        Whether ticks are the numbers themselves.
    most : int
        No placement costs more ticks, in absolute value.
    """

    flow_scale: float
    distance_scale: float
    error: float
    exact: bool
    most: int

    @property
    def scale(self) -> float:
        return self.flow_scale * self.distance_scale

    @property
    def whole(self) -> bool:
        """Whether a tick is a unit, and sums are exact in floats too."""
        return self.exact and self.scale == 1.0 and self.most < 2**53

    def units(self, ticks: int | float) -> float:
        """A sum of ticks in the user's unit of cost."""
        return float(ticks) / self.scale

    def flow_ticks(self, flow: NDArray[Any]) -> NDArray[np.int64]:
        return ticks_of(flow, self.flow_scale)

    def distance_ticks(self, distance: NDArray[Any]) -> NDArray[np.int64]:
        return ticks_of(distance, self.distance_scale)

    def cost_ticks(self, cost: NDArray[Any]) -> NDArray[np.int64]:
        return ticks_of(cost, self.scale)


def ticks_of(values: NDArray[Any], scale: float) -> NDArray[np.int64]:
    """The nearest integers to values times a scale."""
    if values.dtype.kind == "i" and scale == int(scale) and scale < 2.0**62:  # beyond, all of them are 0
        return np.ascontiguousarray(values * np.int64(scale))
    return np.ascontiguousarray(np.rint(values * scale).astype(np.int64))


def fit(amounts: NDArray[Any], distance: NDArray[Any], linear: NDArray[Any] | None, limit: int = LIMIT) -> CostLattice:
    """Choose the scales: exact where powers of ten make all numbers integers and costs stay in reach, else the finest that fit.

    Parameters
    ----------
    amounts : numpy.ndarray
        The flows that are not zero.
    distance : numpy.ndarray, shape (num_locations, num_locations)
        The distances.
    linear : numpy.ndarray, optional
        The costs of facilities at locations.
    limit : int
        Costs stay below that many ticks.

    Raises
    ------
    InvalidProblemError
        Where ints add up to more, or floats leave what floats can hold.
    """
    most = most_cost(amounts, distance, linear)
    if not most < 1e300:
        raise InvalidProblemError("flow times distance adds up to more than floats hold; use larger units (divide by 1000)")
    vanished = most == 0 and bool(amounts.any()) and bool(distance.any())
    if vanished or 0 < most < _LEAST:
        raise InvalidProblemError(
            f"flow times distance adds up to {most:.4g} at most: so near to zero floats lose their digits; use smaller units"
        )
    parts = [np.zeros(1, np.int64) if part is None or not part.size else part for part in (amounts, distance, linear)]
    whole = all(part.dtype.kind == "i" for part in parts)
    if whole:
        if most * (1 + 1e-9) + 1 >= limit:
            raise InvalidProblemError(_overflow(parts, most, limit))
        ticks = math.ceil(most * (1 + 1e-9)) + 1
        return CostLattice(1.0, 1.0, 0.0 if ticks < 2**53 else most * 2.0**-52, True, ticks)
    rounding = most * 2.0**-51  # of evaluate itself
    exact = [_exact_scale(part) for part in parts]
    flow_scale, distance_scale, cost_scale = exact
    if flow_scale and distance_scale and cost_scale:
        flow_scale *= max(1.0, cost_scale / (flow_scale * distance_scale))
        scale = flow_scale * distance_scale
        if most * scale < limit / 4 and float(np.abs(parts[0]).max()) * flow_scale < _WHOLE:
            return CostLattice(flow_scale, distance_scale, rounding, True, math.ceil(most * scale * (1 + 1e-9)) + 1)
    return _finest(parts, exact, most, limit, rounding)


def _finest(parts: list[NDArray[Any]], exact: list[float], most: float, limit: int, rounding: float) -> CostLattice:
    """Powers of two; where one side is made of small exact numbers, it stays as it is and leaves the digits to the other."""
    amounts, distance, linear = parts
    largest = [float(np.abs(part).max()) or 1.0 for part in (amounts, distance)]
    bits = math.log2(limit / 4) - math.log2(most or 1.0)  # log2 of the scale of costs
    digits = [math.log2(scale * top) if scale else 99.0 for scale, top in zip(exact, largest)]
    half = (bits + math.log2(largest[0]) + math.log2(largest[1])) / 2  # digits of either side, if both have as many
    if min(digits) <= half:
        fine, rest = (0, 1) if digits[0] <= digits[1] else (1, 0)
    else:
        fine, rest = 0, 1
    scales = [1.0, 1.0]
    scales[fine] = exact[fine] if digits[fine] <= half else 2.0 ** math.floor(half - math.log2(largest[fine]))
    scales[rest] = 2.0 ** min(math.floor(bits - math.log2(scales[fine])), math.floor(52 - math.log2(largest[rest])))
    scale = scales[0] * scales[1]
    if not (math.isfinite(scale) and min(scales) > 0 and scale > 0):
        raise InvalidProblemError("flows and distances are too far from one; use units in which they are near it")
    item = [0.0 if known and scales[k] % known == 0 else 0.5 / scales[k] for k, known in enumerate(exact[:2])]
    pairs = np.count_nonzero(amounts)
    far = np.sort(np.abs(distance), axis=None)[::-1][:pairs]
    error = float(np.abs(amounts).sum(dtype=np.float64)) * item[1] + float(far.sum(dtype=np.float64)) * item[0]
    error += int(pairs) * item[0] * item[1] + rounding
    if not (exact[2] and scale % exact[2] == 0):
        error += len(linear) * 0.5 / scale
    return CostLattice(
        scales[0], scales[1], error * (1 + 1e-9), False, math.ceil(most * scale * 1.01) + 4 * int(pairs) + len(linear) + 1
    )


def most_cost(amounts: NDArray[Any], distance: NDArray[Any], linear: NDArray[Any] | None) -> float:
    """A bound on the absolute cost of a placement: the largest flows over the longest ways, and the dearest locations."""
    flows, ways = (np.abs(part.astype(np.float64)).ravel() for part in (amounts, distance))
    count = min(len(flows), len(ways))
    with np.errstate(over="ignore"):
        if len(ways) > _SORTED:
            most = float(flows.sum() * ways.max())
        else:
            most = float((np.sort(flows)[::-1][:count] * np.sort(ways)[::-1][:count]).sum())
        if linear is not None and linear.size:
            most += float(np.abs(linear.astype(np.float64)).max(axis=1).sum())
    return most


def _exact_scale(values: NDArray[Any]) -> float:
    """The power of ten that makes integers of all values; 0 where none does."""
    if values.dtype.kind == "i":
        return 1.0
    try:
        lattice = Lattice.fit(values, max_items=1, limit=_WHOLE)
    except InvalidProblemError:
        return 0.0
    return lattice.scale if lattice.exact else 0.0


def _overflow(parts: list[NDArray[Any]], most: float, limit: int) -> str:
    flow, distance = (int(np.abs(part.astype(np.float64)).max()) for part in parts[:2])
    return (
        f"flows of up to {amount(flow)} times distances of up to {amount(distance)} add up to {most:.3g}, more than the "
        f"{limit:.3g} that costs may reach; use a larger unit for one of them (divide by 1000), or floats"
    )

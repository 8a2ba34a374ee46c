"""The fleet of a vehicle routing problem."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...errors import InvalidProblemError
from ...inputs.arrays import FLOAT_LIMIT
from ...inputs.keywords import Strict
from ...inputs.wording import shown
from ...ticks import KERNEL_LIMIT


@dataclass(frozen=True)
class VehicleType(Strict):
    """Vehicles that are alike.

    Parameters
    ----------
    capacity : tuple of float
        Largest load, one entry a load dimension.
    count : int, optional
        How many there are; None: as many as needed.
    name : str
        For tables.
    """

    capacity: tuple[float, ...]
    count: int | None = None
    name: str = "vehicle"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name of a vehicle type is {shown(self.name)}; expected text")
        given = self.capacity if isinstance(self.capacity, tuple | list | np.ndarray) else (self.capacity,)
        for index, value in enumerate(given):
            number = value.item() if isinstance(value, np.generic) else value
            timed = isinstance(value, np.timedelta64 | np.datetime64)  # whose item is a bare count
            if timed or isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < math.inf:
                raise InvalidProblemError(f"capacity[{index}] is {shown(value)}; a capacity is a finite number >= 0")
            if number > (KERNEL_LIMIT if isinstance(number, int) else FLOAT_LIMIT):
                limit = "2^62" if isinstance(number, int) else f"{FLOAT_LIMIT:g}"
                raise InvalidProblemError(
                    f"capacity[{index}] is {shown(value)}; a capacity is at most {limit}: use a larger unit, "
                    f"or the total demand where the capacity does not bind"
                )
        object.__setattr__(self, "capacity", tuple(v.item() if isinstance(v, np.generic) else v for v in given))
        count = self.count.item() if isinstance(self.count, np.integer) else self.count
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            raise InvalidProblemError(f"number of vehicles is {shown(self.count)}; expected an int >= 1, or None for no limit")
        if count is not None and count > KERNEL_LIMIT:
            raise InvalidProblemError(f"number of vehicles is {shown(count)}; say None for no limit")
        object.__setattr__(self, "count", count)

"""A tour: what a solver of the travelling salesman problem decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.positions import positions

SCHEMA_VERSION = 1

_SHOWN = 12


class Order(Sequence[int]):
    """Cities in the order of their visits: read like a tuple of ints, held as an array (8 bytes a city, not 40).

    ``numpy.asarray(order)`` is the array itself, read-only. Equal to an `Order` or a tuple with the same cities, and hashed like
    that tuple. The array given is kept, not copied: it is nobody else's from here on.
    """

    __slots__ = ("_cities",)

    def __init__(self, cities: NDArray[np.int64]) -> None:
        self._cities = np.ascontiguousarray(cities, np.int64).view()
        self._cities.flags.writeable = False

    def __len__(self) -> int:
        return len(self._cities)

    def __getitem__(self, index: Any) -> Any:
        found = self._cities[index]
        return Order(found) if isinstance(found, np.ndarray) else int(found)

    def __iter__(self) -> Iterator[int]:
        return iter(self._cities.tolist())

    def __contains__(self, city: object) -> bool:
        return isinstance(city, int | np.integer) and bool((self._cities == city).any())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        same = dtype is None or np.dtype(dtype) == self._cities.dtype
        return self._cities if same and not copy else np.array(self._cities, dtype)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Order):
            return np.array_equal(self._cities, other._cities)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Order, (np.asarray(self._cities),)

    def __repr__(self) -> str:
        if len(self) <= _SHOWN:
            return repr(tuple(self))
        return f"({', '.join(map(str, self._cities[: _SHOWN - 2]))}, ... {len(self):,} cities)"


@dataclass(frozen=True)
class Tour(Solution):
    """A solution of a `TSP`: the cities in the order of their visits, each once, 0-based.

    A closed tour goes back from the last to the first, and may begin anywhere.

    Parameters
    ----------
    order : sequence of int or integer array
        Positions of the cities. Kept as an `Order`: read it like a tuple, or as an array by ``numpy.asarray(tour.order)``.

    Raises
    ------
    InvalidSolutionError
        For a position that is no int.

    Examples
    --------
    >>> Tour([2, 0, 1])
    Tour(order=(2, 0, 1))
    >>> Tour([2, 0, 1]).order == (2, 0, 1)
    True
    """

    order: Sequence[int]

    def __post_init__(self) -> None:
        if not isinstance(self.order, Order):
            object.__setattr__(self, "order", Order(positions("order", self.order, "the position of a city", InvalidSolutionError)))

    def __len__(self) -> int:
        return len(self.order)

    def rotated(self, first: int) -> Tour:
        """The same round trip, told from another city on (as it is, where that city is not on it)."""
        cities = np.asarray(self.order)
        place = np.flatnonzero(cities == first)
        return Tour(Order(np.roll(cities, -int(place[0])))) if place.size and place[0] else self

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "order": list(self.order)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_form(data, "the JSON form of a Tour", SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "order"), "the JSON form of a Tour", InvalidSolutionError)
        return cls(data["order"])

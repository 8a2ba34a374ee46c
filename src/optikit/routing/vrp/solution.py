"""Routes: what a solver of the vehicle routing problem decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.arguments import is_sequence
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.positions import position
from ...inputs.wording import an, shown

SCHEMA_VERSION = 1

_ROUTE_KEYS = ("vehicle_type", "start", "trips", "start_time", "breaks")
_TRIP_KEYS = ("visits", "end")


@dataclass(frozen=True)
class Trip:
    """Visits in order, and the depot where the trip ends.

    Parameters
    ----------
    visits : tuple of int
        Positions in the clients' table.
    end : int
        Depot at the end: the route's end for its last trip, a place to reload for the others.

    Raises
    ------
    InvalidSolutionError
        For a position that is no int; numpy's ints become Python's.
    """

    visits: tuple[int, ...]
    end: int = 0

    def __post_init__(self) -> None:
        # Solutions have thousands of these: what is as it should be is left alone, after one quick pass.
        if type(self.visits) is not tuple or not set(map(type, self.visits)) <= {int}:
            object.__setattr__(self, "visits", _positions("visits", self.visits, "the position of a client"))
        if type(self.end) is not int:
            object.__setattr__(self, "end", position("end", self.end, "the position of a depot", InvalidSolutionError))


@dataclass(frozen=True)
class Route:
    """One vehicle's work.

    Parameters
    ----------
    trips : tuple of Trip
        In order; a route without reloads has one.
    vehicle_type : int
        Position in ``problem.vehicle_types``.
    start : int
        Depot at the start.
    start_time : float, optional
        When the vehicle leaves, where time matters.
    breaks : tuple of (int, float, float)
        Breaks as (number of visits before it, start, end), where time matters.
    """

    trips: tuple[Trip, ...]
    vehicle_type: int = 0
    start: int = 0
    start_time: float | None = None
    breaks: tuple[tuple[int, float, float], ...] = ()

    def __post_init__(self) -> None:
        if type(self.trips) is not tuple or not set(map(type, self.trips)) <= {Trip}:
            object.__setattr__(self, "trips", _parts("trips", self.trips, Trip))
        for field, what in (("vehicle_type", "the position of a vehicle type"), ("start", "the position of a depot")):
            if type(getattr(self, field)) is not int:
                object.__setattr__(self, field, position(field, getattr(self, field), what, InvalidSolutionError))
        if self.start_time is not None:
            object.__setattr__(self, "start_time", _time("start_time", self.start_time))
        if self.breaks != ():
            pauses = enumerate(_items("breaks", self.breaks))
            object.__setattr__(self, "breaks", tuple(_break(f"breaks[{index}]", pause) for index, pause in pauses))

    @property
    def end(self) -> int:
        """Depot at the end."""
        return self.trips[-1].end if self.trips else self.start

    @property
    def visits(self) -> tuple[int, ...]:
        """All visits of all trips, in order."""
        return tuple(visit for trip in self.trips for visit in trip.visits)


@dataclass(frozen=True)
class Routes(Solution):
    """A solution of a `VRP`: its routes. Clients on none of them are unserved.

    Examples
    --------
    >>> Routes.of([[2, 0], [1]]).visits
    ((2, 0), (1,))
    """

    routes: tuple[Route, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "routes", _parts("routes", self.routes, Route))

    @classmethod
    def of(cls, visits: Iterable[Sequence[int]]) -> Self:
        """Routes of the first vehicle type from and to depot 0, given as sequences of clients (positions).

        Raises
        ------
        InvalidSolutionError
            For a visit that is no int: text, a fraction, a float.
        """
        routes: list[Route] = []
        given = _items("routes", visits)
        with _within(lambda: f"routes[{len(routes)}]"):
            for clients in given:
                plain = clients.tolist() if isinstance(clients, np.ndarray) else clients
                routes.append(Route((Trip(tuple(plain) if isinstance(plain, list | range) else plain),)))
        return cls(tuple(routes))

    @property
    def visits(self) -> tuple[tuple[int, ...], ...]:
        """The clients of each route, in order."""
        return tuple(route.visits for route in self.routes)

    def __len__(self) -> int:
        return len(self.routes)

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "routes": [
                {
                    "vehicle_type": route.vehicle_type,
                    "start": route.start,
                    "trips": [{"visits": list(trip.visits), "end": trip.end} for trip in route.trips],
                    "start_time": route.start_time,
                    "breaks": [list(pause) for pause in route.breaks],
                }
                for route in self.routes
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of Routes"
        check_form(data, form, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "routes"), form, InvalidSolutionError)
        with reading(form, InvalidSolutionError):
            for index, route in enumerate(data["routes"]):
                check_keys(route, _ROUTE_KEYS, f"routes[{index}]", InvalidSolutionError)
                for number, trip in enumerate(route["trips"]):
                    check_keys(trip, _TRIP_KEYS, f"routes[{index}].trips[{number}]", InvalidSolutionError)
        routes: list[Route] = []
        with reading(form, InvalidSolutionError), _within(lambda: f"routes[{len(routes)}]"):
            for route in data["routes"]:
                routes.append(_route(route))  # noqa: PERF401 (the message counts them)
        return cls(tuple(routes))


def _route(data: Mapping[str, Any]) -> Route:
    return Route(
        trips=tuple(Trip(tuple(trip["visits"]), trip["end"]) for trip in data["trips"]),
        vehicle_type=data["vehicle_type"],
        start=data["start"],
        start_time=data["start_time"],
        breaks=data["breaks"],
    )


# -- what the user gave, as plain ints and floats -----------------------------------


@contextmanager
def _within(place: Callable[[], str]) -> Iterator[None]:
    """Name the place in what is refused inside."""
    try:
        yield
    except InvalidSolutionError as error:
        raise InvalidSolutionError(f"{place()}.{error}") from None


def _items(field: str, value: Any) -> tuple[Any, ...]:
    if not is_sequence(value):
        raise InvalidSolutionError(f"{field} is {shown(value)}; expected a sequence")
    return value if type(value) is tuple else tuple(value)


def _parts(field: str, value: Any, kind: type) -> tuple[Any, ...]:
    items = _items(field, value)
    for index, item in enumerate(items):
        if not isinstance(item, kind):
            raise InvalidSolutionError(f"{field}[{index}] is {shown(item)}; expected {an(kind)}")
    return items


def _positions(field: str, value: Any, what: str) -> tuple[int, ...]:
    return tuple(position(f"{field}[{index}]", item, what, InvalidSolutionError) for index, item in enumerate(_items(field, value)))


def _time(field: str, value: Any) -> float:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not abs(plain) < 1e300:
        raise InvalidSolutionError(f"{field} is {shown(value)}; expected a finite number")
    return plain


def _break(field: str, value: Any) -> tuple[int, float, float]:
    items = _items(field, value)
    if len(items) != 3:
        raise InvalidSolutionError(f"{field} is {shown(value)}; expected (number of visits before it, start, end)")
    return (
        position(f"{field}[0]", items[0], "a number of visits", InvalidSolutionError),
        _time(f"{field}[1]", items[1]),
        _time(f"{field}[2]", items[2]),
    )

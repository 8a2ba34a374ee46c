"""Routes: what a solver of the vehicle routing problem decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ...core.errors import InvalidSolutionError
from ...core.solution import Solution

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Trip:
    """Visits in order, and the depot where the trip ends.

    Parameters
    ----------
    visits : tuple of int
        Positions in the clients' table.
    end : int
        Depot at the end: the route's end for its last trip, a place to reload for the others.
    """

    visits: tuple[int, ...]
    end: int = 0


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

    @classmethod
    def of(cls, visits: Iterable[Sequence[int]]) -> Self:
        """Routes of the first vehicle type from and to depot 0, given as sequences of clients (positions)."""
        return cls(tuple(Route((Trip(tuple(int(v) for v in clients)),)) for clients in visits))

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
        if not isinstance(data, Mapping) or data.get("schema_version") != SCHEMA_VERSION:
            version = data.get("schema_version") if isinstance(data, Mapping) else type(data).__name__
            raise InvalidSolutionError(f"schema_version is {version!r}; this version of optikit reads {SCHEMA_VERSION}")
        try:
            return cls(tuple(_route(number, route) for number, route in enumerate(data["routes"])))
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidSolutionError(f"not the JSON form of Routes: {type(error).__name__}: {error}") from None


def _route(number: int, data: Mapping[str, Any]) -> Route:
    def whole(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidSolutionError(f"routes[{number}].{name} holds {value!r}; expected an int")
        return value

    return Route(
        trips=tuple(
            Trip(tuple(whole("visits", visit) for visit in trip["visits"]), whole("end", trip["end"])) for trip in data["trips"]
        ),
        vehicle_type=whole("vehicle_type", data["vehicle_type"]),
        start=whole("start", data["start"]),
        start_time=data["start_time"],
        breaks=tuple((whole("breaks", after), float(start), float(end)) for after, start, end in data["breaks"]),
    )

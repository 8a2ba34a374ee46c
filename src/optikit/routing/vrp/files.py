"""Files of the vehicle routing problem: instances in (`vrplib`, tables), solutions in and out, GeoJSON out."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from typing import Any

from ...errors import EntryError, FileFormatError, InvalidProblemError, UnsupportedError
from ...inputs.csv_tables import CsvFrame, csv_frame, csv_head, is_of_operations
from ...inputs.files import path_of, read_text, replace_file
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.wording import an, comma
from ...saved import SolutionFile, is_json, plain_number, solution_from_json, stated_objective
from .. import geojson
from ..metrics import Sphere
from ..tables import COORDINATES
from .frames import from_frame
from .problem import VRP
from .solution import Routes
from .vrplib import read_vrplib

__all__ = ["read_csv", "read_solution", "read_vrplib", "stated_cost", "to_geojson", "write_solution"]


# -- tables ---------------------------------------------------------------------


def read_csv(path: str | os.PathLike[str], depot: str | None = None, capacity: float | None = None, **options: Any) -> VRP:
    """Read a table of stops: the first line names the columns, each further line is a stop.

    Parameters
    ----------
    path : path
        A file of comma-separated values in UTF-8.
    depot, capacity, **options
        As in `optikit.routing.vrp.frames.from_frame`, and needed as there; names are text.

    Raises
    ------
    FileFormatError
        With the line and the word that is not a number where one is expected, or makes no sense.
    UnsupportedError
        For an option that is not known, or without a depot or a capacity.
    """
    refuse_unknown("read_csv", options, ("depot", "capacity", *keywords(from_frame)))
    if depot is None or capacity is None:
        raise UnsupportedError("a csv file says neither depot nor capacity: say depot=<its name>, capacity=<of each vehicle>")
    path = path_of(path)
    text, lines = csv_frame(path, "stop")
    head = text.columns
    asked = {options.get(role, role) for role in ("demand", "lat", "lon", "x", "y")}
    numeric = asked | {column for column in head if column.casefold() in COORDINATES}
    numeric.discard(options.get("name", "name"))
    table = CsvFrame(
        (column, [_cell(path, line, word) for line, word in zip(lines, words, strict=True)] if column in numeric else words)
        for column, words in text.items()
    )
    try:
        return VRP.from_frame(table, depot, capacity, **options)
    except EntryError as error:
        # The rows of the table are those of the arrays that it became.
        raise FileFormatError(path, str(error), lines[error.index[0]]) from None
    except InvalidProblemError as error:
        raise FileFormatError(path, str(error)) from None


def _is_csv(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(".csv") and not is_of_operations(csv_head(path))


read_csv.fits = _is_csv  # type: ignore[attr-defined]


def _cell(path: str, line: int, word: str) -> int | float | None:
    """A number; None for an empty cell."""
    if not word:
        return None
    try:
        number = float(word) if "_" not in word else math.inf  # Python's own 1_000 is no number in a file
    except ValueError:
        number = math.inf
    if math.isinf(number):
        raise FileFormatError(path, f"expected a number{comma(word)}", line, word)
    return int(word) if word.lstrip("+-").isdecimal() else number


# -- solutions --------------------------------------------------------------------


def write_solution(problem: VRP, solution: Routes, path: str | os.PathLike[str]) -> None:
    """Write a solution: in CVRPLIB's format, or as JSON where the name ends in ``.json``.

    In CVRPLIB's format (``Route #1: 3 1 2``, last ``Cost 27591``) clients are numbered from 1: position + 1. Routes without
    visits are left out.
    """
    problem.require(solution)
    if path_of(path).endswith(".json"):
        text = solution.to_json()
    else:
        routes = [visits for visits in solution.visits if visits]
        lines = [f"Route #{number}: " + " ".join(str(v + 1) for v in visits) for number, visits in enumerate(routes, 1)]
        text = "\n".join([*lines, f"Cost {plain_number(problem.evaluate(solution))}"])
    replace_file(path, (text + "\n").encode())


def read_solution(problem: VRP, path: str | os.PathLike[str]) -> Routes:
    """Read a solution in CVRPLIB's format, or JSON: that of `Routes` or of a `Result`.

    Raises
    ------
    FileFormatError
        For a broken file, or one that names a client who is not there. What the routes are worth, `VRP.check` says.
    """
    path = path_of(path)
    text = read_text(path)
    if is_json(text):
        routes: Routes = solution_from_json(problem, path, text)
        return routes
    visits = [[word - 1 for word in words] for words in _routes(problem, path, text)]
    if not visits:
        raise FileFormatError(path, "holds no route; expected lines like 'Route #1: 3 1 2', or JSON")
    return Routes.of(visits)


def stated_cost(path: str | os.PathLike[str]) -> float | None:
    """The cost that a solution file claims (its line ``Cost``, or ``objective`` of a Result), or None."""
    text = read_text(path)
    if is_json(text):
        return stated_objective(text)
    found = re.search(r"^\s*cost\s*:?\s*([-+.\deE]+)\s*$", text, re.IGNORECASE | re.MULTILINE)
    try:
        stated = math.nan if found is None else float(found[1])
    except ValueError:
        stated = math.nan
    return stated if math.isfinite(stated) else None


def _routes(problem: VRP, path: str, text: str) -> Iterator[list[int]]:
    begun = False
    for number, line in enumerate(text.splitlines(), 1):
        label, colon, rest = line.partition(":")
        if not re.match(r"\s*route\b", label, re.IGNORECASE):
            if begun and label.replace(" ", "").isdecimal():
                raise FileFormatError(path, "numbers outside of a route, which is one line: 'Route #1: 3 1 2'", number, label)
            continue
        if not colon or not re.fullmatch(r"\s*route\s*#?\s*\d*\s*", label, re.IGNORECASE):
            raise FileFormatError(path, "a route is written 'Route #1: 3 1 2'", number, label.split()[-1])
        clients = []
        for word in rest.split():
            if not word.isdecimal() or len(word) > 18 or not 1 <= int(word) <= problem.num_clients:
                raise FileFormatError(path, f"expected the number of a client, 1 to {problem.num_clients}", number, word)
            clients.append(int(word))
        begun = True
        yield clients


SOLUTION_FILE = SolutionFile(
    ".sol",
    read_solution,
    write_solution,
    stated_cost,
    lambda routes: {"routes": sum(bool(visits) for visits in routes.visits)},
)


# -- maps -----------------------------------------------------------------------------


def to_geojson(problem: VRP, solution: Routes) -> dict[str, Any]:
    """Routes and stops as a GeoJSON FeatureCollection (RFC 7946: longitude first, lines cut at the antimeridian).

    Returns
    -------
    dict
        A line for each route with visits (``route``, ``distance``, ``load``, ``stops``), and a point for each stop
        (``name``, ``kind``, ``demand``, ``route``: None where a client is unserved).

    Raises
    ------
    UnsupportedError
        For a problem that is not on the globe.
    """
    network = problem.network
    if not isinstance(network, Sphere):
        raise UnsupportedError(f"GeoJSON needs latitudes and longitudes; this problem has {an(type(network))} network")
    problem.evaluate(solution)  # refuses unknown clients and depots
    place = geojson.places(network.points)
    route_of: dict[int, int] = {}
    features = []
    for number, route in enumerate(solution.routes):
        nodes = [route.start]
        for trip in route.trips:
            nodes += [*(problem.num_depots + visit for visit in trip.visits), trip.end]
        route_of.update(dict.fromkeys(route.visits, number))
        if route.visits:
            properties = {
                "route": number,
                "distance": math.fsum(network.legs(nodes[:-1], nodes[1:]).tolist()),
                "load": math.fsum(problem.demand[list(route.visits), 0].tolist()),
                "stops": len(route.visits),
            }
            features.append(geojson.feature(geojson.line([place[node] for node in nodes]), properties))
    for index, name in enumerate(problem.depots):
        features.append(geojson.feature(geojson.point(place[index]), {"name": name, "kind": "depot"}))
    for index, name in enumerate(problem.clients or ()):
        known = {"name": name, "kind": "client", "demand": problem.demand[index, 0].item(), "route": route_of.get(index)}
        features.append(geojson.feature(geojson.point(place[problem.num_depots + index]), known))
    return geojson.collection(features)

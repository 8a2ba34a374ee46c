"""Files of the travelling salesman problem: TSPLIB instances in, tours in and out, GeoJSON out."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, UnsupportedError
from ...inputs.files import path_of, read_text, replace_file
from ...inputs.keywords import refuse_unknown
from ...inputs.wording import shown
from ...saved import SolutionFile, is_json, plain_number, solution_from_json, stated_objective
from .. import geojson
from ..metrics import ROUNDINGS, Geo, Matrix, Network, Planar, Space, Sphere
from ..tsplib import TOUR_ENDINGS, TOUR_KINDS, TsplibFile, kind_of, listed
from .check import legs
from .problem import TSP
from .solution import Order, Tour

if TYPE_CHECKING:
    AnyTSP = TypeVar("AnyTSP", bound=TSP)

METRIC_OF = {
    "EUC_2D": (2, "euclidean", "nearest"),
    "EUC_3D": (3, "euclidean", "nearest"),
    "CEIL_2D": (2, "euclidean", "ceil"),
    "CEIL_3D": (3, "euclidean", "ceil"),
    "FLOOR_2D": (2, "euclidean", "floor"),
    "FLOOR_3D": (3, "euclidean", "floor"),
    "EXACT_2D": (2, "euclidean", "exact"),
    "EXACT_3D": (3, "euclidean", "exact"),
    "MAX_2D": (2, "maximum", "nearest"),
    "MAX_3D": (3, "maximum", "nearest"),
    "MAN_2D": (2, "manhattan", "nearest"),
    "MAN_3D": (3, "manhattan", "nearest"),
    "ATT": (2, "att", "ceil"),
    "XRAY1": (3, "xray1", "hundredfold"),
    "XRAY2": (3, "xray2", "hundredfold"),
}
"""Coordinates, norm and rounding of each type of edge weights that is a norm."""

MAX_GRAPH = 20_000
"""A file that lists the edges of a graph becomes a matrix: up to this many nodes (3.2 GB)."""

_KEYS = {"TYPE", "DIMENSION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "EDGE_DATA_FORMAT"}
_SECTIONS = {"NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "EDGE_DATA_SECTION", "DISPLAY_DATA_SECTION", "FIXED_EDGES_SECTION"}
_ELSEWHERE = {
    "TOUR": "this is a tour, not an instance: read_tour(problem, path) reads it, and optikit check FILE TOUR judges it",
    "SOP": "sequential ordering asks for precedences, which this version does not have",
    "CVRP": "this is a vehicle routing problem: VRP.read(path)",
}


# -- instances ------------------------------------------------------------------


def read_tsplib(
    path: str | os.PathLike[str],
    rounding: str | None = None,
    cls: type[AnyTSP] = TSP,  # type: ignore[assignment]
    **unknown: Any,
) -> AnyTSP:
    """Read an instance in TSPLIB's format: types TSP, ATSP and HCP.

    Parameters
    ----------
    path : path
        The file.
    rounding : str, optional
        How distances are rounded: a key of `optikit.routing.metrics.ROUNDINGS`. By default as TSPLIB does for the file's
        ``EDGE_WEIGHT_TYPE``.
    cls : type
        The class to build.

    Returns
    -------
    TSP
        Cities are called by the file's node numbers, in increasing order. ``DISPLAY_DATA_SECTION``, or coordinates beside
        explicit weights, become ``places``. Of a file with ``EDGE_DATA_SECTION`` only the listed edges exist; those of a
        Hamiltonian cycle problem have length 1.

    Raises
    ------
    FileFormatError
        With the line and the word, where the file is broken or asks for what a TSP does not have.
    UnsupportedError
        For a rounding or an option that is not known.
    OSError
        If the file cannot be opened.

    Notes
    -----
    Weights are those of TSPLIB's documentation (Reinelt 1995, section 2): ``nint(x)`` is floor(x + 0.5); degrees of ``GEO`` are cut
    off, not rounded, as its published values ask for; ``XRAY1`` and ``XRAY2`` times 100. The types ``CEIL_3D``, ``FLOOR_2D``,
    ``FLOOR_3D``, ``EXACT_2D`` and ``EXACT_3D`` of later collections are read too.
    """
    refuse_unknown("read_tsplib", unknown, ("rounding",))
    if rounding is not None and (not isinstance(rounding, str) or rounding not in ROUNDINGS):
        raise UnsupportedError(f"rounding is {shown(rounding)}; expected one of {', '.join(ROUNDINGS)}")
    path = path_of(path)
    _refuse_other(path, kind_of(path) or "TSP")  # a tour has other sections, and deserves a better word than that they are unknown
    file = TsplibFile(path, _KEYS, _SECTIONS, "beyond the travelling salesman problem")
    told = file.values.get("TYPE", (0, ""))[1].split()
    kind = told[0].upper() if told else "TSP"
    _refuse_other(path, kind)  # the type of a pipe is told only now
    for line, words in file.rows("FIXED_EDGES_SECTION") if file.has("FIXED_EDGES_SECTION") else ():
        if words != ["-1"]:
            way_out = "leave it out, or, for a single edge u-v, solve the path: TSP(..., closed=False, first=u, last=v)"
            file.fail(f"edges that every tour must use are not read; {way_out}", line, " ".join(words))
    dimension = file.whole("DIMENSION", least=2)
    nodes, network, places = _weights(file, dimension, kind, rounding)
    if file.has("DISPLAY_DATA_SECTION"):
        with file.told_by("DISPLAY_DATA_SECTION", nodes):
            places = Planar(file.table("DISPLAY_DATA_SECTION", nodes, 2, "node, x and y"))
    counted = bool(nodes[-1] - nodes[0] == len(nodes) - 1)
    names: Sequence[int] = range(int(nodes[0]), int(nodes[-1]) + 1) if counted else tuple(nodes.tolist())
    sections = ("EDGE_WEIGHT_SECTION", "NODE_COORD_SECTION", "EDGE_DATA_SECTION")
    with file.told_by(next(filter(file.has, sections))):
        return cls(network, names, name=file.name, places=places)


def _refuse_other(path: str, kind: str) -> None:
    if kind not in ("TSP", "ATSP", "HCP"):
        raise FileFormatError(path, _ELSEWHERE.get(kind, "files of type TSP, ATSP and HCP are read"), None, kind)


def _fits(path: str | os.PathLike[str]) -> bool:
    kind, name = kind_of(path), os.fspath(path).lower()
    return kind in TOUR_KINDS if kind else name.endswith(TOUR_ENDINGS)


read_tsplib.fits = _fits  # type: ignore[attr-defined]


def _weights(file: TsplibFile, dimension: int, kind: str, rounding: str | None) -> tuple[NDArray[np.int64], Network, Planar | None]:
    """The nodes by increasing number, their network, and, beside a matrix, their coordinates."""
    graph = file.has("EDGE_DATA_SECTION")
    if graph and dimension > MAX_GRAPH:
        line, word = file.value("DIMENSION")
        file.fail(f"the graph of EDGE_DATA_SECTION becomes a matrix, of up to {MAX_GRAPH} nodes", line, word)
    network: Network
    if kind == "HCP":
        nodes = np.arange(1, dimension + 1)
        return nodes, Matrix(np.where(_edges(file, nodes), 1.0, np.inf)), None
    line, form = file.value("EDGE_WEIGHT_TYPE")
    form = form.split()[0].upper()
    places = None
    if form in METRIC_OF:
        axes, norm, default = METRIC_OF[form]
        nodes, points = file.points("NODE_COORD_SECTION", axes, dimension)
        plain = (axes, norm) == (2, "euclidean")
        with file.told_by("NODE_COORD_SECTION", nodes):
            network = Planar(points, rounding or default) if plain else Space(points, norm, rounding or default)
    elif form in ("GEO", "EXPLICIT"):
        if rounding is not None and (form, rounding) != ("EXPLICIT", "exact"):
            file.fail(f"rounding={rounding!r} is for coordinates in the plane or in space; leave it out", line, form)
        if form == "GEO":
            nodes, points = file.points("NODE_COORD_SECTION", 2, dimension)
            with file.told_by("NODE_COORD_SECTION", nodes):
                network = Geo(points)
        else:
            with file.told_by("EDGE_WEIGHT_SECTION"):
                network = Matrix(file.explicit(dimension))
            nodes = np.arange(1, dimension + 1)
            if file.has("NODE_COORD_SECTION"):
                nodes, points = file.points("NODE_COORD_SECTION", 2, dimension)
                with file.told_by("NODE_COORD_SECTION", nodes):
                    places = Planar(points)
    else:
        what = "SPECIAL weights are described outside of the file" if form == "SPECIAL" else "these weights are not known"
        known = listed([*METRIC_OF, "GEO", "EXPLICIT"])
        file.fail(f"{what}; compute the distances yourself and use TSP.from_matrix. This version reads {known}", line, form)
    if graph:
        places = network if isinstance(network, Planar) else places
        network = Matrix(np.where(_edges(file, nodes), network.matrix(), np.inf))
    return nodes, network, places


def _edges(file: TsplibFile, nodes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which edges a file lists, as a symmetric matrix."""
    line, form = file.value("EDGE_DATA_FORMAT")
    if form.upper() not in ("EDGE_LIST", "ADJ_LIST"):
        file.fail("expected EDGE_LIST or ADJ_LIST", line, form)
    row_of = {node: row for row, node in enumerate(nodes.tolist())}
    there = np.zeros((len(nodes), len(nodes)), bool)
    tail: int | None = None
    for number, words in file.rows("EDGE_DATA_SECTION"):
        for word in words:
            if word == "-1":
                if tail is None:
                    return there | there.T
                if form.upper() == "EDGE_LIST":
                    file.fail("an edge of EDGE_LIST has two nodes", number, word)
                tail = None
                continue
            node = file.node(number, word)
            if node not in row_of:
                file.fail("EDGE_DATA_SECTION names a node that is not there", number, word)
            if tail is None:
                tail = row_of[node]
            else:
                there[tail, row_of[node]] = True
                tail = tail if form.upper() == "ADJ_LIST" else None
    return there | there.T


# -- tours ------------------------------------------------------------------------


def write_tour(problem: TSP, tour: Tour, path: str | os.PathLike[str]) -> None:
    """Write a tour: in TSPLIB's format, or as JSON where the name ends in ``.json``.

    In TSPLIB's format cities are numbered as in the problem's own file: by their names where these are whole numbers >= 0, else
    from 1. A closed tour begins with ``first``, where the problem has one.
    """
    problem.require(tour)
    if path_of(path).endswith(".json"):
        text = tour.to_json()
    else:
        length = plain_number(problem.evaluate(tour))
        told = tour.rotated(problem.first) if problem.closed and problem.first is not None else tour
        title = " ".join(problem.name.split()) or "tour"
        head = [f"NAME : {title}.tour", f"COMMENT : Length {length}", "TYPE : TOUR", f"DIMENSION : {len(tour)}", "TOUR_SECTION"]
        text = "\n".join([*head, *map(str, _numbers(problem)[np.asarray(told.order)].tolist()), "-1", "EOF"])
    replace_file(path, (text + "\n").encode())


def read_tour(problem: TSP, path: str | os.PathLike[str]) -> Tour:
    """Read a tour in TSPLIB's format (the first, where there are several), or JSON: that of `Tour` or of a `Result`.

    Raises
    ------
    FileFormatError
        For a broken file, one that names a city that is not there, or one with more or fewer cities than its DIMENSION says.
        What the tour is worth, `TSP.check` says.
    """
    text = read_text(path)
    if is_json(text):
        found: Tour = solution_from_json(problem, os.fspath(path), text)
        return found
    kind = kind_of(path) or "TOUR"
    if kind != "TOUR":
        raise FileFormatError(os.fspath(path), "expected a file of type TOUR", None, kind)
    file = TsplibFile(path, {"TYPE", "DIMENSION"}, {"TOUR_SECTION"}, "not part of a tour")
    given = file.numbers("TOUR_SECTION")
    ends = np.flatnonzero(given == -1)
    given = given[: ends[0]] if ends.size else given
    if not given.size:
        file.fail("TOUR_SECTION holds no city", file.start("TOUR_SECTION"))
    if "DIMENSION" in file.values and file.whole("DIMENSION", least=1) != given.size:
        says = f"TOUR_SECTION (from line {file.start('TOUR_SECTION')}) has {given.size} cities, which DIMENSION contradicts"
        file.fail(f"{says}; correct the one that is wrong, or leave DIMENSION out", *file.value("DIMENSION"))
    numbers = _numbers(problem)
    order = np.argsort(numbers, kind="stable")
    at = np.minimum(np.searchsorted(numbers, given, sorter=order), len(numbers) - 1)
    known = numbers[order[at]] == given
    if not known.all():
        where = int(np.flatnonzero(~known)[0])
        line, word = [(line, word) for line, words in file.rows("TOUR_SECTION") for word in words][where]
        file.fail(f"expected the number of a city, {_spoken(numbers)}", line, word)
    return Tour(Order(order[at]))


def stated_length(path: str | os.PathLike[str]) -> float | None:
    """The length that a tour's file claims (``Length`` in a comment, or ``objective`` of a Result), or None."""
    text = read_text(path)
    if is_json(text):
        return stated_objective(text)
    comment = r"^\s*comment\s*:.*?\b(?:length|cost)\b\s*[=:]?\s*([-+.\deE]+)"
    found = re.search(comment, text, re.IGNORECASE | re.MULTILINE)
    try:
        stated = math.nan if found is None else float(found[1].rstrip("."))
    except ValueError:
        stated = math.nan
    return stated if math.isfinite(stated) else None


def _numbers(problem: TSP) -> NDArray[np.int64]:
    """The numbers of the cities in a file."""
    names = problem.names
    if isinstance(names, range) and 0 <= names.start <= names.stop <= 2**53:
        return np.arange(names.start, names.stop)
    if names is not None and all(isinstance(name, int) and 0 <= name < 2**53 for name in names):
        return np.array(names, np.int64)
    return np.arange(1, problem.num_cities + 1)


def _spoken(numbers: NDArray[np.int64]) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return f"{low} to {high}" if high - low == len(numbers) - 1 else f"one of the {len(numbers)} from {low} to {high}"


SOLUTION_FILE = SolutionFile(".tour", read_tour, write_tour, stated_length, lambda tour: {"cities": len(tour)})


# -- maps -----------------------------------------------------------------------------


def degrees(problem: TSP) -> NDArray[np.float64] | None:
    """Latitude and longitude of each city, shape (num_cities, 2); None where the problem is not on the globe."""
    where = problem.places if problem.places is not None else problem.network
    if isinstance(where, Sphere):
        return where.points
    return where.degrees if isinstance(where, Geo) else None


def to_geojson(problem: TSP, tour: Tour) -> dict[str, Any]:
    """The tour and its cities as a GeoJSON FeatureCollection (RFC 7946: longitude first, lines cut at the antimeridian).

    Returns
    -------
    dict
        A line (``distance``, ``stops``, ``closed``), and a point for each city (``name``, ``city``, ``position`` on the tour).

    Raises
    ------
    UnsupportedError
        For a problem that is not on the globe.
    """
    where = degrees(problem)
    if where is None:
        has = f"this problem has a {type(problem.network).__name__} network, and no places on the globe"
        raise UnsupportedError(f"GeoJSON needs latitudes and longitudes; {has}")
    distance = math.fsum(legs(problem, tour).tolist())
    place, order = geojson.places(where), list(tour.order)
    way = [place[city] for city in (order + order[:1] if problem.closed else order)]
    features = []
    if way:
        properties = {
            "distance": distance if math.isfinite(distance) else None,
            "stops": len(order),
            "closed": problem.closed,
        }
        features.append(geojson.feature(geojson.line(way), properties))
    for position, city in enumerate(order):
        name = city if problem.names is None else problem.names[city]
        features.append(geojson.feature(geojson.point(place[city]), {"name": name, "city": city, "position": position}))
    return geojson.collection(features)

"""VRPLIB instances, as CVRPLIB has them.

The format is TSPLIB's (`optikit.routing.tsplib`) as CVRPLIB extends it. What a file asks for beyond the capacitated problem is
refused, never passed over: an answer to another problem than the file's would be worth nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedError
from ...inputs.keywords import refuse_unknown
from ...inputs.wording import shown
from ..metrics import ROUNDINGS, Matrix, Network, Planar
from ..tsplib import TOUR_ENDINGS, TOUR_KINDS, WEIGHT_FORMATS, TsplibFile, kind_of, listed
from .loads import fit_lattice
from .problem import LIMIT, VRP, VehicleType

if TYPE_CHECKING:
    AnyVRP = TypeVar("AnyVRP", bound=VRP)

ROUNDING_OF = {"EUC_2D": "nearest", "CEIL_2D": "ceil", "FLOOR_2D": "floor", "EXACT_2D": "exact"}
"""The rounding rule that each type of edge weights stands for."""

_KEYS = {"TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT"}
_SECTIONS = {"NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION"}


def read_vrplib(
    path: str | os.PathLike[str],
    rounding: str | None = None,
    cls: type[AnyVRP] = VRP,  # type: ignore[assignment]
    *,
    edge_weight_format: str | None = None,
    **unknown: Any,
) -> AnyVRP:
    """Read a capacitated instance in VRPLIB format, as CVRPLIB has them.

    Parameters
    ----------
    path : path
        The file.
    rounding : str, optional
        How Euclidean distances are rounded: a key of `optikit.routing.metrics.ROUNDINGS`. By default as the file's
        ``EDGE_WEIGHT_TYPE`` says: ``EUC_2D`` to the nearest integer, ``CEIL_2D`` up, ``FLOOR_2D`` down, ``EXACT_2D`` not at
        all. Some sets (Golden, CMT, Li) say ``EUC_2D`` and publish values that are not rounded: pass ``"exact"``.
    cls : type
        The class to build.
    edge_weight_format : str, optional
        How the matrix of an ``EXPLICIT`` file is listed (``"LOWER_COL"``, ``"UPPER_ROW"``, ...), where its line
        ``EDGE_WEIGHT_FORMAT`` does not say what is there: see the notes.

    Returns
    -------
    VRP
        Clients are called by the file's node numbers, in increasing order.

    Raises
    ------
    FileFormatError
        With the line and the word, where the file is broken or asks for more than the capacitated problem.
    UnsupportedError
        For a rounding or an option that is not known.
    OSError
        If the file cannot be opened.

    Notes
    -----
    A file is read as it declares itself, and nothing is guessed from names or remarks. Two files of CVRPLIB, E-n13-k4 and
    E-n31-k7, call their weights ``LOWER_ROW`` and list them by columns: they have their published values (247 and 379) when
    read with ``edge_weight_format="LOWER_COL"``.
    """
    refuse_unknown("read_vrplib", unknown, ("rounding", "edge_weight_format"))
    if edge_weight_format is not None and (not isinstance(edge_weight_format, str) or edge_weight_format not in WEIGHT_FORMATS):
        raise UnsupportedError(f"edge_weight_format is {shown(edge_weight_format)}; expected one of {listed(WEIGHT_FORMATS)}")
    if rounding is not None and (not isinstance(rounding, str) or rounding not in ROUNDINGS):
        raise UnsupportedError(f"rounding is {shown(rounding)}; expected one of {', '.join(ROUNDINGS)}")
    file = TsplibFile(path, _KEYS, _SECTIONS, "beyond the capacitated problem")
    if file.word("TYPE", "CVRP")[1] != "CVRP":
        file.fail("this version of optikit reads files of type CVRP", *file.values["TYPE"])
    dimension = file.whole("DIMENSION", least=2)
    nodes = file.nodes("NODE_COORD_SECTION" if file.has("NODE_COORD_SECTION") else "DEMAND_SECTION", dimension)
    demand = _demand(file, nodes)
    depot = _depot(file, nodes)
    capacity = file.number(*file.value("CAPACITY"))
    if capacity < 0:
        file.fail("a capacity is >= 0", *file.value("CAPACITY"))
    vehicles = file.whole("VEHICLES", least=1) if "VEHICLES" in file.values else None
    order = [depot, *(row for row in range(dimension) if row != depot)]
    names = nodes[order].tolist()
    whole = bool((demand == np.floor(demand)).all()) and demand.max() < 2**53
    if whole:
        demand = demand.astype(np.int64)
    with file.told_by("CAPACITY"):
        vehicle_type = VehicleType((_plain(capacity),), vehicles)
    listed_arcs = file.has("EDGE_WEIGHT_SECTION")
    with file.told_by("EDGE_WEIGHT_SECTION" if listed_arcs else "NODE_COORD_SECTION", None if listed_arcs else nodes):
        network = _network(file, nodes, rounding, edge_weight_format)
        network.lattice(2 * (dimension - 1), LIMIT)
    with file.told_by("DEMAND_SECTION", nodes):
        fit_lattice(demand, vehicle_type.capacity[0])
    with file.told_by("DEMAND_SECTION", nodes[order[1:]]):
        return cls(
            network=network.take(order),
            demand=demand[order[1:]],
            vehicle_types=(vehicle_type,),
            clients=tuple(names[1:]),
            depots=(names[0],),
            name=file.name,
        )


def _fits(path: str | os.PathLike[str]) -> bool:
    kind, name = kind_of(path), os.fspath(path).lower()
    if kind:
        return kind not in TOUR_KINDS
    return name.endswith(".vrp") or (kind == "" and not name.endswith(TOUR_ENDINGS))


read_vrplib.fits = _fits  # type: ignore[attr-defined]


def _demand(file: TsplibFile, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    demand = file.table("DEMAND_SECTION", nodes, 1, "node and demand")[:, 0]
    if (demand < 0).any():
        for line, words in file.rows("DEMAND_SECTION"):
            if file.number(line, words[1]) < 0:
                file.fail("a demand is >= 0", line, words[1])
    return demand


def _depot(file: TsplibFile, nodes: NDArray[np.int64]) -> int:
    """The depot's row."""
    depots: list[int] = []
    for line, word in ((line, word) for line, words in file.rows("DEPOT_SECTION") for word in words):
        if word == "-1":
            break
        depot = np.flatnonzero(nodes == file.node(line, word))
        if not depot.size:
            file.fail("DEPOT_SECTION names a node that is not there", line, word)
        if depots:
            file.fail("a second depot: this version of optikit solves problems with one", line, word)
        depots.append(int(depot[0]))
    if not depots:
        file.fail("DEPOT_SECTION names no depot", file.start("DEPOT_SECTION"))
    for line, words in file.rows("DEMAND_SECTION"):
        if file.node(line, words[0]) == nodes[depots[0]] and file.number(line, words[1]) != 0:
            file.fail(f"the depot (node {words[0]}) has the demand {words[1]}; a depot has none", line)
    return depots[0]


def _network(file: TsplibFile, nodes: NDArray[np.int64], rounding: str | None, form: str | None) -> Network:
    line, kind = file.value("EDGE_WEIGHT_TYPE")
    if kind.upper() == "EXPLICIT":
        if rounding not in (None, "exact"):
            file.fail(f"rounding={rounding!r} is for coordinates; this file lists its distances, leave it out", line, kind)
        return Matrix(file.explicit(len(nodes), form))
    if form is not None:
        file.fail(f"edge_weight_format={form!r} is for listed distances; this file has coordinates, leave it out", line, kind)
    if kind.upper() not in ROUNDING_OF:
        way_out = (
            "read the coordinates yourself and use VRP.from_coordinates(..., metric='haversine')"
            if kind.upper() == "GEO"
            else "compute the distances yourself and use VRP.from_matrix"
        )
        file.fail(f"this version reads {listed([*ROUNDING_OF, 'EXPLICIT'])}; {way_out}", line, kind)
    points = file.table("NODE_COORD_SECTION", nodes, 2, "node, x and y")
    return Planar(points, rounding or ROUNDING_OF[kind.upper()])


def _plain(value: float) -> float:
    """A whole float as an int, where floats still count."""
    return int(value) if value == int(value) and value < 2**53 else value

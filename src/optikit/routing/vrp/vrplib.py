"""VRPLIB instances, as CVRPLIB has them.

The format is TSPLIB's (Reinelt 1991) as CVRPLIB extends it. What a file asks for beyond the capacitated problem is refused,
never passed over: an answer to another problem than the file's would be worth nothing.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...core.errors import FileFormatError, InvalidProblemError, UnsupportedError
from ...core.files import read_text
from ...core.keywords import refuse_unknown
from ...core.problem import shown
from ..metrics import ROUNDINGS, Matrix, Network, Planar
from .problem import VRP, VehicleType

if TYPE_CHECKING:
    AnyVRP = TypeVar("AnyVRP", bound=VRP)

ROUNDING_OF = {"EUC_2D": "nearest", "CEIL_2D": "ceil", "FLOOR_2D": "floor", "EXACT_2D": "exact"}
"""The rounding rule that each type of edge weights stands for."""

_REMARKS = {"NAME", "COMMENT", "DISPLAY_DATA_TYPE", "NODE_COORD_TYPE", "BEST_KNOWN", "OPTIMAL_VALUE", "BKS"}
_KEYS = {"TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT"}
_SECTIONS = {"NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION"}

# Which cells (i, j) of the matrix an explicit file lists, row by row; the column formats list their transposes.
_CELLS: dict[str, Callable[[int], Any]] = {
    "FULL_MATRIX": lambda n: np.indices((n, n)).reshape(2, -1),
    "UPPER_ROW": lambda n: np.triu_indices(n, 1),
    "LOWER_ROW": lambda n: np.tril_indices(n, -1),
    "UPPER_DIAG_ROW": lambda n: np.triu_indices(n),
    "LOWER_DIAG_ROW": lambda n: np.tril_indices(n),
}
_CELLS |= {
    "LOWER_COL": _CELLS["UPPER_ROW"],
    "UPPER_COL": _CELLS["LOWER_ROW"],
    "LOWER_DIAG_COL": _CELLS["UPPER_DIAG_ROW"],
    "UPPER_DIAG_COL": _CELLS["LOWER_DIAG_ROW"],
}

Line = tuple[int, list[str]]
"""Number of a line, counted from 1, and its words."""


def read_vrplib(
    path: str | os.PathLike[str],
    rounding: str | None = None,
    cls: type[AnyVRP] = VRP,  # type: ignore[assignment]
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
    The files of Eilon et al. in CVRPLIB (E-n13-k4, E-n31-k7) call their weights ``LOWER_ROW`` and list them as
    ``LOWER_COL`` does; told by their comment, they are read as what they are.
    """
    refuse_unknown("read_vrplib", unknown, ("rounding",))
    return _Instance(os.fspath(path), rounding).build(cls)


def _fits(path: str | os.PathLike[str]) -> bool:
    return not os.fspath(path).lower().endswith(".csv")


read_vrplib.fits = _fits  # type: ignore[attr-defined]


class _Instance:
    """A VRPLIB file taken apart: header values and sections, each with its line."""

    def __init__(self, path: str, rounding: str | None) -> None:
        self.path, self.rounding = path, rounding
        self.values: dict[str, tuple[int, str]] = {}
        self.sections: dict[str, tuple[int, list[Line]]] = {}
        self.last_line = 0
        if rounding is not None and (not isinstance(rounding, str) or rounding not in ROUNDINGS):
            raise UnsupportedError(f"rounding is {rounding!r}; expected one of {', '.join(ROUNDINGS)}")
        self._split(read_text(path))

    def build(self, cls: type[AnyVRP]) -> AnyVRP:
        if "TYPE" in self.values and self.values["TYPE"][1].upper() != "CVRP":
            self._fail("this version of optikit reads files of type CVRP", *self.values["TYPE"])
        dimension = self._whole("DIMENSION", least=2)
        node_of, depot_demand = self._nodes(dimension)
        demand = self._table("DEMAND_SECTION", node_of, 1, "node and demand")[:, 0]
        depot = self._depot(node_of)
        if demand[depot] != 0:
            self._fail(f"the depot (node {list(node_of)[depot]}) has the demand {demand[depot]:g}; a depot has none", depot_demand)
        capacity = self._number(*self._value("CAPACITY"))
        if capacity < 0:
            self._fail("a capacity is >= 0", *self._value("CAPACITY"))
        vehicles = self._whole("VEHICLES", least=1) if "VEHICLES" in self.values else None
        order = [depot, *(row for row in range(dimension) if row != depot)]
        names = [list(node_of)[row] for row in order]
        name = self.values.get("NAME", (0, os.path.splitext(os.path.basename(self.path))[0]))[1]
        whole = bool((demand == np.floor(demand)).all()) and demand.max() < 2**53
        try:
            return cls(
                network=self._network(node_of).take(order),
                demand=demand[order[1:]].astype(np.int64) if whole else demand[order[1:]],
                vehicle_types=(VehicleType((_plain(capacity),), vehicles),),
                clients=tuple(names[1:]),
                depots=(names[0],),
                name=name,
            )
        except InvalidProblemError as error:
            raise FileFormatError(self.path, str(error)) from None

    # -- taking the file apart ------------------------------------------------

    def _split(self, text: str) -> None:
        section: list[Line] | None = None
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words:
                continue
            self.last_line = number
            key, colon, value = line.partition(":")
            key = "_".join(key.split()).upper()
            if key == "EOF":
                break
            if key.endswith("_SECTION"):
                if key not in _SECTIONS:
                    self._fail(
                        f"{key} is beyond the capacitated problem; this version reads {_listed(_SECTIONS)}",
                        number,
                        words[0],
                    )
                if key in self.sections:
                    self._fail(f"{key} stands twice, first in line {self.sections[key][0]}", number, words[0])
                section = []
                self.sections[key] = number, section
            elif section is not None and not words[0][0].isalpha():
                section.append((number, words))
            else:
                section = None
                self._header(number, key, value.strip() if colon else None, words)
        if not self.values and not self.sections:
            self._fail("the file is empty; expected a VRPLIB instance", None)

    def _header(self, number: int, key: str, value: str | None, words: list[str]) -> None:
        if value is None:
            key, value = words[0].upper(), " ".join(words[1:])
        if key not in _REMARKS | _KEYS:
            near = f"; it may be a rule that this version does not know (known: {_listed(_KEYS | _REMARKS)})"
            self._fail(f"unknown keyword{near}; delete the line if it is only a remark", number, words[0])
        if key in self.values and key != "COMMENT":
            self._fail(f"{key} stands twice, first in line {self.values[key][0]}", number, words[0])
        self.values[key] = number, value.strip('"')

    # -- header values ----------------------------------------------------------

    def _value(self, key: str) -> tuple[int, str]:
        if key not in self.values or not self.values[key][1]:
            self._fail(f"the line {key} is missing; write for instance '{key} : ...' above the sections", self.last_line)
        return self.values[key]

    def _whole(self, key: str, least: int) -> int:
        line, word = self._value(key)
        value = self._number(line, word)
        if value != int(value) or value < least:
            self._fail(f"{key} is not a whole number >= {least}", line, word)
        return int(value)

    def _number(self, line: int, word: str) -> float:
        try:
            value = float(word) if "_" not in word else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._fail("expected a number", line, word)
        return value

    # -- sections -----------------------------------------------------------------

    def _section(self, name: str) -> tuple[int, list[Line]]:
        if name not in self.sections:
            self._fail(f"{name} is missing", self.last_line)
        return self.sections[name]

    def _nodes(self, dimension: int) -> tuple[dict[int, int], int | None]:
        """Node number -> row, by increasing number, and the line of the depot's demand."""
        section = "NODE_COORD_SECTION" if "NODE_COORD_SECTION" in self.sections else "DEMAND_SECTION"
        start, lines = self._section(section)
        line_of: dict[int, int] = {}
        for line, words in lines:
            node = self._node(line, words[0])
            if node in line_of:
                self._fail(f"{section} has node {node} twice, first in line {line_of[node]}", line, words[0])
            line_of[node] = line
        if len(line_of) != dimension:
            last = lines[-1][0] if lines else start
            self._fail(f"{section} (from line {start}) has {len(line_of)} rows; DIMENSION is {shown(dimension)}", last)
        node_of = {number: row for row, number in enumerate(sorted(line_of))}
        depot_lines = self.sections.get("DEPOT_SECTION", (0, []))[1]
        depot_words = depot_lines[0][1][:1] if depot_lines else []
        demand_line = next((line for line, words in self._section("DEMAND_SECTION")[1] if words[:1] == depot_words), None)
        return node_of, demand_line

    def _node(self, line: int, word: str) -> int:
        value = self._number(line, word)
        if value != int(value) or value < 0:
            self._fail("expected the number of a node", line, word)
        return int(value)

    def _table(self, section: str, node_of: Mapping[int, int], columns: int, content: str) -> NDArray[np.float64]:
        """Rows of ``node value ...``, each node once, in any order."""
        table = np.zeros((len(node_of), columns))
        line_of: dict[int, int] = {}
        start, lines = self._section(section)
        for line, words in lines:
            if len(words) != columns + 1:
                self._fail(f"a row of {section} holds {content}: {columns + 1} numbers, not {len(words)}", line, words[-1])
            node = self._node(line, words[0])
            if node not in node_of:
                self._fail(f"{section} names a node that is not there", line, words[0])
            if node in line_of:
                self._fail(f"{section} has node {node} twice, first in line {line_of[node]}", line, words[0])
            line_of[node] = line
            table[node_of[node]] = [self._number(line, word) for word in words[1:]]
            if section == "DEMAND_SECTION" and table[node_of[node], 0] < 0:
                self._fail("a demand is >= 0", line, words[1])
        missing = next((node for node in node_of if node not in line_of), None)
        if missing is not None:
            last = lines[-1][0] if lines else start
            self._fail(f"{section} (from line {start}) has no row for node {missing}", last)
        return table

    def _depot(self, node_of: Mapping[int, int]) -> int:
        start, lines = self._section("DEPOT_SECTION")
        depots: list[int] = []
        for line, word in ((line, word) for line, words in lines for word in words):
            if word == "-1":
                break
            depot = self._node(line, word)
            if depot not in node_of:
                self._fail("DEPOT_SECTION names a node that is not there", line, word)
            if depots:
                self._fail("a second depot: this version of optikit solves problems with one", line, word)
            depots.append(node_of[depot])
        if not depots:
            self._fail("DEPOT_SECTION names no depot", start)
        return depots[0]

    def _network(self, node_of: Mapping[int, int]) -> Network:
        line, kind = self._value("EDGE_WEIGHT_TYPE")
        if kind.upper() == "EXPLICIT":
            if self.rounding not in (None, "exact"):
                self._fail(
                    f"rounding={self.rounding!r} is for coordinates; this file lists its distances, leave it out", line, kind
                )
            return Matrix(self._explicit(len(node_of)))
        if kind.upper() not in ROUNDING_OF:
            way_out = (
                "read the coordinates yourself and use VRP.from_coordinates(..., metric='haversine')"
                if kind.upper() == "GEO"
                else "compute the distances yourself and use VRP.from_matrix"
            )
            self._fail(f"this version reads {_listed([*ROUNDING_OF, 'EXPLICIT'])}; {way_out}", line, kind)
        points = self._table("NODE_COORD_SECTION", node_of, 2, "node, x and y")
        return Planar(points, self.rounding or ROUNDING_OF[kind.upper()])

    def _explicit(self, n: int) -> NDArray[Any]:
        line, form = self._value("EDGE_WEIGHT_FORMAT")
        form = form.upper()
        if form not in _CELLS:
            self._fail(f"this version reads {_listed(_CELLS)}", line, form)
        if form == "LOWER_ROW" and "eilon" in self.values.get("COMMENT", (0, ""))[1].lower():
            form = "LOWER_COL"
        start, lines = self._section("EDGE_WEIGHT_SECTION")
        words = [word for _, words in lines for word in words]
        rows, columns = _CELLS[form](n)
        if len(words) != len(rows):
            last = lines[-1][0] if lines else start
            self._fail(
                f"EDGE_WEIGHT_SECTION (from line {start}) has {len(words)} numbers; {form} of {n} nodes has {len(rows)}", last
            )
        try:
            weights = np.array(words, dtype=np.float64)
        except ValueError:
            weights = np.full(1, np.nan)
        if not np.isfinite(weights).all() or (weights < 0).any():
            for number, row in lines:
                for word in row:
                    if self._number(number, word) < 0:
                        self._fail("a distance is >= 0", number, word)
        matrix = np.zeros((n, n))
        matrix[rows, columns] = weights
        if form != "FULL_MATRIX":
            matrix[columns, rows] = weights
        return matrix.astype(np.int64) if (matrix == np.floor(matrix)).all() and matrix.max() < 2**53 else matrix

    def _fail(self, message: str, line: int | None = None, token: str | None = None) -> NoReturn:
        raise FileFormatError(self.path, message, line, token)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


def _plain(value: float) -> float:
    """A whole float as an int, where floats still count."""
    return int(value) if value == int(value) and value < 2**53 else value

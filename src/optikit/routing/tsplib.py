"""Files in TSPLIB's format (Reinelt 1991 and its documentation of 1995), which VRPLIB shares: header lines, then sections.

Here a file is taken apart, and refused with line and word where it is broken; what its parts mean, the problems' readers say.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import EntryError, FileFormatError, InvalidProblemError
from ..inputs.arrays import WHOLE_LIMIT
from ..inputs.files import path_of, read_text
from ..inputs.wording import shown

REMARKS = frozenset({"NAME", "COMMENT", "DISPLAY_DATA_TYPE", "NODE_COORD_TYPE", "BEST_KNOWN", "OPTIMAL_VALUE", "BKS"})

TOUR_KINDS = frozenset({"TSP", "ATSP", "HCP", "SOP", "TOUR"})
"""Types of files that are about one tour."""

TOUR_ENDINGS = (".tsp", ".atsp", ".hcp", ".sop", ".tour")
"""What such files are called, where they do not say their type."""

_KIND_BYTES = 65536
"""So far into a file its TYPE is looked for."""

# Which cells of row i an explicit file lists, from column to column; the column formats list their transposes.
_CELLS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "FULL_MATRIX": lambda i, n: (0, n),
    "UPPER_ROW": lambda i, n: (i + 1, n),
    "LOWER_ROW": lambda i, n: (0, i),
    "UPPER_DIAG_ROW": lambda i, n: (i, n),
    "LOWER_DIAG_ROW": lambda i, n: (0, i + 1),
}
_CELLS |= {
    "LOWER_COL": _CELLS["UPPER_ROW"],
    "UPPER_COL": _CELLS["LOWER_ROW"],
    "LOWER_DIAG_COL": _CELLS["UPPER_DIAG_ROW"],
    "UPPER_DIAG_COL": _CELLS["LOWER_DIAG_ROW"],
}
WEIGHT_FORMATS = tuple(_CELLS)
"""Layouts of an explicit matrix, as files call them."""


def kind_of(path: str | os.PathLike[str]) -> str | None:
    """The word that a file gives as its TYPE (``"TSP"``, ``"CVRP"``, ``"TOUR"``, ...).

    ``""`` where it says none, but has other lines of TSPLIB's format; None for other files, what cannot be opened, and pipes, which
    a look would empty.
    """
    path = path_of(path)
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            head = file.read(_KIND_BYTES)
    except OSError:
        return None
    keys = {}
    for line in head.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        keys[key.strip().upper()] = value.split()
    if keys.get("TYPE"):
        return keys["TYPE"][0].upper()
    return "" if "DIMENSION" in keys or "EDGE_WEIGHT_TYPE" in keys or "TOUR_SECTION" in keys else None


class TsplibFile:
    """A file taken apart: header values and sections, each with its line.

    Parameters
    ----------
    path : path
        The file.
    keys, sections : collection of str
        Header lines and sections that the reader knows, besides remarks.
    beyond : str
        What the file asks for where it holds others: "beyond the capacitated problem".
    """

    def __init__(self, path: str | os.PathLike[str], keys: Collection[str], sections: Collection[str], beyond: str) -> None:
        self.path = path_of(path)
        self.values: dict[str, tuple[int, str]] = {}
        self.last_line = 0
        self._keys, self._known, self._beyond = {*keys, *REMARKS}, sections, beyond
        self._spans: dict[str, tuple[int, int]] = {}
        """Section -> its first line and its last, counted from 1."""
        # Lines as editors count them: str.splitlines also breaks them at form feeds and the like.
        self._lines = read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._split()

    # -- taking the file apart ------------------------------------------------

    def _split(self) -> None:
        section = ""
        for number, line in enumerate(self._lines, 1):
            text = line.lstrip()
            if not text:
                continue
            self.last_line = number
            if section and not text[0].isalpha():
                self._spans[section] = self._spans[section][0], number
                continue
            key, colon, value = line.partition(":")
            key = "_".join(key.split()).upper()
            if key == "EOF":
                break
            section = ""
            words = line.replace(":", " ").split()
            if words and words[0].upper().endswith("_SECTION"):
                key = words[0].upper()
                if len(words) > 1:
                    self.fail(f"what {key} holds begins on a line of its own", number, words[1])
            if key.endswith("_SECTION"):
                section = self._open(key, number, line.split()[0])
            else:
                self._header(number, key, value.strip() if colon else None, line.split())
        if not self.values and not self._spans:
            self.fail("the file is empty; expected an instance in TSPLIB's format")

    def _open(self, key: str, number: int, word: str) -> str:
        if key not in self._known:
            self.fail(f"{key} is {self._beyond}; this version reads {listed(self._known)}", number, word)
        if key in self._spans:
            self.fail(f"{key} stands twice, first in line {self._spans[key][0]}", number, word)
        self._spans[key] = number, number
        return key

    def _header(self, number: int, key: str, value: str | None, words: list[str]) -> None:
        if value is None:
            key, value = words[0].upper(), " ".join(words[1:])
        if key not in self._keys:
            near = f"; it may be a rule that this version does not know (known: {listed(self._keys)})"
            self.fail(f"unknown keyword{near}; delete the line if it is only a remark", number, words[0])
        if key in self.values and key != "COMMENT":
            self.fail(f"{key} stands twice, first in line {self.values[key][0]}", number, words[0])
        self.values[key] = number, value.strip('"')

    # -- header values ----------------------------------------------------------

    @property
    def name(self) -> str:
        """As the file says, or as it is called."""
        return self.values.get("NAME", (0, os.path.splitext(os.path.basename(self.path))[0]))[1]

    def value(self, key: str) -> tuple[int, str]:
        """The line and the text of a header value; refused where it is missing."""
        if key not in self.values or not self.values[key][1]:
            self.fail(f"the line {key} is missing; write for instance '{key} : ...' above the sections", self.last_line)
        return self.values[key]

    def word(self, key: str, default: str = "") -> tuple[int, str]:
        """The line and the first word of a header value, in capitals; ``default`` where it is missing."""
        line, text = self.values.get(key, (0, default))
        return line, text.split()[0].upper() if text.split() else default

    def whole(self, key: str, least: int) -> int:
        line, word = self.value(key)
        value = self.number(line, word)
        if value != int(value) or value < least:
            self.fail(f"{key} is not a whole number >= {least}", line, word)
        return int(value)

    def number(self, line: int, word: str) -> float:
        try:
            value = float(word) if "_" not in word else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.fail("expected a number", line, word)
        if abs(value) >= WHOLE_LIMIT and word.lstrip("+-").isdecimal() and int(word) != value:
            self.fail("a whole number above 2^53, which floats skip; use a larger unit", line, word)
        return value

    def node(self, line: int, word: str) -> int:
        value = self.number(line, word)
        if value != int(value) or not 0 <= value < 2**53:
            self.fail("expected the number of a node", line, word)
        return int(value)

    # -- sections -----------------------------------------------------------------

    def has(self, section: str) -> bool:
        return section in self._spans

    def start(self, section: str) -> int:
        """The line of a section's name; refused where the section is missing."""
        if section not in self._spans:
            self.fail(f"{section} is missing", self.last_line)
        return self._spans[section][0]

    def rows(self, section: str) -> Iterator[tuple[int, list[str]]]:
        """The lines of a section that are not empty, as their number and words."""
        start = self.start(section)
        for number in range(start + 1, self._spans[section][1] + 1):
            words = self._lines[number - 1].split()
            if words:
                yield number, words

    def end(self, section: str) -> int:
        """The last line of a section."""
        self.start(section)
        return self._spans[section][1]

    def numbers(self, section: str) -> NDArray[np.float64]:
        """All words of a section as numbers."""
        start = self.start(section)
        text = " ".join(self._lines[start : self._spans[section][1]])
        try:
            found = np.array(text.split(), np.float64) if "_" not in text else np.full(1, np.nan)
        except ValueError:
            found = np.full(1, np.nan)
        if not (np.abs(found) < WHOLE_LIMIT).all():  # or no number
            for line, words in self.rows(section):
                for word in words:
                    self.number(line, word)
        return found

    def nodes(self, section: str, dimension: int) -> NDArray[np.int64]:
        """The nodes that a section lists, each once, by increasing number."""
        line_of: dict[int, int] = {}
        for line, words in self.rows(section):
            node = self.node(line, words[0])
            if node in line_of:
                self.fail(f"{section} has node {node} twice, first in line {line_of[node]}", line, words[0])
            line_of[node] = line
        self._count(section, len(line_of), dimension)
        return np.array(sorted(line_of), np.int64)

    def _count(self, section: str, rows: int, dimension: int) -> None:
        if rows != dimension:
            says = f"{section} (from line {self.start(section)}) has {rows} rows; DIMENSION is {shown(dimension)}"
            self.fail(says, self.end(section))

    def points(self, section: str, axes: int, dimension: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Nodes, by increasing number, and their coordinates: without a step of Python a node where nothing is wrong."""
        content = f"node, {'x and y' if axes == 2 else 'x, y and z'}"
        span = self._lines[self.start(section) : self.end(section)]
        if all(len(words) in (0, axes + 1) for words in map(str.split, span)):
            table = self.numbers(section).reshape(-1, axes + 1)
            self._count(section, len(table), dimension)
            order = np.argsort(table[:, 0], kind="stable")
            table = table[order]
            number = table[:, 0]
            if (number == np.floor(number)).all() and number[0] >= 0 and number[-1] < 2**53 and (np.diff(number) > 0).all():
                return number.astype(np.int64), np.ascontiguousarray(table[:, 1:])
        nodes = self.nodes(section, dimension)
        return nodes, self.table(section, nodes, axes, content)

    def table(self, section: str, nodes: NDArray[np.int64], columns: int, content: str) -> NDArray[np.float64]:
        """Rows of ``node value ...``, each of ``nodes`` once, in any order."""
        row_of = {node: row for row, node in enumerate(nodes.tolist())}
        table = np.zeros((len(nodes), columns))
        line_of: dict[int, int] = {}
        for line, words in self.rows(section):
            if len(words) != columns + 1:
                self.fail(f"a row of {section} holds {content}: {columns + 1} numbers, not {len(words)}", line, words[-1])
            node = self.node(line, words[0])
            if node not in row_of:
                self.fail(f"{section} names a node that is not there", line, words[0])
            if node in line_of:
                self.fail(f"{section} has node {node} twice, first in line {line_of[node]}", line, words[0])
            line_of[node] = line
            table[row_of[node]] = [self.number(line, word) for word in words[1:]]
        missing = next((node for node in row_of if node not in line_of), None)
        if missing is not None:
            self.fail(f"{section} (from line {self.start(section)}) has no row for node {missing}", self.end(section))
        return table

    def explicit(self, n: int, form: str | None = None) -> NDArray[Any]:
        """The matrix of ``EDGE_WEIGHT_SECTION``, as int64 where all of it is whole.

        Parameters
        ----------
        n : int
            Nodes.
        form : str, optional
            The layout, where it is another than ``EDGE_WEIGHT_FORMAT`` says.
        """
        line, said = self.value("EDGE_WEIGHT_FORMAT")
        form = form or said.split()[0].upper()
        if form not in _CELLS:
            self.fail(f"this version reads {listed(_CELLS)}", line, form)
        wanted = n * n if form == "FULL_MATRIX" else n * (n + 1) // 2 if "DIAG" in form else n * (n - 1) // 2
        weights = self.numbers("EDGE_WEIGHT_SECTION")
        if len(weights) != wanted:
            says = f"EDGE_WEIGHT_SECTION (from line {self.start('EDGE_WEIGHT_SECTION')}) has {len(weights)} numbers"
            self.fail(f"{says}; {form} of {n} nodes has {wanted}", self.end("EDGE_WEIGHT_SECTION"))
        matrix = _laid_out(weights, form, n)
        if (weights < 0).any():
            below = (matrix < 0) & ~np.eye(n, dtype=bool)  # nobody goes from a node to itself
            if below.any():
                number = int(_laid_out(np.arange(len(weights)), form, n)[below].min())
                line, word = [(line, word) for line, words in self.rows("EDGE_WEIGHT_SECTION") for word in words][number]
                self.fail("a distance is >= 0", line, word)
        return matrix.astype(np.int64) if (matrix == np.floor(matrix)).all() and matrix.max() < 2**53 else matrix

    @contextmanager
    def told_by(self, part: str, nodes: NDArray[np.int64] | None = None) -> Iterator[None]:
        """What makes no sense as a problem is refused with the line that says so: of a value, a section, or a node's row of it."""
        try:
            yield
        except InvalidProblemError as error:
            line = self.values[part][0] if part in self.values else self.start(part)
            if isinstance(error, EntryError) and nodes is not None:
                node = int(nodes[error.index[0]])
                line = next(number for number, words in self.rows(part) if self.node(number, words[0]) == node)
            self.fail(f"{part}: {error}", line)

    def fail(self, message: str, line: int | None = None, token: str | None = None) -> NoReturn:
        raise FileFormatError(self.path, message, line, token)


def _laid_out(values: NDArray[Any], form: str, n: int) -> NDArray[np.float64]:
    """A matrix of what an explicit file lists."""
    matrix = np.zeros((n, n))
    taken = 0
    for row in range(n):
        begin, end = _CELLS[form](row, n)
        part = values[taken : taken + end - begin]
        taken += end - begin
        matrix[row, begin:end] = part
        if form != "FULL_MATRIX":
            matrix[begin:end, row] = part
    return matrix


def listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))

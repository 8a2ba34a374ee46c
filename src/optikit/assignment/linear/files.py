"""Files of linear assignment: a table of costs, or a list of pairs, as comma- or tab-separated values."""

from __future__ import annotations

import csv
import io
import math
import os
from typing import Any

import numpy as np

from ...errors import FileFormatError, InvalidProblemError
from ...inputs.files import read_text
from ...inputs.keywords import keywords, refuse_unknown
from .frames import LONG, from_frame
from .problem import LinearAssignment

_FORBIDDEN = ("", "-", "inf", "x")
"""Cells, in any case, of pairs that are forbidden."""


def read_costs(path: str | os.PathLike[str], *, cls: type[LinearAssignment] = LinearAssignment, **options: Any) -> LinearAssignment:
    """Read a table of costs, or a list of pairs.

    Parameters
    ----------
    path : path
        Values apart by commas, semicolons or tabs, in UTF-8. A table: the first line names the columns, behind a first cell
        that says what it likes, and each further line begins with the name of its row; a pair whose cell is empty, ``-``, ``x``
        or ``inf`` is forbidden. Or a list: the first line says ``row``, ``column`` and ``cost``, in any order, and each further
        line is a pair.
    cls : type
        The class to build.
    **options
        As in `optikit.assignment.linear.frames.from_frame`.

    Raises
    ------
    FileFormatError
        With the line, and the word that is no number.
    """
    refuse_unknown("read_costs", options, keywords(from_frame))
    path = os.fspath(path)
    lines = _lines(path)
    if len(lines) < 2:
        raise FileFormatError(path, "expected a line with the names of the columns, and a line for each row or pair")
    (first, head), *body = lines
    for number, words in body:
        if len(words) != len(head):
            raise FileFormatError(path, f"expected {len(head)} values, as in line {first}, not {len(words)}", number, words[-1])
    twice = next((name for place, name in enumerate(head) if name in head[:place]), None)
    if twice is not None:
        raise FileFormatError(path, "two columns have this name; names of columns are unique", first, twice)
    roles = [name.casefold() for name in head]
    never = -math.inf if options.get("maximize") else math.inf
    try:
        if sorted(roles) == sorted(LONG):
            columns = {role: [words[place] for _, words in body] for place, role in enumerate(roles)}
            costs = [_number(path, number, words[roles.index("cost")], never) for number, words in body]
            kept = [place for place, cost in enumerate(costs) if cost != never]
            many = [len(set(columns[role])) for role in LONG[:2]]
            for role in LONG[: 1 if many[0] < many[1] else 2]:  # lines of the longer side may be left over
                left = {columns[role][place] for place in kept}
                lost = next((place for place, name in enumerate(columns[role]) if name not in left), None)
                if lost is not None:
                    why = f"every pair of this {role} is forbidden; a table with a line for each row can say so, a list cannot"
                    raise FileFormatError(path, why, body[lost][0], columns[role][lost])
            long = {role: [columns[role][place] for place in kept] for role in LONG[:2]} | {"cost": [costs[p] for p in kept]}
            return from_frame(cls, _Table(long), **options)
        names = [words[0] for _, words in body]
        costs_of = [[_number(path, number, word, never) for word in words[1:]] for number, words in body]
        table = _Table({"": names, **{name: [row[place] for row in costs_of] for place, name in enumerate(head[1:])}})
        return from_frame(cls, table, row="", **options)
    except InvalidProblemError as error:
        raise FileFormatError(path, str(error)) from None


def _fits(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(".tsv")


read_costs.fits = _fits  # type: ignore[attr-defined]


def _lines(path: str) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers; the first one shows what stands between values."""
    text = read_text(path)
    head = text.lstrip().partition("\n")[0]
    between = max("\t;,", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    try:
        return [(reader.line_num, [word.strip() for word in words]) for words in reader if words]
    except csv.Error as error:
        raise FileFormatError(path, f"not comma-separated values: {error}", reader.line_num) from None


def _number(path: str, line: int, word: str, never: float) -> int | float:
    if word.casefold() in _FORBIDDEN:
        return never
    for kind in (int, float):
        try:
            value = kind(word)
        except ValueError:
            continue
        if value != never and math.isinf(value):
            raise FileFormatError(path, "this infinity forbids nothing here", line, word)
        if value == never and "inf" not in word.casefold():
            raise FileFormatError(path, "too large for a float; use a larger unit", line, word)
        return value
    raise FileFormatError(path, "expected a cost; leave the cell empty where the pair is forbidden", line, word)


class _Column(list[Any]):
    def to_numpy(self) -> Any:
        array = np.empty(len(self), object)
        array[:] = self
        return array

    def to_list(self) -> list[Any]:
        return list(self)


class _Table:
    """As much of a frame as `from_frame` asks for."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self._columns = {name: _Column(values) for name, values in columns.items()}
        self.columns = list(columns)

    def __getitem__(self, key: Any) -> Any:
        return _Table({name: self._columns[name] for name in key}) if isinstance(key, list) else self._columns[key]

    def __len__(self) -> int:
        return max(map(len, self._columns.values()), default=0)

    def to_numpy(self) -> Any:
        array = np.empty((len(self), len(self.columns)), object)
        for place, values in enumerate(self._columns.values()):
            array[:, place] = values
        return array

"""Files of linear assignment: a table of costs, or a list of pairs, as comma- or tab-separated values."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ...errors import FileFormatError, InvalidProblemError
from ...inputs.csv_tables import CsvFrame, csv_frame
from ...inputs.files import path_of
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.wording import comma
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
    path = path_of(path)
    table, lines = csv_frame(path, "row or pair")
    head = table.columns
    roles = {name.casefold(): name for name in head}
    never = -math.inf if options.get("maximize") else math.inf
    try:
        if sorted(name.casefold() for name in head) == sorted(LONG):
            rows, columns = (list(table[roles[role]]) for role in LONG[:2])
            costs = [_number(path, line, word, never) for line, word in zip(lines, table[roles["cost"]], strict=True)]
            return from_frame(cls, _allowed(path, lines, {"row": rows, "column": columns, "cost": costs}, never), **options)
        costs_of = {
            name: [_number(path, line, word, never) for line, word in zip(lines, table[name], strict=True)] for name in head[1:]
        }
        return from_frame(cls, _Costs({"": list(table[head[0]]), **costs_of}), row="", **options)
    except InvalidProblemError as error:
        raise FileFormatError(path, str(error)) from None


def _allowed(path: str, lines: list[int], pairs: dict[str, list[Any]], never: float) -> CsvFrame:
    """The pairs that are not forbidden; each row (and column, where these are no more) must have one."""
    kept = [place for place, cost in enumerate(pairs["cost"]) if cost != never]
    many = [len(set(pairs[role])) for role in LONG[:2]]
    for role in LONG[: 1 if many[0] < many[1] else 2]:  # lines of the longer side may be left over
        left = {pairs[role][place] for place in kept}
        lost = next((place for place, name in enumerate(pairs[role]) if name not in left), None)
        if lost is not None:
            why = f"every pair of this {role} is forbidden; a table with a line for each row can say so, a list cannot"
            raise FileFormatError(path, why, lines[lost], pairs[role][lost])
    return CsvFrame({role: [values[place] for place in kept] for role, values in pairs.items()})


def _fits(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(".tsv")


read_costs.fits = _fits  # type: ignore[attr-defined]


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
    raise FileFormatError(path, f"expected a cost; leave the cell empty where the pair is forbidden{comma(word)}", line, word)


class _Costs(CsvFrame):
    """A frame whose columns are taken together too."""

    def __getitem__(self, key: Any) -> Any:
        return _Costs({name: list(self[name]) for name in key}) if isinstance(key, list) else super().__getitem__(key)

    def __len__(self) -> int:
        return max(map(len, self.values()), default=0)

    def to_numpy(self) -> Any:
        array = np.empty((len(self), len(self.columns)), object)
        for place, values in enumerate(self.values()):
            array[:, place] = values
        return array

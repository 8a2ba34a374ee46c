"""Tables in files of comma-separated values, as frames, so that problems read them without pandas."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FileFormatError
from .files import path_of, read_text


class CsvFrame(dict[str, list[Any]]):
    """As much of a frame as ``from_frame`` asks for."""

    @property
    def columns(self) -> list[str]:
        return list(self)

    def __getitem__(self, column: str) -> Any:
        return _Column(super().__getitem__(column))


class _Column(list[Any]):
    def to_numpy(self) -> NDArray[Any]:
        array = np.empty(len(self), object)
        array[:] = self
        return array

    def to_list(self) -> list[Any]:
        return list(self)


def csv_rows(path: str | os.PathLike[str]) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers; the first one shows what stands between values: commas, semicolons or tabs."""
    text = read_text(path)
    head = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        return [(reader.line_num, [word.strip() for word in words]) for words in reader if words]
    except csv.Error as error:
        raise FileFormatError(os.fspath(path), f"not a table of comma-separated values: {error}", reader.line_num) from None


def csv_frame(path: str | os.PathLike[str], each: str) -> tuple[CsvFrame, list[int]]:
    """A table of text, and the line of each row; ``each`` says what a line is of.

    Raises
    ------
    FileFormatError
        With the line, for one that has more or fewer values than there are columns, and for two columns of one name.
    """
    path = path_of(path)
    rows = csv_rows(path)
    if len(rows) < 2:
        raise FileFormatError(path, f"expected a line with the names of the columns, and a line for each {each}")
    (first, head), *body = rows
    twice = next((column for index, column in enumerate(head) if column in head[:index]), None)
    if twice is not None:
        raise FileFormatError(path, "two columns have this name; names of columns are unique", first, twice)
    for number, row in body:
        if len(row) != len(head):
            raise FileFormatError(path, f"expected {len(head)} values, as there are columns, not {len(row)}", number, row[-1])
    columns = zip(*(row for _, row in body), strict=True)
    return CsvFrame((column, list(words)) for column, words in zip(head, columns, strict=True)), [number for number, _ in body]


def csv_head(path: str | os.PathLike[str]) -> set[str]:
    """The names of the columns of a file that ends in ``.csv``; none of another, or of one that is no table."""
    if not os.fspath(path).lower().endswith(".csv"):
        return set()
    try:
        rows = csv_rows(path)
    except (FileFormatError, OSError):
        return set()
    return set(rows[0][1]) if rows else set()


_OF_OPERATIONS = frozenset({"job", "machine", "stage", "operation", "duration", "release", "due", "deadline"})


def is_of_operations(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is one of operations on machines, rather than one of stops or costs."""
    known = set(columns)
    return len(_OF_OPERATIONS & known) >= 2 and bool({"machine", "stage"} & known) and "cost" not in known

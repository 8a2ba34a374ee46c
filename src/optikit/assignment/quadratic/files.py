"""Files of QAPLIB: instances in, placements in and out."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, InvalidProblemError
from ...inputs.files import path_of, read_text, replace_file
from ...inputs.keywords import refuse_unknown
from ...saved import SolutionFile, is_json, plain_number, solution_from_json, stated_objective
from .problem import QuadraticAssignment
from .solution import Placement

if TYPE_CHECKING:
    AnyQAP = TypeVar("AnyQAP", bound=QuadraticAssignment)

MOST_LOCATIONS = 30_000
"""Two matrices of that size take 14 GB: a larger first number is none."""


def read_qaplib(
    path: str | os.PathLike[str],
    maximize: bool = False,
    cls: type[AnyQAP] = QuadraticAssignment,  # type: ignore[assignment]
    **unknown: Any,
) -> AnyQAP:
    """Read an instance in QAPLIB's format: the size n, then two matrices of n rows and n columns, with blanks between numbers.

    The first matrix are the flows, the second the distances. QAPLIB has instances of either order; which is which does not change
    what the best placement costs, only whether a permutation tells the location of a facility or the facility at a location. A
    third matrix, where there is one, are the linear costs. A number beside the size, in the first line, is the best known cost, as
    files of Taillard have it, and is skipped.

    Parameters
    ----------
    path : path
        The file.
    maximize : bool
        Whether the most is sought; the format does not tell.
    cls : type
        The class to build.

    Raises
    ------
    FileFormatError
        With the line and the word, where the file is broken.
    OSError
        If the file cannot be opened.

    References
    ----------
    R. E. Burkard, S. E. Karisch and F. Rendl, "QAPLIB: a quadratic assignment problem library", Journal of Global Optimization 10,
    1997.
    """
    refuse_unknown("read_qaplib", unknown, ("maximize",))
    file, text = path_of(path), read_text(path)
    words = _Words(file, text)
    size = words.count("the size", 1, MOST_LOCATIONS)
    entries = size * size
    numbers = words.rest(2 if _states_best(text) and len(words.words) in (2 + 2 * entries, 2 + 3 * entries) else 1)
    if len(numbers) not in (2 * entries, 3 * entries):
        where = words.line_of(len(numbers)) if len(numbers) < 2 * entries else words.line_of(1 + 2 * entries)
        raise FileFormatError(
            file, f"holds {len(numbers)} numbers behind the size {size}; expected {2 * entries}: flows, then distances", where
        )
    matrices = numbers.reshape(-1, size, size)
    try:
        return cls(matrices[0], matrices[1], matrices[2] if len(matrices) > 2 else None, maximize=maximize, name=_title(file))
    except InvalidProblemError as error:
        raise FileFormatError(file, str(error)) from None


def _fits(path: str | os.PathLike[str]) -> bool:
    """A name that ends in ``.dat``, and two or three matrices of the size that stands first: other formats have such names, too."""
    if not os.fspath(path).lower().endswith(".dat"):
        return False
    try:
        with open(path, "rb") as file:
            text = file.read().replace(b",", b" ")
    except OSError:
        return False
    words = text.split()
    if not words or not words[0].isdigit() or len(words[0]) > 6:
        return False
    sizes = (2 * int(words[0]) ** 2, 3 * int(words[0]) ** 2)
    return len(words) - 1 in sizes or (len(words) - 2 in sizes and _states_best(text))


def _states_best(text: str | bytes) -> bool:
    """Whether two numbers stand in the first line: the size, and the best known cost."""
    lines = text.strip().splitlines()
    return bool(lines) and len(lines[0].split()) == 2


read_qaplib.fits = _fits  # type: ignore[attr-defined]


class _Words:
    """The numbers of a file, and the line of each."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.words = text.replace(",", " ").split()

    def line_of(self, index: int) -> int:
        """The line of a word; of the last, where there are not so many."""
        seen = 0
        for number, line in enumerate(self.text.replace(",", " ").splitlines(), 1):
            seen += len(line.split())
            if seen > index:
                return number
        return max(1, self.text.count("\n"))

    def count(self, what: str, least: int, most: int) -> int:
        word = self.words[0] if self.words else ""
        if not word.isdecimal() or not least <= int(word[:12]) <= most:
            raise FileFormatError(self.file, f"expected {what}, a whole number from {least} to {most}, at the beginning", 1, word)
        return int(word)

    def rest(self, begin: int = 1) -> NDArray[Any]:
        """All numbers from a word on, as ints where all are whole."""
        words = self.words[begin:]
        try:
            return np.array(words, dtype=np.int64)
        except (ValueError, OverflowError):
            pass
        values = np.empty(len(words))
        for index, word in enumerate(words):
            try:
                values[index] = float(word)
            except ValueError:
                values[index] = math.nan
            if not math.isfinite(values[index]):
                raise FileFormatError(self.file, "expected a finite number", self.line_of(begin + index), word)
        whole = (np.abs(values) < 2.0**53).all() and (values == np.rint(values)).all()
        return values.astype(np.int64) if whole else values


def _title(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


# -- placements ---------------------------------------------------------------------


def write_placement(problem: QuadraticAssignment, placement: Placement, path: str | os.PathLike[str]) -> None:
    """Write a placement: in QAPLIB's format, or as JSON where the name ends in ``.json``.

    In QAPLIB's format the size and the cost stand in the first line, then the location of each facility, counted from 1.
    """
    if path_of(path).endswith(".json"):
        text = placement.to_json()
    else:
        cost = plain_number(problem.evaluate(placement))
        text = f"{len(placement)} {cost}\n" + " ".join(str(location + 1) for location in placement.locations)
    replace_file(path, (text + "\n").encode())


def read_placement(problem: QuadraticAssignment, path: str | os.PathLike[str]) -> Placement:
    """Read a placement in QAPLIB's format, or JSON: that of `Placement` or of a `Result`.

    QAPLIB's solutions are of both kinds: some tell the location of each facility, others the facility at each location. The one
    that costs what the file says is taken; where that tells nothing, the first.

    Raises
    ------
    FileFormatError
        For a broken file, or one of another size.
    """
    file, text = path_of(path), read_text(path)
    if is_json(text):
        found: Placement = solution_from_json(problem, file, text)
        return found
    words = _Words(file, text)
    m, n = problem.num_facilities, problem.num_locations
    size = words.count("the number of facilities", 1, MOST_LOCATIONS)
    if size != m:
        raise FileFormatError(file, f"places {size} facilities, but the problem has {m}", 1, words.words[0])
    given = words.rest(1)
    if len(given) not in (m, m + 1):
        expected = f"{m} locations, with or without the cost before them"
        raise FileFormatError(file, f"holds {len(given)} numbers behind the size {m}; expected {expected}", words.line_of(m + 1))
    begin = 1 + len(given) - m
    locations = given[len(given) - m :]
    strange = np.flatnonzero((locations < 1) | (locations > n) | (locations != np.rint(locations)))
    if strange.size:
        at = begin + int(strange[0])
        raise FileFormatError(file, f"expected a location, 1 to {n}", words.line_of(at), words.words[at])
    placement = Placement((locations.astype(np.int64) - 1).tolist())
    inverse = _inverse(placement, n)
    stated = stated_cost(path)
    if stated is None or inverse is None or _costs(problem, placement, stated) or not _costs(problem, inverse, stated):
        return placement
    return inverse


def _inverse(placement: Placement, num_locations: int) -> Placement | None:
    """The facility at each location, read as the location of each facility."""
    if sorted(placement.locations) != list(range(num_locations)):
        return None
    return Placement(np.argsort(placement.locations).tolist())


def _costs(problem: QuadraticAssignment, placement: Placement, stated: float) -> bool:
    return math.isclose(problem.evaluate(placement), stated, rel_tol=1e-9, abs_tol=2 * problem.error)


def stated_cost(path: str | os.PathLike[str]) -> float | None:
    """The cost that a file claims: the second number of QAPLIB's format, where it is not a location; or that of a Result."""
    text = read_text(path)
    if is_json(text):
        return stated_objective(text)
    words = text.replace(",", " ").split()
    try:
        size = int(words[0])
        cost = float(words[1])
    except (ValueError, IndexError, OverflowError):
        return None
    return cost if len(words) == size + 2 and math.isfinite(cost) else None


SOLUTION_FILE = SolutionFile(".sln", read_placement, write_placement, stated_cost, lambda placement: {"facilities": len(placement)})

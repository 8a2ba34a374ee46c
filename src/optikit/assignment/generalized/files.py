"""Files of the generalized assignment problem: Yagiura's, one instance a file, and OR-Library's, several."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, InvalidProblemError, UnsupportedError
from ...inputs.arguments import check_count
from ...inputs.files import path_of, read_text
from ...inputs.keywords import refuse_unknown
from ...inputs.wording import shown
from .problem import GeneralizedAssignment

if TYPE_CHECKING:
    AnyGAP = TypeVar("AnyGAP", bound=GeneralizedAssignment)

MOST_PAIRS = 10**8
"""More pairs than that make no instance of what a file's first numbers say."""


def read_gap(
    path: str | os.PathLike[str],
    number: int | None = None,
    maximize: bool | None = None,
    leave_out: Any = None,
    cls: type[AnyGAP] = GeneralizedAssignment,  # type: ignore[assignment]
    **unknown: Any,
) -> AnyGAP:
    """Read an instance: the numbers of agents and jobs, a row of costs an agent, a row of demands an agent, and the capacities.

    Files of OR-Library say at the beginning how many instances follow; these of Yagiura have one, and do not say so.

    Parameters
    ----------
    path : path
        The file.
    number : int, optional
        Which instance of a file with several, from 1.
    maximize : bool, optional
        Whether the first table are profits. The format does not tell: by default True for files that begin with a number of
        instances, as OR-Library's gap1 to gap12 are (say False for its gapa to gapd), and False for the others.
    leave_out : float or sequence of float, optional
        What leaving a job out costs; the files do not tell. None: every job must be assigned.
    cls : type
        The class to build.

    Raises
    ------
    FileFormatError
        With the line and the word, where the file is broken, or has several instances and none is named.
    UnsupportedError
        For a number that is not of the file.
    OSError
        If the file cannot be opened.

    References
    ----------
    P. C. Chu and J. E. Beasley, "A genetic algorithm for the generalised assignment problem", Computers and Operations Research 24,
    1997.
    """
    refuse_unknown("read_gap", unknown, ("number", "maximize", "leave_out"))
    if maximize is not None and not isinstance(maximize, bool | np.bool_):
        raise UnsupportedError(f"maximize is {shown(maximize)}; expected True or False")
    file, text = path_of(path), read_text(path)
    numbers = _numbers(file, text)
    begins = layout(numbers)
    if begins is None:
        raise FileFormatError(file, f"holds {len(numbers)} numbers, which are no instances: {_lacking(numbers)}")
    several = begins[0] == 1
    if number is None and len(begins) > 1:
        raise FileFormatError(file, f"holds {len(begins)} instances; say which: number=1 to {len(begins)}")
    chosen = check_count("number", 1 if number is None else number, 1, f"; the file has {len(begins)} instances", len(begins))
    at = begins[chosen - 1]
    agents, jobs = int(numbers[at]), int(numbers[at + 1])
    tables = numbers[at + 2 : at + 2 + 2 * agents * jobs].reshape(2, agents, jobs)
    capacity = numbers[at + 2 + 2 * agents * jobs :][:agents]
    name = os.path.splitext(os.path.basename(file))[0]
    try:
        return cls(
            tables[0],
            tables[1],
            capacity,
            maximize=several if maximize is None else bool(maximize),
            leave_out=leave_out,
            name=f"{name}-{chosen}" if several else name,
        )
    except InvalidProblemError as error:
        raise FileFormatError(file, str(error)) from None


def layout(numbers: NDArray[Any]) -> list[int] | None:
    """Where the instances of a file begin, one or, behind their number, several; None where the numbers are none."""
    if _end(numbers, 0) == len(numbers):
        return [0]
    begins, at = [], 1
    while at < len(numbers) and (end := _end(numbers, at)) is not None:
        begins.append(at)
        at = end
    return begins if begins and at == len(numbers) and numbers[0] == len(begins) else None


def _end(numbers: NDArray[Any], at: int) -> int | None:
    """Where the instance ends that begins here; None where there is none."""
    if at + 2 > len(numbers):
        return None
    agents, jobs = numbers[at : at + 2].tolist()
    if not (_is_size(agents) and _is_size(jobs) and agents * jobs <= MOST_PAIRS):
        return None
    end = at + 2 + 2 * int(agents) * int(jobs) + int(agents)
    return end if end <= len(numbers) else None


def _is_size(value: float) -> bool:
    return 1 <= value <= MOST_PAIRS and value == int(value)


def _lacking(numbers: NDArray[Any]) -> str:
    if len(numbers) >= 2 and _is_size(numbers[0]) and _is_size(numbers[1]):
        agents, jobs = int(numbers[0]), int(numbers[1])
        return f"{agents} agents and {jobs} jobs take {2 + 2 * agents * jobs + agents}: their numbers, costs, demands, capacities"
    return "expected the numbers of agents and of jobs, then costs, demands and capacities"


def _numbers(file: str, text: str) -> NDArray[Any]:
    """The numbers of a file, ints where all are whole."""
    words = text.replace(",", " ").split()
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
            raise FileFormatError(file, "expected a finite number", _line_of(text, index), word)
    return values


def _line_of(text: str, index: int) -> int:
    seen = 0
    for number, line in enumerate(text.replace(",", " ").splitlines(), 1):
        seen += len(line.split())
        if seen > index:
            return number
    return max(1, text.count("\n"))


def _fits(path: str | os.PathLike[str]) -> bool:
    """Numbers only, as many as the first of them say."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096).split()
            if len(head) < 2 or not all(word.isdigit() for word in head[:2]):
                return False
            file.seek(0)
            numbers = np.array(file.read().split(), dtype=np.float64)
    except (OSError, ValueError):
        return False
    return layout(numbers) is not None


read_gap.fits = _fits  # type: ignore[attr-defined]

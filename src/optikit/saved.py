"""Files of solutions: JSON, of a `Solution` or of a `Result` that holds one, and formats that problems have of their own."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .core.problem import Problem
from .core.registry import hook
from .core.solution import Solution
from .errors import FileFormatError, InvalidSolutionError
from .inputs.files import path_of, read_text, replace_file


@dataclass(frozen=True)
class SolutionFile:
    """How solutions of a problem are read and written; a problem's folder names its own by ``SOLUTION_FILE``.

    Parameters
    ----------
    ending : str
        Of the names of such files, besides ``.json``.
    read : callable
        ``read(problem, path)`` gives the solution; it takes JSON too.
    write : callable
        ``write(problem, solution, path)``.
    stated : callable
        ``stated(path)`` gives the objective that the file claims, or None.
    counts : callable
        ``counts(solution)`` gives what is worth counting in one: its routes, its cities.
    """

    ending: str
    read: Callable[[Any, Any], Any]
    write: Callable[[Any, Any, Any], None]
    stated: Callable[[Any], float | None]
    counts: Callable[[Any], Mapping[str, int]] = lambda solution: {}


def solution_file(problem: Problem) -> SolutionFile:
    """The format of a problem's own, or JSON."""
    own: SolutionFile | None = hook(type(problem), "SOLUTION_FILE")
    return own or SolutionFile(".json", read_solution, write_solution, lambda path: stated_objective(read_text(path)))


def write_solution(problem: Problem, solution: Solution, path: str | os.PathLike[str]) -> None:
    """Write a solution as JSON."""
    problem.require(solution)
    replace_file(path, (solution.to_json() + "\n").encode())


def read_solution(problem: Problem, path: str | os.PathLike[str]) -> Any:
    """A solution of a problem from a JSON file; see `solution_from_json`."""
    return solution_from_json(problem, path_of(path), read_text(path))


def solution_from_json(problem: Problem, path: str, text: str) -> Any:
    """A solution of a problem from the JSON of a solution or of a result.

    Raises
    ------
    FileFormatError
        For what is no JSON, or the solution of another problem.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileFormatError(path, f"not JSON: {error.msg}", error.lineno, text[error.pos : error.pos + 20]) from None
    except RecursionError:
        raise FileFormatError(path, "not a solution: its JSON is nested too deeply") from None
    except ValueError:
        raise FileFormatError(path, "not a solution: it holds a number of thousands of digits") from None
    if isinstance(data, dict) and "solution" in data:
        if data.get("fingerprint") not in (None, "", problem.fingerprint):
            raise FileFormatError(path, "holds the result of another problem: the fingerprints differ")
        data = data["solution"] if data["solution"] is not None else data.get("nearest")
        if data is None:
            raise FileFormatError(path, "holds a result without a solution")
    try:
        solution: Solution = problem.solution_type.from_dict(data)
        problem.evaluate(solution)
    except InvalidSolutionError as error:
        raise FileFormatError(path, str(error)) from None
    return solution


def is_json(text: str) -> bool:
    """Whether a text can only be meant as JSON."""
    return text.lstrip()[:1] in ("{", "[")


def stated_objective(text: str) -> float | None:
    """The objective that the JSON of a result claims, or None."""
    try:
        stated = float(json.loads(text)["objective"])
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    return stated if math.isfinite(stated) else None


def plain_number(value: float) -> str:
    """As short as exact: whole numbers without a fraction."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)

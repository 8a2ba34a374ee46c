"""The two frames that the engine hands to the statistics: one row a run, and one row an improvement.

These columns are all that `compare`, tables, plots and reports know of a run, so that whoever has runs of his own can
have them judged: bring a frame with these columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnsupportedError
from ..inputs.wording import shown

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 1e300
"""Objectives beyond it are refused: their sums overflow."""

RUN_COLUMNS: dict[str, str] = {
    "run_id": "str",  # identity of the run: problem, solver, parameters, n_jobs, seed, budget, code
    "suite": "str",  # the suite's name
    "solver": "str",  # the label in the suite; with "@code" where one label stands for several versions
    "solver_name": "str",  # the solver's own name, such as "hgs"
    "parameters": "str",  # JSON object of the solver's parameters
    "instance": "str",  # key of the instance: "family/name", a file's path as given, or the name of a Problem object
    "problem_class": "str",  # such as "VRP"
    "size": "Int64",  # the problem's features["size"]; missing where the class has none
    "sense": "str",  # "min" or "max"
    "best_known": "float64",  # NaN where none is known
    "known_bound": "float64",  # the published bound; NaN where none is known
    "seed": "int64",
    "time_limit": "float64",  # seconds; NaN where the budget has none
    "budget": "str",  # all criteria as text, such as "time=10" or "iterations=5000, time=10"
    "n_jobs": "int64",  # threads of the solver
    "status": "str",  # optimal, feasible, infeasible, unknown; "error" where the run raised or its process died
    "stop_reason": "str",  # proven, time, iterations, ...; "error" likewise
    "objective": "float64",  # NaN without a solution
    "bound": "float64",  # the bound that the run proved; NaN without one
    "gap": "float64",  # between objective and bound (`Result.gap`), not to the best known value; NaN without both
    "seconds": "float64",  # wall clock of the solve, set-up included
    "iterations": "int64",  # in the solver's own unit
    "started_at": "datetime64[ns, UTC]",
    "versions": "str",  # JSON object: package -> version
    "cpu": "str",
    "host": "str",
    "commit": "str",  # of the repository where the suite was run, "+" after it: with changes; "" outside of one
    "code": "str",  # version of the solver's code: the label that was given, or a hash of its sources
    "cpu_wait": "float64",  # share of the run that its thread was ready, but had no CPU; NaN where it cannot be known
    "oversubscribed": "bool",  # more busy threads than cores, by plan or by what was measured
    "error": "object",  # what went wrong, or None
}
"""Column -> dtype of the frame of runs, one row a run."""

TRACE_COLUMNS: dict[str, str] = {
    "run_id": "str",
    "seconds": "float64",  # since the call
    "objective": "float64",  # from then on
    "bound": "float64",  # NaN where unknown
    "iterations": "int64",  # so far
}
"""Column -> dtype of the frame of traces, one row an improvement, in order of run and time."""


def check_text(place: str, text: str) -> str:
    """A name as every database takes it: no zero bytes, and no halves of characters (of a file's name in another encoding)."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UnsupportedError(f"{place} is {text!r}; expected text without zero bytes and lone surrogates")
    return text


def as_runs(rows: pd.DataFrame) -> pd.DataFrame:
    """A frame with exactly `RUN_COLUMNS`, in their order and dtypes."""
    return _typed(rows, RUN_COLUMNS)


def as_traces(rows: pd.DataFrame) -> pd.DataFrame:
    """A frame with exactly `TRACE_COLUMNS`, in their order and dtypes."""
    return _typed(rows, TRACE_COLUMNS)


def _typed(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    missing = [name for name in columns if name not in rows]
    if missing:
        raise UnsupportedError(f"the frame lacks the column {missing[0]!r}; expected: {', '.join(columns)}")
    try:
        return rows[list(columns)].astype(columns)
    except (ValueError, TypeError, OverflowError):
        raise UnsupportedError(_misfit(rows, columns)) from None


def _misfit(rows: pd.DataFrame, columns: dict[str, str]) -> str:
    """The first value that is not what its column holds, and where it stands."""
    for name, dtype in columns.items():
        for place in range(len(rows)):
            one = rows[name].iloc[place : place + 1]
            try:
                one.astype(dtype)
            except (ValueError, TypeError, OverflowError):
                return f"{name} is {shown(one.iloc[0])} in row {place} of the frame; expected {dtype}"
    return "the frame has columns of a type that cannot be read"

"""Where our search finds no schedule at all: the rest of the time is CP-SAT's, if that is installed."""

from __future__ import annotations

import math
from dataclasses import replace

from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...errors import EngineError
from ...inputs.installed import imports_within
from ...search.suggestions import Suggestions
from .problem import Shop

PATIENCE = 0.3
"""The part of the time limit after which a search without any schedule gives up,"""

LATENESS = 0.05
"""and the part that is kept for CP-SAT's being late."""


def patience(problem: Shop, run: Run) -> float:
    """Seconds of a run after which `fall_back` is to be called if there is no schedule; ``inf``: never.

    Not where iterations are counted, since the answer must follow from these; not beside a partner, which is CP-SAT itself; nor
    where all of the time that is left would go into importing it.
    """
    from .formulations.cpsat import CpSat

    beside = any(isinstance(callback, Suggestions) for callback in run.callbacks)
    if run.stop.time is None or run.stop.iterations is not None or beside or not CpSat().supports(problem):
        return math.inf
    return PATIENCE * run.stop.time if imports_within("ortools", (1 - PATIENCE) * run.stop.time) else math.inf


def fall_back(problem: Shop, run: Run, message: str) -> Outcome:
    """What CP-SAT finds, or proves, in the rest of the time; where it fails, what there is.

    Parameters
    ----------
    message : str
        Why it is called, for the user.
    """
    from .formulations.cpsat import CpSat

    deadline = run.deadline
    try:
        if deadline is not None:
            run.deadline = deadline - LATENESS * run.remaining
        found = CpSat()._run(problem, run)
    except EngineError as error:
        return Outcome(run.reason() or StopReason.FAILED, run.incumbent, message=f"{message}; CP-SAT failed: {error}")
    finally:
        run.deadline = deadline
    return replace(found, message="; ".join(part for part in (message, found.message) if part))

"""Other libraries as solvers of optikit, so that a suite runs them beside ours: one adapter a peer.

A suite names them by their place: ``"benchmarks.peers.pyvrp:PyVRP"``. Each is given the same problem in its own form and what is
left of the time when it starts; its answer is checked and costed by optikit. Those that say nothing on their way have a trace of
one point.
"""

from __future__ import annotations

from typing import Any

from optikit import Problem, Solution, StopReason
from optikit.core.run import Outcome, Run

BUDGET = frozenset({"time"})
"""What the peers honour of `Stop`."""

UNLIMITED = 1e6
"""Seconds, where no time limit was given."""


def seconds_left(run: Run) -> float:
    """What is left of the time; a peer that wants a number gets one without a limit too."""
    return min(run.remaining, UNLIMITED)


def answered(problem: Problem, run: Run, solution: Solution | None, **claims: Any) -> Outcome:
    """What a peer found, as a claim: feasible where the checker agrees."""
    reason = run.reason() or StopReason.EXHAUSTED
    if solution is None:
        return Outcome(reason, **claims)
    if problem.check(solution):
        return Outcome(reason, solution, **claims)
    return Outcome(reason, nearest=solution, **claims)

"""What solving several times needs besides solving: homes of classes for other processes, and results of solvers that fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ._interrupts import on_ctrl_c
from .core.problem import SENT, Problem
from .core.registry import Entry, resolved
from .core.result import Result, Status, StopReason
from .core.run import CancelToken
from .core.solver import Solver
from .core.stop import Stop
from .errors import UnsupportedError
from .inputs.installed import versions
from .inputs.wording import an, shown

_MAIN = "__main__"
_OF_A_HOME = ("SOLVERS", "BOUND", "BOUND_SOLVER", "IMPOSSIBLE", "EXPLAIN", "FORMULATIONS")


def listed(problems: Any) -> list[Problem]:
    """Problems from outside as a list."""
    if isinstance(problems, Problem) or not isinstance(problems, Iterable):
        raise UnsupportedError(f"problems is {an(type(problems))}; expected several: solve_many([problem, ...])")
    given = list(problems)
    for index, problem in enumerate(given):
        if not isinstance(problem, Problem):
            raise UnsupportedError(f"problems[{index}] is {shown(problem)}; expected a Problem, for instance optikit.routing.VRP")
    return given


class Home:
    """The menu of classes of a script or a notebook, for processes that cannot import ``__main__``.

    Parameters
    ----------
    problems : iterable of Problem
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.parent = os.getpid()
        self.content: SimpleNamespace | None = None
        classes = {base for problem in problems for base in type(problem).__mro__ if issubclass(base, Problem)}
        if any(base is not Problem and base.home() == _MAIN for base in classes):
            known = vars(sys.modules[_MAIN])
            self.content = SimpleNamespace(**{name: _sendable(known[name]) for name in _OF_A_HOME if name in known})

    def settle(self) -> None:
        """Make the menu known in this process, unless it is the one where it comes from."""
        if self.content is not None and os.getpid() != self.parent:
            SENT[_MAIN] = self.content


def _sendable(value: Any) -> Any:
    """An entry of a menu, a hook or several of them with what their names stand for."""
    if isinstance(value, Entry):
        return replace(value, target=resolved(value.target))
    if isinstance(value, tuple | list):
        return tuple(_sendable(item) for item in value)
    if isinstance(value, dict):
        return {key: resolved(target) for key, target in value.items()}
    return resolved(value)


@contextmanager
def ended_by_ctrl_c() -> Iterator[CancelToken]:
    """A token that Ctrl-C cancels (see `on_ctrl_c`): for callers of several solves, of which one alone would hear it."""
    token = CancelToken()

    def react(error: KeyboardInterrupt) -> None:
        token.cancel()
        raise error

    with on_ctrl_c(react):
        yield token


def honoured(solver: str | Solver, stop: Stop) -> tuple[Stop, str]:
    """The part of a stop that a solver honours, and a word on the rest."""
    lost = stop.criteria - solver.capabilities.stops if isinstance(solver, Solver) else frozenset()
    if not lost:
        return stop, ""
    kept = Stop(**{name: getattr(stop, name) for name in stop.criteria - lost})
    return kept, f"ran without Stop({', '.join(sorted(lost))}), which it does not honour"


def failure(problem: Problem, solver: str, seed: int, seconds: float, error: Exception) -> Result:
    """The result of a solver that raised: it failed, and says why."""
    return Result(
        status=Status.UNKNOWN,
        stop_reason=StopReason.FAILED,
        sense=problem.sense,
        timings={"total": seconds},
        solver=solver,
        seed=seed,
        fingerprint=problem.fingerprint,
        versions=versions(),
        error=problem.error,
        message=f"{type(error).__name__}: {error}",
        problem=problem,
    )

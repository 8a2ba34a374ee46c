"""CP-SAT for shops: all of the model, from a first schedule where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import OnCpSat
from ....core.run import Outcome, Run
from ....errors import InvalidProblemError
from ..parts import OPEN
from ..problem import Shop
from ..solution import Schedule
from .intervals import IntervalModel
from .scale import flat_of
from .warm import warm_start

MAX_MODES = 200_000
"""Above, the model takes longer to build than most have time."""

MAX_PAIRS = 2_000_000
"""Of operations on one machine, in a shop with setups: each has a literal."""


def build_cpsat(shop: Shop) -> tuple[Any, Callable[[Callable[[Any], int]], Schedule]]:
    """The CP-SAT model of a shop, and ``read(value_of) -> Schedule``.

    Parameters
    ----------
    shop : Shop

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the objective in ticks of cost (``read.__self__.flat.cost_scale`` of them in a unit).
    read : callable
        ``read(solver.value)`` gives the schedule. ``read.__self__.starts[i]``, ``.ends[i]``, ``.present[i]`` and ``.mode[m]`` are
        variables of operations and modes, for side constraints of your own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> from optikit.scheduling import JobShop
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> model, read = build_cpsat(shop)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> shop.evaluate(read(solver.value))
    6.0
    """
    made = IntervalModel(shop)
    return made.model, made.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on intervals (`IntervalModel`); the parameter is that of `OnCpSat`.

    Where no start is given it begins with a dispatched schedule.
    """

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[Shop]] = Shop

    def _unsupported(self, problem: Shop) -> str | None:
        if problem.num_modes > MAX_MODES:
            return f"{problem.num_modes:,} modes make a model too large for CP-SAT; it takes up to {MAX_MODES:,}"
        if pairs(problem) > MAX_PAIRS:
            return f"setups between {pairs(problem):,} pairs of operations make a model too large for CP-SAT; up to {MAX_PAIRS:,}"
        try:
            flat_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        return super()._unsupported(problem)

    def _formulate(self, problem: Shop, pause: Callable[[], None]) -> IntervalModel:
        return IntervalModel(problem, pause)

    def _run(self, problem: Shop, run: Run) -> Outcome:
        warm_start(problem, run)
        return super()._run(problem, run)


def pairs(shop: Shop) -> int:
    """Pairs of operations that setups and transports may come between, each with a literal of its own."""
    count = 0
    if shop.setup is not None or shop.first_setup is not None:
        count += int((np.bincount(shop.machine) ** 2).sum())
    if shop.transport is not None:
        count += int((np.diff(shop.job_ptr)[shop.order == OPEN] ** 2).sum())
    return count

"""Shops as a mixed-integer program: the disjunctive model of Manne, for any solver that PuLP finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from ....backends.answer import Answer
from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ....backends.judge import round_up
from ....core.run import Outcome, Run
from ....errors import UnsupportedError
from ....ticks import Lattice
from ..flat import horizon_of
from ..longest import longest_paths, network
from ..parts import OPEN
from ..problem import Shop
from ..solution import Schedule
from .warm import warm_start

MAX_PAIRS = 5_000
"""Of operations that cannot overlap, each with a binary: above, no open solver gets far."""

_WITHOUT = {
    "setup": "setup times",
    "blocking": "blocking",
    "calendar": "calendars",
    "optional": "operations that may be left out",
    "baseline": "a price of change",
}
"""Features that the textbook's model does not have."""


class DisjunctiveModel:
    """A PuLP model of a shop without alternatives: a start an operation, and a binary for each pair that cannot overlap.

    A. S. Manne, On the job-shop scheduling problem, Operations Research 8 (1960) 219-223: of two operations a and b on a
    machine, or in an open job, either ``start[b] >= start[a] + duration[a] - M (1 - y)`` or
    ``start[a] >= start[b] + duration[b] - M y``, each M as small as the windows of these two allow. Chains, lags, releases and
    deadlines are rows and bounds.

    Parameters
    ----------
    shop : Shop
    pause : callable
        Called now and then while building.
    """

    def __init__(self, shop: Shop, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self.shop = shop
        self.model = model = pulp.LpProblem("shop", pulp.LpMinimize)
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        variable = model.add_variable if hasattr(model, "add_variable") else pulp.LpVariable
        self._pulp, self._variable = pulp, variable
        self.duration = shop.duration.astype(np.float64)
        horizon = horizon_of(shop)
        low = np.maximum(np.maximum(shop.release[shop.job], shop.earliest), 0.0)
        high = np.minimum(np.minimum(shop.deadline[shop.job], shop.latest), horizon)
        self.start_of = [variable(f"s_{i}", float(low[i]), float(high[i] - self.duration[i])) for i in range(shop.num_operations)]
        """Operation -> its start."""
        self.first: dict[tuple[int, int], Any] = {}
        """(a, b) -> 1 where a is before b."""
        if (low > high - self.duration).any():
            self._row([(self.start_of[0], 0.0)], 1.0)  # no room for some operation
        for count, (tail, head, length) in enumerate(_arcs(shop, self.duration)):
            if count % 1000 == 0:
                pause()
            self._row([(self.start_of[head], 1.0), (self.start_of[tail], -1.0)], length)
        for a, b in pairs(shop):
            if len(self.first) % 1000 == 0:
                pause()
            before = self.first[a, b] = variable(f"y_{a}_{b}", 0, 1, cat=pulp.LpBinary)
            one = max(0.0, float(high[a] - low[b]))
            other = max(0.0, float(high[b] - low[a]))
            self._row([(self.start_of[b], 1.0), (self.start_of[a], -1.0), (before, -one)], float(self.duration[a]) - one)
            self._row([(self.start_of[a], 1.0), (self.start_of[b], -1.0), (before, other)], float(self.duration[b]))
        self._objective(horizon)
        if not self.model.variables():
            self._row([(self.start_of[0], 1.0)], float(low[0]))  # engines take no model without variables

    def _row(self, terms: list[tuple[Any, float]], least: float) -> None:
        self.model.addConstraint(self._pulp.LpAffineExpression(terms) >= least)

    def _objective(self, horizon: float) -> None:
        shop, variable = self.shop, self._variable
        priced: list[tuple[Any, float]] = []
        self.told: list[tuple[Any, Callable[[np.ndarray[Any, Any]], float]]] = []
        """Variable -> its value, from the completion of jobs."""

        def after_ends(name: str, job: int, due: float, low: float, price: float, shared: Any = None) -> None:
            value = shared if shared is not None else variable(name, low, None)
            for i in range(int(shop.job_ptr[job]), int(shop.job_ptr[job + 1])):
                self._row([(value, 1.0), (self.start_of[i], -1.0)], float(self.duration[i]) - due)
            if shared is None:
                priced.append((value, price))
                self.told.append((value, lambda done: max(low, float(done[job]) - due)))

        weigh = shop.objective.get
        dated = [job for job in range(shop.num_jobs) if shop.due[job] < math.inf]
        if weigh("makespan"):
            makespan = variable("makespan", 0, None)
            priced.append((makespan, weigh("makespan", 0.0)))
            self.told.append((makespan, lambda done: float(done.max())))
            for job in range(shop.num_jobs):
                after_ends("", job, 0.0, 0.0, 0.0, makespan)
        if weigh("max_lateness") and dated:
            lateness = variable("lateness", -float(max(shop.due[dated])), None)
            priced.append((lateness, weigh("max_lateness", 0.0)))
            self.told.append((lateness, lambda done: float((done[dated] - shop.due[dated]).max())))
            for job in dated:
                after_ends("", job, float(shop.due[job]), 0.0, 0.0, lateness)
        for job in range(shop.num_jobs):
            weight = float(shop.weight[job])
            if weigh("total_completion") and weight:
                after_ends(f"c_{job}", job, 0.0, 0.0, weigh("total_completion", 0.0) * weight)
            if weigh("total_tardiness") and weight and job in dated:
                after_ends(f"t_{job}", job, float(shop.due[job]), 0.0, weigh("total_tardiness", 0.0) * weight)
            if weigh("num_tardy") and weight and job in dated:
                self._tardy(job, weigh("num_tardy", 0.0) * weight, horizon, priced)
        self.model.setObjective(self._pulp.LpAffineExpression(priced))

    def _tardy(self, job: int, price: float, horizon: float, priced: list[tuple[Any, float]]) -> None:
        shop, due = self.shop, float(self.shop.due[job])
        tardy = self._variable(f"u_{job}", 0, 1, cat=self._pulp.LpBinary)
        most = max(0.0, horizon - due)
        for i in range(int(shop.job_ptr[job]), int(shop.job_ptr[job + 1])):
            self._row([(tardy, most), (self.start_of[i], -1.0)], float(self.duration[i]) - due)
        priced.append((tardy, price))
        self.told.append((tardy, lambda done: float(done[job] > due + shop.tolerance)))

    def start(self, solution: Schedule) -> dict[str, float]:
        """A solution as variable name -> value."""
        begin, end = solution.start, solution.start + self.duration
        values = {variable.name: float(value) for variable, value in zip(self.start_of, begin.tolist(), strict=True)}
        for (a, b), before in self.first.items():
            values[before.name] = float((begin[a], end[a], a) < (begin[b], end[b], b))
        done = np.maximum.reduceat(end, self.shop.job_ptr[:-1])
        values.update({variable.name: value(done) for variable, value in self.told})
        return values

    def read(self, value_of: Callable[[Any], float]) -> Schedule:
        """The schedule, from a function that gives the value of a variable (``pulp.value``, for instance).

        Only the binaries are read: starts follow from them as longest paths, without an engine's tolerances.
        """
        shop = self.shop
        net = network(shop)
        before = [(a, b) if (value_of(chosen) or 0.0) > 0.5 else (b, a) for (a, b), chosen in self.first.items()]
        order = np.array(before, np.int64).reshape(-1, 2)
        whole = net.joined(2 * order[:, 0] + 1, 2 * order[:, 1], np.zeros(len(order)))
        begin = np.full(net.num_nodes, -math.inf)
        begin[0::2] = np.maximum(shop.release[shop.job], shop.earliest)
        paths = longest_paths(whole, begin, shop.tolerance)
        if paths.circle:  # an engine's whole numbers were none
            return Schedule([value_of(variable) or 0.0 for variable in self.start_of])
        return Schedule(paths.time[0::2])

    def bound(self, value: float) -> float:
        """A bound on the objective, rounded up to the next that can be."""
        scale = self.shop.flat.cost_scale
        return round_up(Lattice(scale, self.shop.error, 1), value)


def pairs(shop: Shop) -> Iterator[tuple[int, int]]:
    """Pairs of operations that cannot overlap and whose order is open."""
    for machine in range(shop.num_machines):
        for a, b in combinations(np.flatnonzero(shop.machine == machine).tolist(), 2):
            if shop.job[a] != shop.job[b] or shop.order[shop.job[a]] != 0:
                yield a, b
    for job in np.flatnonzero(shop.order == OPEN).tolist():
        for a, b in combinations(range(int(shop.job_ptr[job]), int(shop.job_ptr[job + 1])), 2):
            if shop.machine[a] != shop.machine[b]:
                yield a, b


def _arcs(shop: Shop, duration: np.ndarray[Any, Any]) -> Iterator[tuple[int, int, float]]:
    """Rows between starts: (tail, head, length)."""
    net = network(shop)
    for tail, head, length in zip(net.tail.tolist(), net.head.tolist(), net.length.tolist(), strict=True):
        a, b = tail // 2, head // 2
        if a != b:
            offset = (float(duration[a]) if tail % 2 else 0.0) - (float(duration[b]) if head % 2 else 0.0)
            yield a, b, length + offset


def build_milp(shop: Shop) -> tuple[Any, Callable[[Callable[[Any], float]], Schedule]]:
    """The PuLP model of a shop, and ``read(value_of) -> Schedule``.

    Parameters
    ----------
    shop : Shop
        Without alternatives, setups, blocking, calendars and optional operations.

    Returns
    -------
    model : pulp.LpProblem
        Minimises the objective, in the user's unit.
    read : callable
        ``read(pulp.value)`` gives the schedule. ``read.__self__.start_of[i]`` is the start of an operation, and
        ``read.__self__.first[a, b]`` the binary of a pair, for side constraints of your own.

    Raises
    ------
    UnsupportedError
        For a shop that is more than the textbook's; the message says why.

    Examples
    --------
    >>> import pulp
    >>> from optikit.scheduling import JobShop
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> model, read = build_milp(shop)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> shop.evaluate(read(pulp.value))
    6.0
    """
    reason = unsupported(shop)
    if reason is not None:
        raise UnsupportedError(reason)
    formulated = DisjunctiveModel(shop)
    return formulated.model, formulated.read


def unsupported(shop: Shop) -> str | None:
    """Why the disjunctive model does not have a shop, or None."""
    features = shop.features
    if shop.num_modes > shop.num_operations:
        return "operations have machines to choose from, which the disjunctive model does not have; use cpsat"
    for feature, words in _WITHOUT.items():
        if features[feature]:
            return f"there are {words}, which the disjunctive model does not have; use cpsat"
    if "total_setup" in shop.objective:
        return "the objective counts setups, which the disjunctive model does not have; use cpsat"
    if (shop.order == OPEN).any() and (features["transport"] or shop.no_wait[shop.order == OPEN].any()):
        return "open jobs have transports or may not wait, which the disjunctive model does not have; use cpsat"
    return None


@dataclass(frozen=True)
class _OnDisjunctiveModel(Formulated):
    """What the solvers on the disjunctive model share; a subclass says who runs it."""

    solves: ClassVar[type[Shop]] = Shop

    def _unsupported(self, problem: Shop) -> str | None:
        reason = unsupported(problem)
        if reason is not None:
            return reason
        count = int(np.sum([size * (size - 1) // 2 for size in np.bincount(problem.machine).tolist()]))
        count += int(sum(size * (size - 1) // 2 for size in np.diff(problem.job_ptr)[problem.order == OPEN].tolist()))
        if count > MAX_PAIRS:
            return f"{count:,} pairs of operations make a model that no mixed-integer solver gets far with; up to {MAX_PAIRS:,}"
        return super()._unsupported(problem)

    def _formulate(self, problem: Shop, pause: Callable[[], None]) -> DisjunctiveModel:
        return DisjunctiveModel(problem, pause)

    def _run(self, problem: Shop, run: Run) -> Outcome:
        warm_start(problem, run)
        return super()._run(problem, run)


@dataclass(frozen=True)
class Highs(_OnDisjunctiveModel, OnHighs):
    """HiGHS on the disjunctive model (`DisjunctiveModel`); the parameter is that of `OnHighs`.

    ``mip_feasibility_tolerance`` is HiGHS's own 1e-6 unless ``parameters`` say otherwise: only binaries are read, and with 1e-9
    beside large coefficients HiGHS 1.14 has cut off an optimum (1162 of the open shop gp03-09).
    """

    name: ClassVar[str] = "highs"

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        question["parameters"] = {"mip_feasibility_tolerance": 1e-6, **question["parameters"]}
        return super()._engine(model, run, **question)


@dataclass(frozen=True)
class Cbc(_OnDisjunctiveModel, OnCbc):
    """CBC on the disjunctive model (`DisjunctiveModel`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnDisjunctiveModel, OnPulp):
    """Any solver that PuLP finds on the disjunctive model (`DisjunctiveModel`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"

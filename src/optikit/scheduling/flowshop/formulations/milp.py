"""The flow shop as mixed-integer programs, for any solver that PuLP finds: by ranks, or by pairs of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ....core.run import Outcome, Run
from ....errors import UnsupportedError
from ..problem import FlowShop
from ..solution import JobSequences
from ..timetable import timetable
from .warm import warm_start

MAX_CELLS = 30_000
"""Pairs of jobs times machines, at most: no open solver gets far beyond a handful of jobs."""


class _Model:
    """What both models share."""

    def __init__(self, problem: FlowShop, pause: Callable[[], None]) -> None:
        import pulp

        self._pulp, self.problem, self.pause = pulp, problem, pause
        self.model = pulp.LpProblem("flowshop", pulp.LpMinimize)
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        self._variable = self.model.add_variable if hasattr(self.model, "add_variable") else pulp.LpVariable
        self.names: dict[str, Any] = {}

    def _time(self, name: str) -> Any:
        self.names[name] = self._variable(name, 0)
        return self.names[name]

    def _choice(self, name: str) -> Any:
        self.names[name] = self._variable(name, 0, 1, cat=self._pulp.LpBinary)
        return self.names[name]

    def _sum(self, terms: Iterable[tuple[Any, float]]) -> Any:
        return self._pulp.LpAffineExpression(list(terms))

    def bound(self, value: float) -> float:
        """The objective is in the user's unit already."""
        return value


class RankModel(_Model):
    """Which job has which place in the order, and when each place begins on each machine.

    Wagner 1959, in the form of Stafford, Tseng and Gupta 2005. For one order on all machines; the total flow
    time is a sum over places, so that jobs have no weights.

    Parameters
    ----------
    problem : FlowShop
    pause : callable
        Called once a job while building.
    """

    def __init__(self, problem: FlowShop, pause: Callable[[], None] = lambda: None) -> None:
        super().__init__(problem, pause)
        n, m, d, model = problem.num_jobs, problem.num_stages, problem.durations.tolist(), self.model
        release = problem.times.release
        self.rank = {(job, place): self._choice(f"rank_{job}_{place}") for job in range(n) for place in range(n)}
        """(job, place) -> whether the job has that place."""
        self.times = {(place, stage): self._time(f"start_{place}_{stage}") for place in range(n) for stage in range(m)}
        if problem.objective == "makespan":
            makespan = self._time("makespan")
            model.setObjective(self._sum([(makespan, 1.0)]))
        else:
            ends = [(self.times[place, m - 1], 1.0) for place in range(n)]
            constant = sum(row[-1] for row in d) - sum(release)
            model.setObjective(self._sum(ends) + constant)
        for job in range(n):
            model.addConstraint(self._sum((self.rank[job, place], 1.0) for place in range(n)) == 1, f"job_{job}")
            model.addConstraint(self._sum((self.rank[other, job], 1.0) for other in range(n)) == 1, f"place_{job}")
        for place in range(n):
            pause()
            chosen = [self.rank[job, place] for job in range(n)]
            if any(release):
                model.addConstraint(self.times[place, 0] >= self._sum(zip(chosen, release, strict=True)), f"release_{place}")
            for stage in range(m):
                work = [(x, d[job][stage]) for job, x in enumerate(chosen)]
                here = self.times[place, stage]
                if stage + 1 < m:
                    after = self.times[place, stage + 1] - here - self._sum(work)
                    model.addConstraint(after == 0 if problem.no_wait else after >= 0, f"line_{place}_{stage}")
                if place + 1 < n:
                    blocked = problem.blocking and stage + 1 < m
                    leave = self._sum([(self.times[place, stage + 1], 1.0)]) if blocked else here + self._sum(work)
                    model.addConstraint(self.times[place + 1, stage] - leave >= 0, f"machine_{place}_{stage}")
        if problem.objective == "makespan":
            work = [(self.rank[job, n - 1], d[job][m - 1]) for job in range(n)]
            model.addConstraint(makespan - self.times[n - 1, m - 1] - self._sum(work) >= 0, "makespan_last")

    def read(self, value_of: Callable[[Any], float]) -> JobSequences:
        """The order, from a function that gives the value of a variable."""
        n = self.problem.num_jobs
        place = [max(range(n), key=lambda place: value_of(self.rank[job, place]) or 0.0) for job in range(n)]
        return JobSequences.permutation(sorted(range(n), key=lambda job: (place[job], job)))

    def start(self, solution: JobSequences) -> dict[str, float]:
        """A solution as variable name -> value."""
        table, values = timetable(self.problem, solution), {}
        for place, job in enumerate(solution.order):
            for other in range(self.problem.num_jobs):
                values[f"rank_{other}_{place}"] = float(other == job)
            for stage in range(self.problem.num_stages):
                values[f"start_{place}_{stage}"] = float(table.start[job][stage])
        values["makespan"] = float(max(row[-1] for row in table.end))
        return {name: value for name, value in values.items() if name in self.names}


class PairModel(_Model):
    """Which of two jobs is first, on all machines or on each (Manne 1960).

    Parameters
    ----------
    problem : FlowShop
    pause : callable
        Called once a job while building.
    """

    def __init__(self, problem: FlowShop, pause: Callable[[], None] = lambda: None) -> None:
        super().__init__(problem, pause)
        n, m, d, model = problem.num_jobs, problem.num_stages, problem.durations.tolist(), self.model
        release, far = problem.times.release, problem.horizon / problem.lattice.scale * (1 + 1e-9) + 1
        self.times = {(job, stage): self._time(f"start_{job}_{stage}") for job in range(n) for stage in range(m)}
        self.before: dict[tuple[int, int, int], Any] = {}
        """(stage, i, j), i < j -> whether i is first; the same variable at all stages where there is one order."""
        for i, j in combinations(range(n), 2):
            for stage in range(m):
                own = problem.overtaking or stage == 0
                self.before[stage, i, j] = self._choice(f"before_{i}_{j}_{stage}") if own else self.before[0, i, j]
        for job in range(n):
            pause()
            if release[job]:
                model.addConstraint(self.times[job, 0] >= release[job], f"release_{job}")
            for stage in range(m - 1):
                after = self.times[job, stage + 1] - self.times[job, stage]
                model.addConstraint(after == d[job][stage] if problem.no_wait else after >= d[job][stage], f"line_{job}_{stage}")
        for (stage, i, j), first in self.before.items():
            for a, b, side in ((i, j, 1), (j, i, 0)):
                free = (1 - first) * far if side else first * far
                model.addConstraint(self.times[b, stage] - self._leave(a, stage) + free >= 0, f"pair_{stage}_{a}_{b}")
        if problem.objective == "makespan":
            makespan = self._time("makespan")
            for job in range(n):
                model.addConstraint(makespan - self.times[job, m - 1] >= d[job][m - 1], f"end_{job}")
            model.setObjective(self._sum([(makespan, 1.0)]))
        else:
            weight = [1.0] * n if problem.weight is None else problem.weight.tolist()
            constant = sum(w * (row[-1] - r) for w, row, r in zip(weight, d, release, strict=True))
            model.setObjective(self._sum((self.times[job, m - 1], weight[job]) for job in range(n)) + constant)

    def _leave(self, job: int, stage: int) -> Any:
        if self.problem.blocking and stage + 1 < self.problem.num_stages:
            return self._sum([(self.times[job, stage + 1], 1.0)])
        return self.times[job, stage] + float(self.problem.durations[job, stage])

    def read(self, value_of: Callable[[Any], float]) -> JobSequences:
        """The orders, from a function that gives the value of a variable."""
        n, orders = self.problem.num_jobs, []
        for stage in range(self.problem.num_stages):
            rank = [0] * n
            for i, j in combinations(range(n), 2):
                rank[j if (value_of(self.before[stage, i, j]) or 0.0) > 0.5 else i] += 1
            orders.append(sorted(range(n), key=lambda job: (rank[job], job)))
        return JobSequences([orders])  # type: ignore[list-item]

    def start(self, solution: JobSequences) -> dict[str, float]:
        """A solution as variable name -> value."""
        table, values = timetable(self.problem, solution), {}
        orders = solution.machine_orders(0, self.problem.num_stages)
        for stage, i, j in self.before:
            values[f"before_{i}_{j}_{stage}"] = float(orders[stage].index(i) < orders[stage].index(j))
        for job, stage in self.times:
            values[f"start_{job}_{stage}"] = float(table.start[job][stage])
        values["makespan"] = float(max(row[-1] for row in table.end))
        return {name: value for name, value in values.items() if name in self.names}


def model_of(problem: FlowShop, pause: Callable[[], None] = lambda: None) -> RankModel | PairModel:
    """By ranks where there is one order and jobs have no weights, else by pairs."""
    if problem.overtaking or problem.weight is not None:
        return PairModel(problem, pause)
    return RankModel(problem, pause)


def build_milp(problem: FlowShop) -> tuple[Any, Callable[[Callable[[Any], float]], JobSequences]]:
    """The PuLP model of a flow shop, and ``read(value_of) -> JobSequences``.

    Parameters
    ----------
    problem : FlowShop
        One machine a stage, one factory, no setups.

    Returns
    -------
    model : pulp.LpProblem
        Minimises the objective, in the user's unit.
    read : callable
        ``read(pulp.value)`` gives the job sequences; ``read.__self__`` is the `RankModel` or `PairModel`, with its variables.

    Examples
    --------
    >>> import pulp
    >>> shop = FlowShop([[3, 2], [1, 4], [2, 2]])
    >>> model, read = build_milp(shop)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> shop.evaluate(read(pulp.value))
    9.0
    """
    reason = _beyond(problem)
    if reason is not None:
        raise UnsupportedError(reason)
    formulated = model_of(problem)
    return formulated.model, formulated.read


def _beyond(problem: FlowShop) -> str | None:
    facts = problem.features
    beyond = [fact for fact in ("hybrid", "distributed", "setup") if facts[fact]]
    return f"the models by ranks and by pairs have nothing for: {', '.join(beyond)}; cpsat has" if beyond else None


@dataclass(frozen=True)
class _OnModel(Formulated):
    """Build, warm-start, solve; a subclass says who solves."""

    solves: ClassVar[type[FlowShop]] = FlowShop

    def _unsupported(self, problem: FlowShop) -> str | None:
        n, m = problem.durations.shape
        if n * n * m > MAX_CELLS:
            return f"{n} jobs on {m} machines make a mixed-integer model that no open solver gets far with"
        return _beyond(problem) or super()._unsupported(problem)

    def _formulate(self, problem: FlowShop, pause: Callable[[], None]) -> Any:
        return model_of(problem, pause)

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        warm_start(problem, run)
        return super()._run(problem, run)


@dataclass(frozen=True)
class Highs(_OnModel, OnHighs):
    """HiGHS on the model by ranks or by pairs (`model_of`); the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class Cbc(_OnModel, OnCbc):
    """CBC on the model by ranks or by pairs (`model_of`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnModel, OnPulp):
    """Any solver that PuLP finds on the model by ranks or by pairs (`model_of`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"

"""The flow shop for CP-SAT: intervals on machines, and literals for what comes after what."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import OnCpSat
from ....core.run import Outcome, Run
from ....errors import InvalidProblemError
from ..problem import FlowShop
from ..solution import JobSequences
from ..timetable import timetable
from .scale import horizon_of, lattice_of, times_in
from .warm import warm_start

MAX_ARCS = 600_000
"""Pairs of jobs times stages, at most: above, the model takes long to build, and CP-SAT finds little in it."""

MAX_OPERATIONS = 20_000


class IntervalModel:
    """A CP-SAT model of a flow shop.

    An interval an operation, up to its end or, with blocking, until the job leaves the machine. Where all machines have one order,
    that is a literal for each pair of jobs; with setups or several factories, a circuit through the jobs of all factories. Where
    jobs may overtake, the intervals of a stage do not overlap more often than it has machines; with setups there is a circuit a
    stage.

    Parameters
    ----------
    problem : FlowShop
    pause : callable
        Called once a job while building.
    """

    def __init__(self, problem: FlowShop, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.pause, self.lattice = problem, pause, lattice_of(problem)
        self.model = cp_model.CpModel()
        self.times = times_in(problem, self.lattice)
        self.horizon = horizon_of(self.times)
        n, m = problem.durations.shape
        self.starts: list[list[Any]] = []
        """By job and stage; where jobs do not wait, an expression in the first."""
        self.leaves: list[list[Any]] = []
        self.orders: dict[tuple[int, int], Any] = {}
        """(i, j), i < j -> whether job i is before job j."""
        self.arcs: dict[tuple[int, int, int], Any] = {}
        """(stage, i, j) -> whether j is next after i on a machine; n is no job. Stage -1: on all machines."""
        self.homes: dict[tuple[int, int], Any] = {}
        """(job, factory) -> whether the job is made there."""
        self.places: dict[tuple[int, int, int, int], Any] = {}
        """(job, stage, factory, machine) -> whether it is done there, where that must be said."""
        self._variables()
        if not problem.overtaking:
            if problem.factories == 1 and problem.setup is None and problem.first_setup is None:
                self._pairs()
            else:
                self._circuit(-1, range(m), problem.factories)
        elif problem.setup is not None or problem.first_setup is not None:
            self._factories()
            for stage in range(m):
                self._circuit(stage, range(stage, stage + 1), int(problem.factories * _machines(problem, stage)))
        else:
            self._factories()
            for stage in range(m):
                self._capacity(stage)
        if not problem.overtaking:
            for stage in range(m):
                self._loads(stage)
        ends = [self.leaves[job][-1] for job in range(n)]
        if problem.objective == "makespan":
            self.makespan = self.model.new_int_var(0, self.horizon, "makespan")
            for end in ends:
                self.model.add(self.makespan >= end)
            self.model.minimize(self.makespan)
        else:
            self.makespan = None
            self.model.minimize(sum(int(w) * end for w, end in zip(problem.weight_ticks, ends, strict=True)))

    # -- building -----------------------------------------------------------------

    def _variables(self) -> None:
        model, problem, n = self.model, self.problem, self.problem.num_jobs
        m = problem.num_stages
        for job in range(n):
            self.pause()
            work, first = self.times.duration[job], self.times.release[job]
            if problem.no_wait:
                begin = model.new_int_var(first, self.horizon, f"start_{job}_0")
                offset = np.concatenate(([0], np.cumsum(work))).tolist()
                self.starts.append([begin + passed for passed in offset[:-1]])
                self.leaves.append([begin + passed for passed in offset[1:]])
                self.starts[-1][0] = begin
                continue
            row = []
            for stage in range(m):
                row.append(model.new_int_var(first, self.horizon, f"start_{job}_{stage}"))
                if stage:
                    model.add(row[stage] >= row[stage - 1] + work[stage - 1])
                first += work[stage]
            self.starts.append(row)
            done = [row[stage] + work[stage] for stage in range(m)]
            self.leaves.append([*row[1:], done[-1]] if problem.blocking else done)

    def _interval(self, job: int, stage: int, present: Any = None) -> Any:
        begin, end = self.starts[job][stage], self.leaves[job][stage]
        last = stage == self.problem.num_stages - 1
        if self.problem.blocking and not last:
            size = self.model.new_int_var(self.times.duration[job][stage], self.horizon, "")
            if present is None:
                return self.model.new_interval_var(begin, size, end, "")
            return self.model.new_optional_interval_var(begin, size, end, present, "")
        work = self.times.duration[job][stage]
        if present is None:
            return self.model.new_fixed_size_interval_var(begin, work, "")
        return self.model.new_optional_fixed_size_interval_var(begin, work, present, "")

    def _pairs(self) -> None:
        n, m, model = self.problem.num_jobs, self.problem.num_stages, self.model
        for i, j in combinations(range(n), 2):
            if j == i + 1:
                self.pause()
            before = model.new_bool_var(f"before_{i}_{j}")
            self.orders[i, j] = before
            for stage in range(m):
                model.add(self.starts[j][stage] >= self.leaves[i][stage]).only_enforce_if(before)
                model.add(self.starts[i][stage] >= self.leaves[j][stage]).only_enforce_if(~before)

    def _circuit(self, key: int, stages: range, most: int) -> None:
        """At most so many routes through the jobs, each a machine (or a factory)."""
        n, model = self.problem.num_jobs, self.model
        listed, firsts = [], []
        for j in range(n):
            self.pause()
            first, last = model.new_bool_var(f"first_{key}_{j}"), model.new_bool_var(f"last_{key}_{j}")
            self.arcs[key, n, j], self.arcs[key, j, n] = first, last
            listed += [(0, j + 1, first), (j + 1, 0, last)]
            firsts.append(first)
            for stage in stages:
                setup = self.times.before(stage, None, j)
                if setup:
                    model.add(self.starts[j][stage] >= setup).only_enforce_if(first)
            for i in range(n):
                if i == j:
                    continue
                follows = model.new_bool_var(f"next_{key}_{i}_{j}")
                self.arcs[key, i, j] = follows
                listed.append((i + 1, j + 1, follows))
                for stage in stages:
                    setup = self.times.before(stage, i, j)
                    model.add(self.starts[j][stage] >= self.leaves[i][stage] + setup).only_enforce_if(follows)
                for f in range(self.problem.factories if self.homes else 0):
                    model.add_bool_or([~follows, ~self.homes[i, f], self.homes[j, f]])
        if most == 1:
            model.add_circuit(listed)
            return
        model.add_multiple_circuit(listed)
        model.add(sum(firsts) <= most)
        if self.homes:
            machines = most // self.problem.factories
            for f in range(self.problem.factories):
                opened = []
                for j in range(n):
                    both = model.new_bool_var("")
                    model.add_bool_or([both, ~firsts[j], ~self.homes[j, f]])
                    opened.append(both)
                model.add(sum(opened) <= machines)

    def _factories(self) -> None:
        problem, model = self.problem, self.model
        if problem.factories == 1:
            return
        for job in range(problem.num_jobs):
            for f in range(problem.factories):
                self.homes[job, f] = model.new_bool_var(f"home_{job}_{f}")
                if f > job:
                    model.add(self.homes[job, f] == 0)  # factories are alike: the first job of each has a lower number
            model.add_exactly_one(self.homes[job, f] for f in range(problem.factories))

    def _capacity(self, stage: int) -> None:
        """Operations of a stage on its machines, in each factory."""
        problem, model = self.problem, self.model
        n, machines = problem.num_jobs, _machines(problem, stage)
        # Operations of no length are on no machine to a cumulative constraint: their machines must be said.
        said = machines > 1 and any(not self.times.duration[job][stage] for job in range(n))
        for f in range(problem.factories):
            self.pause()
            homes = [self.homes.get((job, f)) for job in range(n)]
            if machines == 1:
                model.add_no_overlap([self._interval(job, stage, homes[job]) for job in range(n)])
            elif not said:
                model.add_cumulative([self._interval(job, stage, homes[job]) for job in range(n)], [1] * n, machines)
            else:
                for job in range(n):
                    for k in range(machines):
                        self.places[job, stage, f, k] = model.new_bool_var(f"on_{job}_{stage}_{f}_{k}")
                    chosen = sum(self.places[job, stage, f, k] for k in range(machines))
                    model.add(chosen == (1 if homes[job] is None else homes[job]))
                for k in range(machines):
                    model.add_no_overlap([self._interval(job, stage, self.places[job, stage, f, k]) for job in range(n)])

    def _loads(self, stage: int) -> None:
        """What follows from the order already, but is seen sooner that way."""
        intervals = [self._interval(job, stage) for job in range(self.problem.num_jobs)]
        if self.problem.factories == 1:
            self.model.add_no_overlap(intervals)
        else:
            self.model.add_cumulative(intervals, [1] * len(intervals), self.problem.factories)

    # -- to and fro ---------------------------------------------------------------

    def start(self, solution: JobSequences) -> None:
        """Give a solution to start from."""
        problem, hint = self.problem, self.model.add_hint
        self.model.clear_hints()
        table = timetable(problem, solution, self.times)
        n, m = problem.num_jobs, problem.num_stages
        for job in range(n):
            for stage in range(1 if problem.no_wait else m):
                hint(self.starts[job][stage], table.start[job][stage])
        for (i, j), before in self.orders.items():
            hint(before, table.start[i] < table.start[j] if table.start[i] != table.start[j] else _first(solution, i, j) == i)
        for (stage, i, j), follows in self.arcs.items():
            at = max(stage, 0)
            if j == n:
                hint(follows, all(table.before[job][at] != i for job in range(n)))
            else:
                earlier = table.before[j][at]
                hint(follows, (n if earlier is None else earlier) == i)
        renamed = _renamed(table.factory)
        for (job, f), home in self.homes.items():
            hint(home, renamed[table.factory[job]] == f)
        for (job, stage, f, k), place in self.places.items():
            hint(place, renamed[table.factory[job]] == f and table.machine[job][stage] == k)
        if self.makespan is not None:
            hint(self.makespan, max(row[-1] for row in table.end))

    def read(self, value_of: Callable[[Any], int]) -> JobSequences:
        """The job sequences, from a function that gives the value of a variable (``solver.value``, for instance)."""
        problem, n = self.problem, self.problem.num_jobs
        if self.orders:
            rank = [0] * n
            for (i, j), before in self.orders.items():
                rank[j if value_of(before) else i] += 1
            return JobSequences.permutation(sorted(range(n), key=rank.__getitem__))
        if not problem.overtaking:
            routes = self._routes(-1, value_of)
            routes += [[] for _ in range(problem.factories - len(routes))]
            return JobSequences([[route] for route in routes])  # type: ignore[arg-type]
        home = [next((f for f in range(problem.factories) if self.homes and value_of(self.homes[job, f])), 0) for job in range(n)]
        factories: list[list[list[int]]] = [[] for _ in range(problem.factories)]
        for stage in range(problem.num_stages):
            machines = _machines(problem, stage)
            rows: list[list[list[int]]] = [[[] for _ in range(machines)] for _ in range(problem.factories)]
            if self.arcs:
                for route in self._routes(stage, value_of):
                    next(row for row in rows[home[route[0]]] if not row).extend(route)
            else:
                self._place(stage, value_of, home, rows)
            for f, row in enumerate(rows):
                factories[f] += row
        return JobSequences(factories)  # type: ignore[arg-type]

    def _routes(self, key: int, value_of: Callable[[Any], int]) -> list[list[int]]:
        n = self.problem.num_jobs
        after = {i: j for (stage, i, j), follows in self.arcs.items() if stage == key and i < n and value_of(follows)}
        routes = []
        for j in range(n):
            if value_of(self.arcs[key, n, j]):
                route = [j]
                while after.get(route[-1], n) != n:
                    route.append(after[route[-1]])
                routes.append(route)
        return routes

    def _place(self, stage: int, value_of: Callable[[Any], int], home: list[int], rows: list[list[list[int]]]) -> None:
        """Operations in the order of their starts, each on a machine that is free."""
        problem = self.problem
        starts = [self._value(self.starts[job][stage], value_of, job, stage) for job in range(problem.num_jobs)]
        leaves = [
            self._value(self.starts[job][stage + 1], value_of, job, stage + 1)
            if problem.blocking and stage + 1 < problem.num_stages
            else starts[job] + self.times.duration[job][stage]
            for job in range(problem.num_jobs)
        ]
        free = [[0] * len(row) for row in rows]
        for job in sorted(range(problem.num_jobs), key=lambda job: (starts[job], leaves[job])):
            f = home[job]
            k = next(k for k in range(len(free[f])) if free[f][k] <= starts[job] and self._may_be(job, stage, f, k, value_of))
            rows[f][k].append(job)
            free[f][k] = leaves[job]

    def _may_be(self, job: int, stage: int, f: int, k: int, value_of: Callable[[Any], int]) -> bool:
        place = self.places.get((job, stage, f, k))
        return place is None or bool(value_of(place))

    def _value(self, start: Any, value_of: Callable[[Any], int], job: int, stage: int) -> int:
        if self.problem.no_wait:
            return int(value_of(self.starts[job][0]) + sum(self.times.duration[job][:stage]))
        value: int = value_of(start)
        return value

    def bound(self, value: float) -> float:
        """A bound on the ticks as one in the user's unit: the objective is a whole number of ticks."""
        ticks = math.ceil(value - 1e-6)
        problem = self.problem
        if problem.objective == "makespan":
            return self.lattice.units(ticks) - self.lattice.error
        weights = problem.weight_ticks
        ticks -= sum(int(w) * release for w, release in zip(weights, self.times.release, strict=True))
        rounded = problem.weight_lattice.item_error * problem.num_jobs * self.horizon / self.lattice.scale
        error = float(weights.sum()) / problem.weight_lattice.scale * self.lattice.error + rounded
        return float(ticks / (self.lattice.scale * problem.weight_lattice.scale) - error)


def _machines(problem: FlowShop, stage: int) -> int:
    return problem.first_machine[stage + 1] - problem.first_machine[stage]


def _first(solution: JobSequences, i: int, j: int) -> int:
    return next(job for job in solution.order if job in (i, j))


def _renamed(factory: list[int]) -> dict[int, int]:
    """Factories numbered by their first jobs: the symmetry that the model breaks."""
    return {f: number for number, f in enumerate(dict.fromkeys(factory))}


def build_cpsat(problem: FlowShop) -> tuple[Any, Callable[[Callable[[Any], int]], JobSequences]]:
    """The CP-SAT model of a flow shop, and ``read(value_of) -> JobSequences``.

    Parameters
    ----------
    problem : FlowShop

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the objective in ticks (see `optikit.scheduling.flowshop.formulations.scale.lattice_of`).
    read : callable
        ``read(solver.value)`` gives the job sequences. ``read.__self__`` is the `IntervalModel`: ``starts[job][stage]`` are
        variables for side constraints of your own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> shop = FlowShop([[3, 2], [1, 4], [2, 2]])
    >>> model, read = build_cpsat(shop)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> shop.evaluate(read(solver.value))
    9.0
    """
    formulated = IntervalModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on intervals (`IntervalModel`), from a start by our own heuristics; the parameter is that of `OnCpSat`."""

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[FlowShop]] = FlowShop

    def _unsupported(self, problem: FlowShop) -> str | None:
        n, m = problem.durations.shape
        free = problem.overtaking and problem.setup is None and problem.first_setup is None
        if n * m > MAX_OPERATIONS or (not free and n * n * m > MAX_ARCS):
            return (
                f"{n} jobs on {m} stages make too large a model for CP-SAT; it takes up to {MAX_ARCS:,} pairs of jobs times stages"
            )
        try:
            lattice_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        return super()._unsupported(problem)

    def _formulate(self, problem: FlowShop, pause: Callable[[], None]) -> IntervalModel:
        return IntervalModel(problem, pause)

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        warm_start(problem, run)
        return super()._run(problem, run)

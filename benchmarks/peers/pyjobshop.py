"""PyJobShop: a modelling layer for scheduling over OR-Tools CP-SAT; job shops and flexible job shops in whole times."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered, seconds_left
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.scheduling.shop import Schedule, Shop


@dataclass(frozen=True)
class PyJobShop(Solver):
    """PyJobShop with OR-Tools; no seed, no trace."""

    name: ClassVar[str] = "pyjobshop"
    solves: ClassVar[type[Problem]] = Shop
    capabilities: ClassVar[Capabilities] = Capabilities(
        threads=True, deterministic=False, stops=BUDGET, late=5.0, requires=("pyjobshop",), extra="peers"
    )

    def _unsupported(self, problem: Shop) -> str | None:
        features = problem.features
        if not features["classical"] or features["kind"] not in ("job", "flexible"):
            return "the adapter takes job shops and flexible job shops, and the makespan"
        if not np.array_equal(problem.duration, np.rint(problem.duration)):
            return "PyJobShop takes whole durations"
        return None

    def _run(self, problem: Shop, run: Run) -> Outcome:
        from pyjobshop import Model

        model = Model()
        machines = [model.add_machine() for _ in range(problem.num_machines)]
        jobs = [model.add_job() for _ in range(problem.num_jobs)]
        tasks = [model.add_task(job=jobs[job]) for job in problem.job]
        for mode, task in enumerate(problem.operation):
            model.add_mode(tasks[task], machines[problem.machine[mode]], int(problem.duration[mode]))
        for (i, a), (j, b) in itertools.pairwise(enumerate(tasks)):
            if problem.job[i] == problem.job[j]:
                model.add_end_before_start(a, b)
        found = model.solve(time_limit=max(0.001, seconds_left(run)), num_workers=run.n_jobs, display=False).best
        if len(found.tasks) != problem.num_operations:
            return answered(problem, run, None)
        # Modes are numbered as they were added.
        modes = np.array([task.mode for task in found.tasks]) - problem.mode_ptr[:-1]
        return answered(problem, run, Schedule([task.start for task in found.tasks], modes))

"""From a problem to what the kernels read, and from line-ups back to job sequences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import BEST, LIMIT, Control
from ...kernels.rng import Random
from .arrays import AT, BIG, CURRENT, JOB, LENGTH, NUM_OUT, TAIL_OK, THRESHOLDS, TURN, Instance, LineUp, Parameters
from .problem import FlowShop
from .rigid import delays, offsets
from .solution import JobSequences

SHORT_LIMIT = 2**30
"""Horizons below this many ticks fit the kernels of 32 bits."""

MATRIX_JOBS = 2_000
"""Up to so many jobs that do not wait have a matrix of delays."""


class Shop:
    """A problem as the kernels read it.

    Parameters
    ----------
    problem : FlowShop
    """

    def __init__(self, problem: FlowShop) -> None:
        self.problem = problem
        self.variant = variant_of(problem)
        n = problem.num_jobs
        ticks = problem.lattice.ticks
        duration = ticks(problem.durations)
        setup = _setups(problem)
        delay = delays(problem) if self.variant == "rigid" else np.zeros(1, np.int64)
        self.instance = Instance(
            num_jobs=n,
            num_stages=problem.num_stages,
            length=n + problem.factories - 1,
            num_machines=problem.num_machines,
            has_setups=int(setup.size > 1),
            no_wait=int(problem.no_wait),
            blocking=int(problem.blocking),
            flow=int(problem.objective == "total_flow_time"),
            num_setups=setup.size,
            num_delays=delay.size,
            duration=duration,
            offset=offsets(duration),
            setup=setup,
            delay=delay,
            release=np.zeros(n, np.int64) if problem.release is None else ticks(problem.release),
            weight=problem.weight_ticks,
            first_machine=np.array(problem.first_machine, np.int64),
        )

    @cached_property
    def separators(self) -> NDArray[np.int32]:
        return np.full(self.problem.factories - 1, self.problem.num_jobs, np.int32)

    def line_up(self, order: Sequence[int] | NDArray[Any], start: NDArray[np.int32] | None = None) -> LineUp:
        """A line-up without jobs, which come in by ``order``; or, with a ``start``, that one."""
        p, given = self.instance, np.asarray(order, np.int32)
        short, lines = self.variant == "short", self.variant in ("lines", "flow")
        size = (p.length + 1) * p.num_stages
        s = LineUp.empty(
            num_jobs=p.num_jobs,
            num_stages=p.num_stages,
            length=p.length,
            num_machines=p.num_machines,
            num_short=size if short else 1,
            num_wide=size + p.num_stages if lines else 1,
            num_tails=size if self.variant == "lines" else 1,
        )
        s.words[[JOB, CURRENT]] = -1
        s.words[TAIL_OK] = p.length
        s.words[TURN] = BIG
        jobs = self.separators if start is None else start
        s.jobs[: len(jobs)] = jobs
        s.words[LENGTH] = len(jobs)
        if start is None:
            s.out[:] = given
            s.words[NUM_OUT] = p.num_jobs
        s.words[AT] = 0
        return s

    def jobs(self, solution: JobSequences) -> NDArray[np.int32]:
        """The line-up whose first machines have the solution's orders; of several machines of a stage, interleaved by place."""
        parts: list[int] = []
        for f in range(self.problem.factories):
            orders = solution.machine_orders(f, self.problem.num_machines)[: self.problem.first_machine[1]]
            placed = sorted((place, number, job) for number, order in enumerate(orders) for place, job in enumerate(order))
            parts += [job for _, _, job in placed]
            parts.append(self.problem.num_jobs)
        return np.array(parts[:-1], np.int32)

    def counted(self, jobs: NDArray[np.int32]) -> tuple[int, LineUp]:
        """Cost of a complete line-up, counted from scratch, and the line-up itself."""
        from .kernels.advance import advance

        state, control = self.line_up((), jobs), Control.fresh()
        control.slots[LIMIT] = 0
        nothing = Parameters(destroyed=1, partial=0, search=0, steps=1, threshold=np.zeros(THRESHOLDS, np.int64))
        advance[self.variant](self.instance, nothing, state, Random.seeded(0), control)
        return int(control.slots[BEST]), state

    def solution(self, jobs: NDArray[np.int32]) -> JobSequences:
        """The job sequences of a complete line-up."""
        parts = np.split(jobs, np.flatnonzero(jobs == self.problem.num_jobs))
        lines = [part[part < self.problem.num_jobs].tolist() for part in parts]
        if self.variant != "listed":
            return JobSequences(lines)
        _, state = self.counted(jobs)
        n, m = self.problem.durations.shape
        machine, rank = state.machine.reshape(n, m), state.rank.reshape(n, m)
        factories = []
        for line in lines:
            orders: list[list[int]] = [[] for _ in range(self.problem.num_machines)]
            for k in range(m):
                for job in sorted(line, key=lambda job: int(rank[job, k])):
                    orders[machine[job, k]].append(job)
            factories.append(orders)
        return JobSequences(factories)


def variant_of(problem: FlowShop) -> str:
    """The variant of the kernels that fits: see ``kernels/flags.py``."""
    if problem.is_hybrid:
        return "listed"
    if problem.no_wait and problem.release is None and problem.num_jobs <= MATRIX_JOBS:
        return "rigid"
    if problem.objective == "total_flow_time":
        return "flow"
    special = (
        problem.no_wait
        or problem.blocking
        or any(part is not None for part in (problem.setup, problem.first_setup, problem.release))
    )
    return "lines" if special or problem.horizon >= SHORT_LIMIT else "short"


def _setups(problem: FlowShop) -> NDArray[np.int64]:
    """Setups by job before, job after and stage; the last row is for no job before."""
    if problem.setup is None and problem.first_setup is None:
        return np.zeros(1, np.int64)
    n, m = problem.durations.shape
    setup = np.zeros((n + 1, n + 1, m), np.int64)
    if problem.setup is not None:
        setup[:n, :n] = problem.lattice.ticks(problem.setup).transpose(1, 2, 0)
    if problem.first_setup is not None:
        setup[n, :n] = problem.lattice.ticks(problem.first_setup).T
    return setup

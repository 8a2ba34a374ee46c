"""Jobs one after the other, each to the factory and the machines where it is done first: a schedule at once, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .orders import by_total, palmer
from .problem import FlowShop
from .solution import JobSequences


class _Factory:
    """Machines of a factory, and when each is free."""

    def __init__(self, problem: FlowShop) -> None:
        self.problem = problem
        self.free: list[Any] = [0] * problem.num_machines
        self.orders: list[list[int]] = [[] for _ in range(problem.num_machines)]

    def try_job(self, job: int) -> tuple[Any, list[tuple[int, Any]]]:
        """When the job would be done, and on which machines, with the times at which these would be free again."""
        problem, times = self.problem, self.problem.tick_times
        m, work = problem.num_stages, self.problem.tick_times.duration[job]
        booked: list[tuple[int, Any]] = []
        if problem.no_wait:
            chosen, now, offset = [], times.release[job], 0
            for stage in range(m):
                start, machine = self._earliest(stage, job, 0)
                chosen.append(machine)
                now = max(now, start - offset)
                offset += work[stage]
            for stage, machine in enumerate(chosen):
                now += work[stage]
                booked.append((machine, now))
            return now, booked
        now = times.release[job]
        for stage in range(m):
            now, machine = self._earliest(stage, job, now)
            if problem.blocking and booked:
                booked[-1] = booked[-1][0], now
            now += work[stage]
            booked.append((machine, now))
        return now, booked

    def _earliest(self, stage: int, job: int, ready: Any) -> tuple[Any, int]:
        """The machine of a stage where the job starts first, of these the one that was busy last."""
        problem, times = self.problem, self.problem.tick_times
        best: tuple[Any, Any, int] | None = None
        for machine in range(problem.first_machine[stage], problem.first_machine[stage + 1]):
            earlier = self.orders[machine][-1] if self.orders[machine] else None
            start = max(ready, self.free[machine] + times.before(stage, earlier, job))
            if best is None or (start, -self.free[machine]) < best[:2]:
                best = start, -self.free[machine], machine
        assert best is not None
        return best[0], best[2]

    def book(self, job: int, booked: list[tuple[int, Any]]) -> None:
        for machine, free in booked:
            self.free[machine] = free
            self.orders[machine].append(job)


def dispatched(problem: FlowShop, order: Iterable[int]) -> JobSequences:
    """A schedule of the jobs in an order, each where it is done first.

    Parameters
    ----------
    problem : FlowShop
    order : iterable of int
        Every job once.
    """
    factories = [_Factory(problem) for _ in range(problem.factories)]
    for job in order:
        tries = [factory.try_job(job) for factory in factories]
        best = min(range(len(factories)), key=lambda f: tries[f][0])
        factories[best].book(job, tries[best][1])
    return JobSequences([factory.orders for factory in factories])  # type: ignore[arg-type]


def at_once(problem: FlowShop) -> JobSequences:
    """Jobs dispatched in an order that takes no search: for the total flow time the short ones first, else by Palmer's index."""
    order = by_total(problem) if problem.objective == "total_flow_time" else palmer(problem)
    return dispatched(problem, order.tolist())

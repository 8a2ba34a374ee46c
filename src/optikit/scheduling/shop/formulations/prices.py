"""The objective of a shop for CP-SAT: a variable a term and job, and their prices in ticks of cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..flat import NEVER

if TYPE_CHECKING:
    from .hints import Hinted
    from .intervals import IntervalModel


def add_objective(made: IntervalModel) -> None:
    """Minimise the objective of the shop."""
    terms = _Terms(made)
    for add in (terms.makespan, terms.completion, terms.tardiness, terms.lateness, terms.tardy, terms.setup, terms.left_out):
        add()
    terms.change()
    made.model.minimize(made.cp.LinearExpr.weighted_sum([v for v, _ in terms.priced], [p for _, p in terms.priced]) + terms.fixed)


class _Terms:
    def __init__(self, made: IntervalModel) -> None:
        self.made, self.flat = made, made.flat
        self.priced: list[tuple[Any, int]] = []
        """Variable -> its price."""
        self.fixed = 0

    def _if_done(self, rule: Any, operation: int) -> None:
        present = self.made.present[operation]
        self.made.model.add(rule).only_enforce_if([] if present is True else present)

    def _own(self, job: int) -> range:
        return range(int(self.flat.job_ptr[job]), int(self.flat.job_ptr[job + 1]))

    def _last(self, job: int) -> list[int]:
        """Operations that may be the last of a job: in a chain none before one that must be done."""
        own = list(self._own(job))
        if self.flat.job_order[job] == 0:
            musts = [i for i in own if self.made.present[i] is True]
            own = [i for i in own if not musts or i >= musts[-1]]
        return own

    def makespan(self) -> None:
        if not self.flat.makespan_rate:
            return
        makespan = self.made.integer(0, self.flat.horizon, lambda told: int(max(told.end[told.present], default=0)))
        for job in range(self.flat.num_jobs):
            for i in self._last(job):
                self._if_done(makespan >= self.made.ends[i], i)
        self.priced.append((makespan, self.flat.makespan_rate))

    def completion(self) -> None:
        for job, rate in enumerate(self.flat.completion_rate.tolist()):
            if rate:
                done = self.made.integer(0, self.flat.horizon, lambda told, job=job: self._done(told, job))  # type: ignore[misc]
                for i in self._last(job):
                    self._if_done(done >= self.made.ends[i], i)
                self.priced.append((done, rate))

    def _done(self, told: Hinted, job: int) -> int:
        return max((int(told.end[i]) for i in self._own(job) if told.present[i]), default=0)

    def tardiness(self) -> None:
        for job, rate in enumerate(self.flat.tardiness_rate.tolist()):
            if rate:
                due = int(self.flat.due[job])
                most = max(0, self.flat.horizon - due)
                late = self.made.integer(0, most, lambda told, job=job, due=due: self._late(told, job, due))  # type: ignore[misc]
                for i in self._last(job):
                    self._if_done(late >= self.made.ends[i] - due, i)
                self.priced.append((late, rate))

    def _late(self, told: Hinted, job: int, due: int) -> int:
        return max(0, max((int(told.end[i]) - due for i in self._own(job) if told.present[i]), default=0))

    def lateness(self) -> None:
        flat = self.flat
        if not flat.lateness_rate:
            return
        dated = [job for job in range(flat.num_jobs) if flat.due[job] < NEVER]
        if not dated:
            return
        dues = [int(flat.due[job]) for job in dated]
        ends = {i: int(flat.due[job]) for job in dated for i in self._last(job)}

        def value(told: Hinted) -> int:
            return max((int(told.end[i]) - due for i, due in ends.items() if told.present[i]), default=0)

        low, high = min(0, -max(dues)), max(0, flat.horizon - min(dues))
        late = self.made.integer(low, high, value)
        for i, due in ends.items():
            self._if_done(late >= self.made.ends[i] - due, i)
        literals = [self.made.present[i] for job in dated for i in self._own(job)]
        if all(literal is not True for literal in literals):
            self.made.model.add(late >= 0).only_enforce_if([literal.negated() for literal in literals])
        self.priced.append((late, flat.lateness_rate))

    def tardy(self) -> None:
        for job, cost in enumerate(self.flat.tardy_cost.tolist()):
            if cost:
                due = int(self.flat.due[job])
                tardy = self.made.literal(lambda told, job=job, due=due: int(self._late(told, job, due) > 0))  # type: ignore[misc]
                for i in self._last(job):
                    present = self.made.present[i]
                    literals = [tardy.negated()] if present is True else [tardy.negated(), present]
                    self.made.model.add(self.made.ends[i] <= due).only_enforce_if(literals)
                self.priced.append((tardy, cost))

    def setup(self) -> None:
        if self.flat.setup_rate:
            self.priced += [(literal, gap * self.flat.setup_rate) for literal, gap in self.made.setup_terms]

    def left_out(self) -> None:
        for i, cost in enumerate(self.flat.omission.tolist()):
            if cost > 0:
                self.priced.append((self.made.present[i], -cost))
                self.fixed += cost

    def change(self) -> None:
        flat, made = self.flat, self.made
        for i in range(flat.num_operations):
            planned, rate = int(flat.baseline_start[i]), int(flat.shift_rate[i])
            if planned >= 0 and rate:
                most = max(planned, flat.horizon)
                shift = made.integer(0, most, lambda told, i=i, p=planned: abs(int(told.start[i]) - p) if told.present[i] else 0)  # type: ignore[misc]
                self._if_done(shift >= made.starts[i] - planned, i)
                self._if_done(shift >= planned - made.starts[i], i)
                self.priced.append((shift, rate))
            where, cost = int(flat.baseline_machine[i]), int(flat.move_cost[i])
            if where >= 0 and cost:
                for m in range(int(flat.mode_ptr[i]), int(flat.mode_ptr[i + 1])):
                    if flat.mode_machine[m] != where:
                        if made.mode[m] is True:
                            self.fixed += cost
                        else:
                            self.priced.append((made.mode[m], cost))

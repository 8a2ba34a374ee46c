"""What binds in a flow shop: its busiest stage, the bound, and the critical path of a schedule."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import groupby

import numpy as np

from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from .critical import critical_path
from .problem import FlowShop
from .solution import JobSequences
from .timetable import NoTimetableError, Timetable, timetable

NAMED = 12
"""So many operations of a path are named."""


def explain(problem: FlowShop, solution: JobSequences | None = None) -> Explanation:
    """What binds: the busiest stage, the longest job, the bound; with a solution, its critical path, and where machines stand idle.

    Examples
    --------
    >>> print(explain(FlowShop([[3, 2], [1, 4]], stage_names=["saw", "drill"])).facts[1])
    The busiest machine is 'drill' (1): 6 of work.
    """
    violations = () if solution is None else problem.check(solution).violations
    facts = [*_size(problem), *_load(problem)]
    bound = cheap_bound(problem)
    if bound is not None:
        facts.append(f"No schedule has a {_objective(problem)} below {amount(bound)}.")
    if solution is not None and not violations:
        with contextlib.suppress(NoTimetableError):
            facts += _schedule(problem, timetable(problem, solution), problem.evaluate(solution), bound)
    return Explanation(False, (), tuple(facts), tuple(violations))


def _objective(problem: FlowShop) -> str:
    weighted = "weighted " if problem.weight is not None else ""
    return weighted + problem.objective.replace("_", " ")


def _size(problem: FlowShop) -> Iterator[str]:
    kind = "machines" if not problem.is_hybrid else f"stages with {problem.num_machines} machines"
    plants = f" in each of {problem.factories} factories" if problem.factories > 1 else ""
    count = f"{problem.num_stages} {kind}"
    order = "in any order on each" if problem.overtaking else "in one order on all"
    rule = "; no job waits" if problem.no_wait else "; jobs block machines" if problem.blocking else ""
    yield f"{problem.num_jobs} jobs on {count}{plants}, {order}{rule}."


def _load(problem: FlowShop) -> Iterator[str]:
    work = problem.durations.sum(axis=0)
    machines = np.diff(problem.first_machine) * problem.factories
    busiest = int((work / machines).argmax())
    each = (
        f" for {machines[busiest]} machines: {amount(float(work[busiest] / machines[busiest]))} each"
        if machines[busiest] > 1
        else ""
    )
    what = "stage" if problem.is_hybrid else "machine"
    yield f"The busiest {what} is {problem.stage_called(busiest)}: {amount(float(work[busiest]))} of work{each}."
    total = problem.durations.sum(axis=1)
    longest = int(total.argmax())
    yield f"The longest job is {problem.called(longest)}: {amount(float(total[longest]))} on all {what}s."


def _schedule(problem: FlowShop, table: Timetable, value: float, bound: float | None) -> Iterator[str]:
    if bound is not None and value > 0:
        gap = (value - bound) / value
        yield f"This schedule's is {amount(value)}" + (
            f", at most {100 * gap:.3g} % above the least." if gap > 0 else ": the least."
        )
    path = critical_path(problem, table)
    parts = []
    for stage, group in groupby(path, key=lambda operation: operation[1]):
        jobs = [problem.called(job) for job, _ in group]
        named = ", ".join(jobs[:NAMED]) + (f" and {len(jobs) - NAMED} more" if len(jobs) > NAMED else "")
        parts.append(f"{problem.stage_called(stage)}: {named}")
    shown = "; ".join(parts[:NAMED]) + (f"; and {len(parts) - NAMED} stretches more" if len(parts) > NAMED else "")
    yield f"The critical path has {len(path)} operations. {shown}."
    work = sum(problem.times.duration[job][stage] for job, stage in path)
    end = max(row[-1] for row in table.end)
    if not problem.no_wait and not problem.blocking and end > work:
        yield f"Of its {amount(float(end))} it works {amount(float(work))}; setups and releases take the rest."
    busiest = max(path, key=lambda operation: sum(1 for _, stage in path if stage == operation[1]))[1]
    inside = sum(1 for _, stage in path if stage == busiest)
    yield f"The bottleneck is {problem.stage_called(busiest)}, with {inside} operations of the path."

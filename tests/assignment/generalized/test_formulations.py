"""Models for engines: side constraints of the user's own, bounds, and instances that they refuse."""

from __future__ import annotations

import pulp
import pytest
from ortools.sat.python import cp_model

import optikit as ok
from optikit.assignment import GAP
from optikit.assignment.generalized.construct import by_regret
from optikit.core.registry import find
from optikit.errors import UnsupportedError

PROBLEM = GAP([[17, 21, 22, 18], [23, 16, 21, 16]], [[8, 15, 14, 23], [15, 7, 23, 22]], [40, 40])
FREE = ok.solve(PROBLEM, "highs").objective


def test_a_side_constraint_for_cpsat():
    model, read = ok.formulate(PROBLEM, "cpsat")
    model.add(read.__self__.pairs[0, 1] == 1)
    solver = cp_model.CpSolver()
    assert solver.solve(model) == cp_model.OPTIMAL
    found = read(solver.value)
    assert found.agent_of[1] == 0
    assert PROBLEM.evaluate(found) == FREE + 21 - 16 + _moved(found)


def _moved(found):
    """What the other jobs cost more than in the free optimum, summed by hand."""
    chosen = [PROBLEM.cost[agent, job] for job, agent in enumerate(found.agent_of)]
    return sum(chosen) - 21 - (FREE - 16)


@pytest.mark.parametrize("maximize", [False, True])
def test_a_side_constraint_for_pulp(maximize):
    problem = PROBLEM.replace(maximize=maximize, leave_out=50 if not maximize else 0)
    model, read = ok.formulate(problem, "milp")
    pairs = read.__self__.pairs
    model.addConstraint(pairs[0, 0] + pairs[1, 0] == 0, "nobody_has_job_0")
    model.solve(pulp.HiGHS(msg=False))
    found = read(pulp.value)
    assert found.agent_of[0] == -1
    assert problem.check(found).feasible
    assert problem.evaluate(found) == pytest.approx(pulp.value(model.objective))


def test_too_many_pairs_are_refused():
    problem = GAP([[1] * 60_000, [2] * 60_000], [1] * 60_000, [60_000, 60_000])
    with pytest.raises(UnsupportedError, match="120,000 pairs make a model too large to build in time"):
        ok.solve(problem, "highs", time_limit=1)
    dear = GAP([[10**14] * 10] * 20, [1] * 10, [9] * 20)
    assert find(GAP, "cpsat").supports(dear).reason.startswith("CP-SAT adds up below 2^53")


def test_what_is_to_be_proved_begins_with_what_the_search_finds():
    """HiGHS alone may have nothing better than the first allocation for seconds."""
    pytest.importorskip("highspy")
    hard = ok.datasets.generate("gap/chu_beasley", size=40, agents=8, kind="d", seed=2)
    ok.warmup("generalized")
    result = ok.solve(hard, time_limit=0.5)
    assert result.solver == "chains_highs"
    assert result.objective <= 1.1 * result.bound
    assert result.objective < hard.evaluate(by_regret(hard)) or not hard.check(by_regret(hard))

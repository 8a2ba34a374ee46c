"""Line-ups with jobs in gaps: each comes where it ends first and moves nobody; what is counted is what the judge counts."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.core.run import Run
from optikit.kernels.clock import now_ns
from optikit.kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, MOVES, NEVER
from optikit.kernels.jit import Unavailable
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop.filling import Filling
from optikit.scheduling.flowshop.instance import Shop
from optikit.scheduling.flowshop.kernels.advance import advance
from optikit.scheduling.flowshop.kernels.fill import count_filled, fill
from optikit.scheduling.flowshop.timetable import NoTimetableError, timetable
from tests.naive import flowshop as naive

from .shops import random_shop


@st.composite
def rigid_shops(draw, jobs: int = 6, least: int = 0, stages: int = 4):
    """Hybrid, without waiting or blocking; every other rule."""
    n, m = draw(st.integers(2, jobs)), draw(st.integers(1, stages))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    machines = rng.integers(1, 4, m)
    machines[rng.integers(m)] = 2
    fields = {"no_wait": True} if draw(st.booleans()) else {"blocking": True}
    if draw(st.booleans()):
        fields["release"] = rng.integers(0, 20, n)
    if least == 0 and draw(st.booleans()):
        fields |= {"setup": rng.integers(0, 12, (m, n, n)), "first_setup": rng.integers(0, 12, (m, n))}
    if draw(st.booleans()):
        fields["objective"] = "total_flow_time"
    if draw(st.integers(0, 3)) == 0:
        fields["factories"] = 2
    return FlowShop(rng.integers(least, 9, (n, m)), machines=machines, **fields)


def filling(problem, seed=3, **given):
    run = Run(problem, Stop(), seed=seed)
    run.initial_solution = given.get("start")
    return Filling(Shop(problem), run, 0, 0.5, given.get("greedy", 5))


def scheduled(problem, jobs):
    """Cost and solution of jobs that come one after the other, each into the first gap."""
    island = filling(problem)
    island.plan.row[:] = jobs
    return island._count(), island._solution(np.array(jobs, np.int32))


def machine_orders(problem, solution):
    return [list(order) for order in solution.machine_orders(0, problem.num_machines)]


@given(rigid_shops(jobs=4, least=1))
@settings(max_examples=40)
def test_a_job_ends_as_soon_as_it_can_without_moving_others(problem):
    """Of all places on all machines that leave the others' times as they are, by the judge's timetable."""
    problem = problem.replace(factories=1)
    n, m = problem.num_jobs, problem.num_stages
    cost, solution = scheduled(problem, list(range(n)))
    table = timetable(problem, solution)
    last, others = n - 1, range(n - 1)
    before = [[job for job in order if job != last] for order in machine_orders(problem, solution)]
    places = [
        [(machine, place) for machine in range(problem.first_machine[k], problem.first_machine[k + 1])
         for place in range(len(before[machine]) + 1)]
        for k in range(m)
    ]  # fmt: skip
    ends = []
    for chosen in itertools.product(*places):
        orders = [list(order) for order in before]
        for machine, place in chosen:
            orders[machine].insert(place, last)
        try:
            other = timetable(problem, JobSequences([orders]))
        except NoTimetableError:
            continue
        if all(other.start[job] == table.start[job] and other.leave[job] == table.leave[job] for job in others):
            ends.append(other.end[last][-1])
    assert table.end[last][-1] == min(ends)
    assert problem.evaluate(solution) == problem.units(cost)


@given(rigid_shops())
@settings(max_examples=60)
def test_what_is_counted_is_what_the_judge_counts(problem):
    island = filling(problem)
    for limit in (100, 600, 1_200):
        island.control.slots[LIMIT] = limit
        island.advance()
        assert island.audit() is None
        assert problem.check(island.read())
    assert island._count() == int(island.plan.words[0])
    value = problem.evaluate(island._solution(island.plan.row))
    assert value == problem.units(int(island.plan.words[0]))


def test_a_short_job_goes_into_a_gap():
    """Two long jobs meet on the one machine of the last stage; the short one, last in the line-up, fits in front of them."""
    problem = FlowShop([[5, 9], [5, 9], [1, 2]], machines=[3, 1], no_wait=True)
    cost, solution = scheduled(problem, [0, 1, 2])
    assert cost == naive.optimum(problem) == 23
    assert solution.machine_orders(0, 4)[3] == (2, 0, 1)


@pytest.mark.compiled
@given(rigid_shops(jobs=3, stages=2))
@settings(max_examples=8)
def test_small_shops_are_solved(problem):
    problem = problem.replace(factories=1)
    best = naive.optimum(problem)
    result = ok.solve(problem, "annealing", stop=Stop(iterations=3_000) | Stop(target=best + 1e-9))
    assert result.objective == best


@pytest.mark.compiled
@pytest.mark.parametrize(
    "fields",
    [
        {"no_wait": True, "machines": [3, 1, 2], "setup": True},
        {"blocking": True, "machines": [1, 2, 2], "factories": 2, "objective": "total_flow_time", "weight": True, "release": True},
    ],
)
def test_slices_change_nothing(fields):
    problem = random_shop(2, 8, 3, **fields)
    whole, sliced = filling(problem), filling(problem)
    whole.control.slots[LIMIT] = 4_000
    whole.advance()
    limits = itertools.cycle([1, 7, 500])
    while sliced.control.slots[ITERATIONS] < 4_000:
        slots = sliced.control.slots
        slots[LIMIT] = min(4_000, int(slots[ITERATIONS]) + next(limits))
        slots[DEADLINE] = now_ns() + 1_000_000
        sliced.advance()
        sliced.control.slots[DEADLINE] = NEVER
    for name in ("row", "best", "heat", "words"):
        assert getattr(whole.plan, name).tolist() == getattr(sliced.plan, name).tolist(), name
    ours, theirs = (island.first.control.slots[[ITERATIONS, MOVES, BEST]].tolist() for island in (whole, sliced))
    assert ours == theirs
    assert whole.random.words.tolist() == sliced.random.words.tolist()


@pytest.mark.parametrize("rule", ["no_wait", "blocking"])
def test_every_way_of_running_finds_the_same(monkeypatch, rule):
    problem, states = random_shop(5, 5, 3, machines=[2, 1, 2], setup=True, **{rule: True}), []
    for way in ("python", "aot", "jit"):
        island = filling(problem, greedy=1)
        try:
            island.first.kernel = advance["listed"].using(way)
            monkeypatch.setattr("optikit.scheduling.flowshop.filling.fill", fill.using(way))
            monkeypatch.setattr("optikit.scheduling.flowshop.filling.count_filled", count_filled.using(way))
        except Unavailable:
            continue
        island.control.slots[LIMIT] = 500
        island.advance()
        states.append([part.tolist() for part in (island.plan.row, island.plan.best, island.plan.heat, island.random.words)])
        if os.environ.get("OPTIKIT_KERNELS") == "python":
            break
    assert all(state == states[0] for state in states)


@pytest.mark.compiled
def test_starts_and_suggestions_are_taken_up(monkeypatch):
    monkeypatch.setenv("OPTIKIT_AUDIT", "1")
    problem = random_shop(7, 12, 5, machines=[2, 1, 3, 1, 2], no_wait=True)
    better = ok.solve(problem, "annealing", stop=Stop(iterations=4_000))
    again = ok.solve(problem, "annealing", stop=Stop(iterations=300), initial_solution=better, n_jobs=2)
    assert again.objective <= better.objective
    island = filling(problem)
    island.control.slots[LIMIT] = 10
    island.advance()
    before = island.objective()
    island.admit(better.solution)
    assert island.objective() <= before
    assert island.audit() is None


def test_large_shops_are_left_to_the_greedy():
    problem = FlowShop(np.ones((1_001, 5)), machines=[2] * 5, blocking=True)
    with pytest.raises(ok.errors.UnsupportedError, match="iterated_greedy takes them"):
        ok.solve(problem, "annealing")

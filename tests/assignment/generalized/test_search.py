"""The ejection chains against their laws."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.assignment import GAP, Allocation
from optikit.assignment.generalized import search
from optikit.assignment.generalized.arrays import COST, OVER
from optikit.assignment.generalized.bounds import find_prices
from optikit.assignment.generalized.instance import Pairs, set_prices
from optikit.assignment.generalized.island import Island, state_of
from optikit.assignment.generalized.kernels.advance import advance
from optikit.assignment.generalized.search import EjectionChains
from optikit.core.registry import impossible
from optikit.core.run import Run
from optikit.kernels.control import DEADLINE, ITERATIONS, LIMIT, NEVER, STOP
from optikit.kernels.jit import Unavailable
from tests.assignment.generalized.strategies import gaps

KINDS = {
    "c": ok.datasets.generate("gap/chu_beasley", size=30, agents=4, kind="c", seed=1),
    "d": ok.datasets.generate("gap/chu_beasley", size=30, agents=4, kind="d", seed=2),
    "e": ok.datasets.generate("gap/chu_beasley", size=30, agents=4, kind="e", seed=3),
}
KINDS["left out"] = KINDS["d"].replace(leave_out=80, capacity=KINDS["d"].capacity // 2)
KINDS["maximised"] = KINDS["c"].replace(maximize=True)


def island_of(problem, *, seed=3, way=None, start=None):
    run = Run(problem, Stop(iterations=100), seed=seed)
    run.initial_solution = start
    pairs = Pairs.of(problem)
    instance = pairs.instance()
    find_prices(pairs, instance)
    island = Island(pairs, instance, EjectionChains()._parameters(instance), run, 0)
    if way is not None:
        island.kernel = advance.using(way)
    return island


def advance_to(island, iterations):
    island.control.slots[[DEADLINE, STOP, LIMIT]] = NEVER, 0, iterations
    island.advance()
    assert island.audit() is None


def told(island):
    """What an island has found, where it is, and what it will draw next."""
    best = None if island.best is None else island.state.best.tolist()
    here = island.state.agent_of.tolist(), island.state.penalty.tolist(), island.random.words.tolist()
    return island.best, best, *here, int(island.control.slots[ITERATIONS])


@pytest.mark.parametrize("kind", KINDS)
def test_advancing_in_slices_is_advancing_at_once(kind):
    whole, sliced = island_of(KINDS[kind]), island_of(KINDS[kind])
    advance_to(whole, 40)
    for cut in (*range(0, 40, 7), 40):
        advance_to(sliced, cut)
    assert told(whole) == told(sliced)


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_running_gives_the_same_allocation(kind):
    found = {}
    for way in ("python", "jit", "aot", "checked"):
        try:
            island = island_of(KINDS[kind], way=way)
        except Unavailable:
            continue
        advance_to(island, 15)
        found[way] = told(island)
    assert "python" in found
    assert all(other == found["python"] for other in found.values()), list(found)


@given(problem=gaps(max_jobs=8, max_agents=4), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_costs_and_loads_are_those_of_the_allocation(problem, seed):
    if impossible(problem):
        return
    island = island_of(problem, seed=seed)
    advance_to(island, 10)
    state, pairs = island.state, island.pairs
    agents, jobs = state.agent_of, range(problem.num_jobs)
    assert state.words[COST] == sum(int(pairs.cost[agents[job], job]) for job in jobs)
    over = [
        max(0, sum(int(pairs.demand[agent, job]) for job in jobs if agents[job] == agent) - int(pairs.capacity[agent]))
        for agent in range(len(pairs.capacity))
    ]
    assert state.words[OVER] == sum(over)
    if island.best is not None:
        found = island.read()
        assert problem.check(found).feasible
        assert problem.evaluate(found) == pytest.approx(island.objective(), abs=problem.error + 1e-9)


def test_lists_of_jobs_are_those_of_the_agents():
    problem = KINDS["d"]
    pairs = Pairs.of(problem)
    instance = pairs.instance()
    agents = np.random.default_rng(5).integers(0, problem.num_agents, problem.num_jobs).astype(np.int32)
    state = state_of(instance, agents)
    for agent in range(problem.num_agents):
        chain, job = [], int(state.head[agent])
        while job >= 0:
            chain.append(job)
            job = int(state.after[job])
        assert sorted(chain) == np.flatnonzero(agents == agent).tolist()


@pytest.mark.parametrize("islands", [1, 3])
def test_threads_change_nothing(islands, monkeypatch):
    monkeypatch.setattr("optikit.assignment.generalized.search.EPOCH", 20)
    monkeypatch.setattr("optikit.assignment.generalized.bounds.ITERATIONS", 3)
    solver = EjectionChains(islands=islands)
    found = [solver.solve(KINDS["d"], stop=Stop(iterations=240), seed=4, n_jobs=jobs) for jobs in (1, 3)]
    assert found[0].solution == found[1].solution
    assert found[0].objective == found[1].objective


def test_a_start_is_where_it_begins(monkeypatch):
    monkeypatch.setattr("optikit.assignment.generalized.bounds.ITERATIONS", 3)
    problem = KINDS["d"]
    good = EjectionChains().solve(problem, stop=Stop(iterations=60), seed=1)
    island = island_of(problem, start=good.solution)
    assert Allocation(island.state.agent_of.astype(np.int64)) == good.solution
    again = EjectionChains().solve(problem, stop=Stop(iterations=0), seed=2, initial_solution=good)
    assert again.objective <= good.objective


def test_it_gets_nowhere_near_nothing():
    """Without room for all jobs there is an allocation that is nearly feasible, and words for what is wrong with it."""
    problem = ok.assignment.GAP([[1, 1, 1], [1, 1, 1]], [2, 2, 2], [3, 3])
    result = EjectionChains().solve(problem, stop=Stop(iterations=20))
    assert result.solution is None
    assert [violation.rule for violation in result.violations] == ["capacity"]


@pytest.mark.parametrize("seed", range(8))
def test_options_are_in_the_order_of_their_prices(seed):
    g = np.random.default_rng(seed)
    agents, jobs = (int(size) for size in g.integers(1, 9, 2))
    problem = GAP(
        g.integers(-5, 9, (agents, jobs)), g.integers(0, 4, (agents, jobs)), g.integers(2, 9, agents),
        leave_out=1 if seed % 2 else None, forbidden=g.random((agents, jobs)) < 0.3,
    )  # fmt: skip
    pairs = Pairs.of(problem)
    instance, price = pairs.instance(), g.integers(0, 3, len(pairs.capacity)).astype(float)
    set_prices(instance, price)
    for job in range(jobs):
        values = {i: pairs.cost[i, job] + price[i] * pairs.demand[i, job] for i in range(len(price)) if pairs.possible[i, job]}
        span = slice(*instance.first[job : job + 2])
        assert instance.option[span].tolist() == sorted(values, key=lambda i: (values[i], i))
        assert all(instance.regret[job * len(price) + i] == values[i] - min(values.values()) for i in values)


def test_no_bound_is_begun_when_time_is_up(monkeypatch):
    asked = []
    monkeypatch.setattr(search, "lagrangean", lambda *given, **named: asked.append(given))
    monkeypatch.setattr(search, "find_prices", lambda pairs, instance, seconds: time.sleep(0.05))
    problem = GAP([[1, 2], [3, 4]], [1, 1], [2, 2])
    ok.solve(problem, "ejection_chains", stop=Stop(iterations=1))
    assert len(asked) == 1
    ok.solve(problem, "ejection_chains", time_limit=0.03)
    assert len(asked) == 1


@pytest.mark.parametrize("kind", ["c", "e"])
def test_there_is_an_allocation_when_time_is_up_at_once(kind):
    hundreds = ok.datasets.generate("gap/chu_beasley", size=600, agents=40, kind=kind, seed=1)
    assert ok.solve(hundreds, "ejection_chains", time_limit=0).solution is not None
    assert ok.solve(hundreds, "greedy").solution is not None

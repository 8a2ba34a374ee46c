"""The searches: exact tables, the same answer whatever the slices, and placements that are worth something."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Stop, StopReason
from optikit.assignment import Placement, QuadraticAssignment
from optikit.assignment.quadratic import instance as instances
from optikit.assignment.quadratic import search
from optikit.assignment.quadratic.arrays import (
    COST,
    FILLED,
    FLOOR,
    LENGTH,
    PHASE,
    ROW,
    SETTLED,
    NarrowInstance,
    Parameters,
    Population,
)
from optikit.assignment.quadratic.construct import greedy
from optikit.assignment.quadratic.instance import make_core, make_instance
from optikit.assignment.quadratic.islands import kernel_of, state_of
from optikit.assignment.quadratic.kernels.evolve import FILL, WALK
from optikit.assignment.quadratic.kernels.flags import NARROW, VARIANTS
from optikit.kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, NEVER, Control
from optikit.kernels.rng import Random
from tests.naive import qap as naive

from .strategies import qaps

KINDS = [(variant, False) for variant in VARIANTS] + [(variant, True) for variant in NARROW]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]}-{32 if kind[1] else 64}")
def kind(request, monkeypatch):
    """Each variant of the kernels, in 64 bits and where there is one in 32: its name, and whether it is the narrow one."""
    if not request.param[1]:
        monkeypatch.setattr(instances, "MOST_NARROW", 0)
    return request.param


def core_of(variant: str, size: int = 9, facilities: int = 7):
    """A problem for each variant of the kernels, with empty locations and a linear term."""
    g = np.random.default_rng(3)
    flow, distance = g.integers(0, 9, (facilities, facilities)), g.integers(0, 9, (size, size))
    if variant == "sparse":
        flow = np.zeros_like(flow)
        flow[0, 1], flow[1, 2], flow[5, 1] = 3, 4, 5
    if variant != "asymmetric":
        distance = distance + distance.T
    core = make_core(QuadraticAssignment(flow, distance, g.integers(0, 30, (facilities, size))))
    assert make_instance(core)[1] == variant
    return core


def searched(core, slices, seed=1, **more):
    """The state after walking so many steps, a slice after the other."""
    instance, variant = make_instance(core)
    given_ = {"steps": 40, "tenure": 12, "patience": 60, "rest": 3, **more}
    parameters = Parameters(**given_)
    state, group = state_of(instance), Population.empty(size=core.size, members=4)
    group.place[: core.size] = np.arange(core.size)
    control, random = Control.fresh(), Random.seeded(seed)
    for goal in slices:
        control.slots[LIMIT] = goal
        kernel_of(instance, variant)(instance, parameters, state, group, random, control)
        assert control.slots[ITERATIONS] == goal
    return state, group, control, random


def test_deltas_are_what_swaps_cost(kind):
    """After hundreds of updates: each entry of the tables is what counting anew gives, to the last tick."""
    core = core_of(kind[0])
    assert isinstance(make_instance(core)[0], NarrowInstance) == kind[1]
    state, _, _, _ = searched(core, (333,))
    n, m = core.size, core.num_facilities
    place = state.place.astype(np.int64)
    cost = core.cost(place[:m])
    assert state.words[COST] == cost
    for u in range(m):
        for v in range(u + 1, n):
            swapped = place.copy()
            swapped[[u, v]] = place[[v, u]]
            assert state.delta[u * n + v] == core.cost(swapped[:m]) - cost
    for u in range(m):
        for v in range(n):
            ways = core.distance[place[v], place[:m]]
            back = 0 if core.symmetric else core.flow[:, u] @ core.distance[place[:m], place[v]]
            assert state.table[u * n + v] == core.linear[u, place[v]] + core.flow[u] @ ways + back


def test_slices_change_nothing(kind):
    core = core_of(kind[0])
    whole = searched(core, (600,))
    parts = searched(core, (1, 2, 39, 40, 41, 200, 437, 599, 600))
    for one, other in zip(whole, parts, strict=True):
        for name, field in type(one).fields.items():
            if field.shape is not None:
                if type(one) is Control:
                    assert np.delete(one.slots, DEADLINE).tolist() == np.delete(other.slots, DEADLINE).tolist()
                else:
                    assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_the_width_changes_nothing(monkeypatch):
    """Tables of 32 and of 64 bits: the same walk to the same members; numbers at the edge of what is narrow are no exception."""
    g = np.random.default_rng(8)
    for most in (9, 1_300):
        flow, distance = g.integers(0, most, (8, 8)), g.integers(0, most, (10, 10))
        forbidden = np.eye(8, 10, dtype=bool) if most == 9 else None
        core = make_core(QuadraticAssignment(flow + flow.T, distance + distance.T, forbidden=forbidden))
        found = []
        for limit in (2**31 - 1, 0):
            monkeypatch.setattr(instances, "MOST_NARROW", limit)
            assert instances.is_narrow(core) == (limit > 0)
            state, group, _, _ = searched(core, (300,))
            found.append((group.place.tolist(), group.cost.tolist(), state.table.tolist(), state.place.tolist()))
        assert found[0] == found[1]


@pytest.mark.parametrize("big", [{"flow": 2**31}, {"distance": 2**31}, {"linear": 2**31}])
def test_what_32_bits_do_not_hold_has_64(big):
    flow, distance, linear = (np.zeros((3, 3), np.int64) for _ in range(3))
    flow[0, 1], distance[0, 1], distance[1, 0], linear[0, 0] = big.get("flow", 1), 1, 1, big.get("linear", 0)
    distance[0, 1] = distance[1, 0] = big.get("distance", 1) if "flow" not in big else 0
    problem = QuadraticAssignment(flow, distance, linear)
    assert not instances.is_narrow(make_core(problem))
    assert ok.solve(problem, "memetic", stop=Stop(iterations=50)).objective == naive.optimum(problem)


def test_the_clock_may_interrupt_the_tables():
    """A deadline that has passed stops the filling of tables between two of its parts, and it goes on from there."""
    core = core_of("symmetric")
    instance, variant = make_instance(core)
    parameters = Parameters(steps=40, tenure=12, patience=60, rest=3)
    state, group = state_of(instance), Population.empty(size=core.size, members=4)
    group.place[: core.size] = np.arange(core.size)
    control, random = Control.fresh(), Random.seeded(0)
    control.slots[DEADLINE] = 0
    assert kernel_of(instance, variant)(instance, parameters, state, group, random, control) == 0
    assert control.slots[BEST] == NEVER
    assert state.words[ROW] == 0
    control.slots[DEADLINE], control.slots[LIMIT] = NEVER, 0
    assert kernel_of(instance, variant)(instance, parameters, state, group, random, control) == WALK
    assert control.slots[BEST] == core.cost(np.arange(core.num_facilities))
    assert state.words[PHASE] != FILL


def test_the_population_is_of_different_placements():
    core = core_of("asymmetric")
    state, group, control, _ = searched(core, (800,), rest=1000)
    assert state.words[FILLED] == 4
    places = group.place.reshape(4, core.size)
    for place, cost in zip(places, group.cost, strict=True):
        assert sorted(place) == list(range(core.size))
        assert core.cost(place[: core.num_facilities].astype(np.int64)) == cost
    assert control.slots[BEST] == group.cost.min()


def test_a_population_that_has_settled_makes_way(kind):
    """The next one has its best, and others at random, and walks twice as far from each child."""
    core = core_of(kind[0])
    settled = 0
    for goal in (30, 100, 200, 400, 800):
        state, group, control, _ = searched(core, (goal,), steps=5, rest=2)
        best = group.best[: core.num_facilities].astype(np.int64)
        assert core.cost(best) == control.slots[BEST]
        if state.words[SETTLED] > 0:
            assert control.slots[BEST] == min(group.cost[: state.words[FILLED]].min(), state.words[FLOOR])
        for k in range(state.words[FILLED]):
            place = group.place[k * core.size : (k + 1) * core.size].astype(np.int64)
            assert core.cost(place[: core.num_facilities]) == group.cost[k]
        assert state.words[LENGTH] == 5 * 2 ** state.words[SETTLED]
        assert state.words[SETTLED] >= settled
        settled = state.words[SETTLED]
    assert settled >= 2


@pytest.mark.parametrize("name", ["memetic", "robust_tabu"])
@given(problem=qaps())
@settings(max_examples=15)
def test_small_ones_are_solved(name, problem):
    result = ok.solve(problem, name, stop=Stop(iterations=300))
    best = naive.optimum(problem)
    if best is None:
        assert result.solution is None
    else:
        assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1, abs(best)))


def test_islands_and_threads():
    """How many threads carry the islands changes nothing; more islands are another search."""
    g = np.random.default_rng(0)
    problem = QuadraticAssignment(g.integers(0, 9, (12, 12)), g.integers(0, 9, (12, 12)))
    options = {"islands": 3, "steps": 50}
    one, two = (ok.solve(problem, "memetic", stop=Stop(iterations=900), seed=5, n_jobs=jobs, options=options) for jobs in (1, 2))
    assert one.solution == two.solution
    assert one.iterations == two.iterations == 900


def test_a_start_is_where_the_search_begins():
    g = np.random.default_rng(1)
    problem = QuadraticAssignment(g.integers(0, 9, (8, 8)), g.integers(0, 9, (8, 8)), fixed={2: 5})
    start = Placement([0, 1, 5, 2, 3, 4, 6, 7])
    result = ok.solve(problem, "robust_tabu", stop=Stop(iterations=0), initial_solution=start)
    assert result.solution == start
    assert result.trace[0].objective == problem.evaluate(start)


@given(qaps(restricted=True))
@settings(max_examples=30)
def test_greedy_finds_a_placement_where_there_is_one(problem):
    best = naive.optimum(problem)
    result = ok.solve(problem, "greedy")
    assert (result.solution is None) == (best is None)
    if best is not None:
        core = make_core(problem)
        assert len(set(greedy(core).tolist())) == core.num_facilities


@given(qaps())
@settings(max_examples=30)
def test_the_core_costs_what_the_problem_does(problem):
    """Fixed facilities, diagonals, linear costs, both directions and the sign: all of it comes back in the same objective."""
    if ok.explain(problem).infeasible:
        return
    core = make_core(problem)
    place = greedy(core)
    placement = core.placement(place)
    assert core.place(placement)[: core.num_facilities].tolist() == place.tolist()
    value = problem.evaluate(placement)
    assert core.units(core.cost(place)) == pytest.approx(value, abs=problem.error + 1e-12 * abs(value))
    assert core.is_feasible(core.cost(place))


def test_bounds_do_not_begin_after_the_deadline(monkeypatch):
    """For hundreds of locations that of Gilmore and Lawler takes longer than a limit of 0.05 s is."""
    asked = []
    monkeypatch.setattr(search.Run, "reason", lambda run: StopReason.TIME)
    monkeypatch.setattr("optikit.assignment.quadratic.bounds.gilmore_lawler", lambda core: asked.append(core))
    search._bound(core_of("symmetric"), object.__new__(search.Run))
    assert asked == []


def test_the_memory_limit_is_kept():
    g = np.random.default_rng(0)
    problem = QuadraticAssignment(g.integers(0, 9, (12, 12)), g.integers(0, 9, (12, 12)))
    result = ok.solve(problem, "memetic", stop=Stop(iterations=100), memory_limit=1_000)
    assert "tables of 6,912 bytes do not fit into the memory limit of 1,000" in result.message
    assert problem.check(result.solution)
    assert ok.solve(problem, "memetic", stop=Stop(iterations=100), memory_limit=7_000, n_jobs=2).iterations == 100


def test_sparse_flows_go_down_without_tables_first():
    """The descent ends where no swap gains: the first deltas of the tables say so."""
    core = core_of("sparse", size=12, facilities=10)
    instance, variant = make_instance(core)
    parameters = Parameters(steps=40, tenure=12, patience=60, rest=3)
    state, group = state_of(instance), Population.empty(size=core.size, members=4)
    group.place[: core.size] = np.arange(core.size)
    control, random = Control.fresh(), Random.seeded(0)
    control.slots[[BEST, LIMIT]] = core.cost(np.arange(core.num_facilities)), 0
    assert kernel_of(instance, variant)(instance, parameters, state, group, random, control) == WALK
    delta = state.delta.reshape(core.size, core.size)
    assert min(delta[u, v] for u in range(core.num_facilities) for v in range(u + 1, core.size)) >= 0
    assert control.slots[BEST] == state.words[COST] == core.cost(group.best[: core.num_facilities].astype(np.int64))
    assert control.slots[BEST] < core.cost(np.arange(core.num_facilities))


def test_numpy_is_all_that_is_loaded():
    code = """
import os, sys
os.environ["OPTIKIT_KERNELS"] = "python"
import optikit as ok
result = ok.solve(ok.assignment.QAP([[0, 1, 2], [1, 0, 3], [2, 3, 0]], [[0, 4, 2], [4, 0, 1], [2, 1, 0]]))
assert result.status is ok.Status.OPTIMAL
print([m for m in ("scipy", "pandas", "numba", "ortools", "pulp", "highspy", "networkx", "matplotlib") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unsupported_sizes_say_so(monkeypatch):
    monkeypatch.setattr(search, "MOST_LOCATIONS", 30)
    problem = QuadraticAssignment(np.zeros((1, 1)), np.zeros((40, 40)))
    offers = {offer.name: offer for offer in problem.solvers()}
    assert "40 locations; the tables of all swaps are made for up to 30" in offers["memetic"].reason
    assert not offers["exact"].supported

"""Annealing on critical arcs: its states against the judge, its laws, and what it finds."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.core.run import Run
from optikit.errors import UnsupportedError
from optikit.kernels.control import DEADLINE, ITERATIONS, LIMIT, NEVER
from optikit.kernels.jit import Unavailable
from optikit.scheduling import FlexibleJobShop, JobShop, OpenShop
from optikit.scheduling.shop.arcs import TERMS, CriticalArcs, Island
from optikit.scheduling.shop.disjunctive import disjunctive
from optikit.scheduling.shop.kernels.arcs import advance
from optikit.testing import check_result
from tests.naive import shop as textbook
from tests.scheduling.shop.strategies import shops

RNG = np.random.default_rng(3)
SUM = {"total_tardiness": 2, "total_completion": 1, "num_tardy": 5}


def modes(machines, count):
    return {int(k): int(RNG.integers(1, 20)) for k in RNG.permutation(machines)[:count]}


KINDS = {
    "job": JobShop.from_arrays(
        [RNG.permutation(4) for _ in range(6)], RNG.integers(0, 30, (6, 4)), due=RNG.integers(40, 120, 6), objective=SUM
    ),
    "largest": JobShop.from_arrays(
        [RNG.permutation(4) for _ in range(6)],
        RNG.integers(1, 30, (6, 4)),
        release=RNG.integers(0, 30, 6),
        due=[40, 50, 60, 70, 80, np.inf],
        weight=range(6),
        objective={"makespan": 1, "max_lateness": 3, "total_tardiness": 0.5},
    ),
    # Jobs come back to machines, where their own operations are neighbours.
    "flexible": FlexibleJobShop.from_jobs(
        [[modes(3, RNG.integers(1, 4)) for _ in range(3)] for _ in range(4)], due=[15, 20, 25, 30], objective=SUM
    ),
    "open": OpenShop.from_matrix(RNG.integers(1, 30, (4, 5)), due=[40, 50, 60, 70], objective="total_tardiness"),
}


def make_island(problem, stream=0, islands=1, seed=0, **stop):
    run = Run(problem, Stop(**({"iterations": 2000} | stop)), seed=seed, solver="critical_arcs")
    graph = disjunctive(problem)
    return Island(CriticalArcs(), problem, graph, run, stream, islands, graph.schedule(*graph.any_order()))


def go(island, iterations, slices=1):
    """Advance to so many iterations, in slices of as many calls."""
    slots = island.control.slots
    done = int(slots[ITERATIONS])
    for part in range(1, slices + 1):
        slots[LIMIT], slots[DEADLINE] = done + (iterations - done) * part // slices, NEVER
        island.advance()
    return island


def state(island):
    parts = [island.state.order, island.state.choice, island.state.end, island.annealing.best_order, island.annealing.kept_burden]
    return [part.tolist() for part in parts]


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_is_a_schedule_at_its_cost(kind):
    island = make_island(KINDS[kind])
    for iterations in range(0, 1500, 30):
        go(island, iterations)
        assert island.audit() is None
        assert KINDS[kind].check(island.read())


def ends_decide(shop):
    """The shop with an objective that follows from the ends of jobs."""
    return shop.replace(objective={term: rate for term, rate in shop.objective.items() if term in TERMS} or "total_completion")


@given(shops(max_operations=5), st.integers(0, 3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_states_of_any_shop_that_it_takes(shop, seed):
    shop = ends_decide(shop)
    assume(CriticalArcs().supports(shop))
    island = make_island(shop, seed=seed)
    for iterations in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144):
        go(island, iterations)
        assert island.audit() is None


@given(shops(max_operations=3, extras=False), st.sampled_from(sorted(TERMS)), st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_best_of_all_schedules_is_found(shop, term, data):
    due = [data.draw(st.integers(0, 4)) for _ in range(shop.num_jobs)]
    shop = shop.replace(objective={term: 1, "total_completion": 1}, due=due)
    assume(CriticalArcs().supports(shop))
    result = CriticalArcs().solve(shop, stop=Stop(iterations=400))
    check_result(shop, result)
    assert result.objective == textbook.optimum(shop, 6)[0]


@pytest.mark.parametrize("kind", ["job", "largest", "flexible"])
def test_small_shops_are_solved(kind):
    pytest.importorskip("ortools")
    shop = KINDS[kind]
    exact = ok.solve(shop, "cpsat", time_limit=20)
    result = CriticalArcs().solve(shop, stop=Stop(iterations=30_000))
    check_result(shop, result)
    assert exact.status is ok.Status.OPTIMAL
    assert exact.objective - 1e-9 <= result.objective <= 1.01 * exact.objective + 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_slices_and_threads_do_not_matter(kind):
    assert state(go(make_island(KINDS[kind]), 700)) == state(go(make_island(KINDS[kind]), 700, slices=13))

    def solve(n_jobs):
        return CriticalArcs(islands=2).solve(KINDS[kind], stop=Stop(iterations=1000), seed=3, n_jobs=n_jobs).solution

    assert solve(1) == solve(2)


@pytest.mark.parametrize("kind", ["job", "flexible", "open"])
def test_every_way_of_running_gives_the_same(kind):
    ways = []
    for way in ("python", "aot", "jit"):
        island = make_island(KINDS[kind])
        try:
            island.kernel = advance["plain"].using(way)
            ways.append(state(go(island, 150)))
        except Unavailable:
            continue
        if os.environ.get("OPTIKIT_KERNELS") == "python":
            break
    assert all(way == ways[0] for way in ways)


def test_a_start_is_never_worsened_and_islands_share():
    shop = KINDS["job"]
    first = CriticalArcs().solve(shop, stop=Stop(iterations=3000), seed=1)
    again = CriticalArcs().solve(shop, stop=Stop(iterations=10), seed=2, initial_solution=first)
    assert again.objective <= first.objective
    one, other = go(make_island(shop), 3000), go(make_island(shop, stream=1), 1)
    other.receive(one)
    assert other.objective() == shop.evaluate(other.read()) <= one.objective()
    other.admit(first.solution)
    go(other, 5)
    assert other.audit() is None
    assert other.objective() <= first.objective


def test_what_it_takes_and_what_not():
    def why(**fields):
        return CriticalArcs().supports(KINDS["job"].replace(**fields)).reason

    assert why() == ""
    assert "total_setup" in why(objective={"total_setup": 1, "makespan": 1})
    assert "setup times" in why(setup=np.ones((6, 6)))
    assert "deadlines" in why(deadline=500)
    with pytest.raises(UnsupportedError, match="transport"):
        CriticalArcs().solve(KINDS["job"].replace(transport=np.ones((4, 4))))


def test_auto_takes_it_where_the_ends_of_jobs_decide():
    shop = JobShop.from_arrays([RNG.permutation(6) for _ in range(12)], RNG.integers(1, 30, (12, 6)), due=100, objective=SUM)
    result = ok.solve(shop, stop=Stop(iterations=100))
    assert result.solver == "critical_arcs"
    assert ok.solve(shop.replace(setup=np.ones((12, 12))), stop=Stop(iterations=10)).solver == "general"
    # Of open shops, general finds more.
    assert ok.solve(OpenShop.from_matrix(np.ones((8, 8)), objective=SUM, due=9), stop=Stop(iterations=10)).solver == "general"

"""The searches: places are the best there are, slices change nothing, starts and suggestions are taken up."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Stop, datasets
from optikit.core.run import Run
from optikit.kernels.control import ITERATIONS, LIMIT
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop.annealing import Annealing
from optikit.scheduling.flowshop.greedy import Greedy
from optikit.scheduling.flowshop.instance import Shop, variant_of
from optikit.scheduling.flowshop.orders import by_total

from .shops import flowshops, random_shop

VARIANTS = {
    "short": {},
    "lines": {"setup": True, "release": True, "blocking": True},
    "flow": {"objective": "total_flow_time", "weight": True},
    "rigid": {"no_wait": True},
    "listed": {"machines": [2, 1, 2]},
}


def island(problem, seed=3, search=True):
    return Greedy(Shop(problem), Run(problem, Stop(), seed=seed), 0, 2, 0.7, True, search=search)


@given(flowshops(max_jobs=5))
@settings(max_examples=40)
def test_the_last_job_goes_where_the_judge_has_it_best(problem):
    """NEH by the judge: the same cost of the best place, at every insertion, as by the kernel's heads and tails."""
    if problem.factories > 1:
        return  # there the place is the best for its own factory
    shop, order = Shop(problem), by_total(problem).tolist()
    state = island(problem, search=False)
    state.control.slots[LIMIT] = 0
    state.advance()
    jobs = state.state.jobs[: problem.num_jobs].tolist()
    last = order[-1]
    rest = [job for job in jobs if job != last]
    costs = []
    for place in range(problem.num_jobs):
        line = np.array([*rest[:place], last, *rest[place:]], np.int32)
        costs.append(problem.evaluate(shop.solution(line)))
    assert problem.evaluate(shop.solution(np.array(jobs, np.int32))) == pytest.approx(min(costs), abs=2 * problem.error + 1e-9)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("factories", [1, 2])
def test_slices_change_nothing_and_sums_hold(variant, factories, monkeypatch):
    problem = random_shop(5, 9, 3, factories=factories, **VARIANTS[variant])
    assert variant_of(problem) == variant
    whole, sliced = island(problem), island(problem)
    whole.control.slots[LIMIT] = 12
    whole.advance()
    for limit in range(13):
        sliced.control.slots[LIMIT] = limit
        sliced.advance()
        assert sliced.control.slots[ITERATIONS] == limit
    for name in ("jobs", "current", "best"):
        assert getattr(whole.state, name).tolist() == getattr(sliced.state, name).tolist()
    assert whole.random.words.tolist() == sliced.random.words.tolist()
    assert whole.audit() is None
    monkeypatch.setenv("OPTIKIT_AUDIT", "1")
    ok.solve(problem, "iterated_greedy", stop=Stop(iterations=30), n_jobs=2)


@pytest.mark.compiled
def test_annealing_counts_what_the_judge_counts(monkeypatch):
    monkeypatch.setenv("OPTIKIT_AUDIT", "1")
    problem = random_shop(
        6, 8, 4, machines=[1, 2, 1, 3], setup=True, release=True, factories=2, objective="total_flow_time", weight=True
    )
    first = ok.solve(problem, "annealing", stop=Stop(iterations=3_000), seed=1)
    assert first.objective <= ok.solve(problem, "neh").objective
    again = ok.solve(problem, "annealing", stop=Stop(iterations=500), initial_solution=first, n_jobs=2)
    assert again.objective <= first.objective


def test_what_others_found_is_taken_up():
    problem = random_shop(7, 12, 5)
    better = ok.solve(problem, "iterated_greedy", stop=Stop(iterations=300)).solution
    greedy = island(problem, search=False)
    greedy.control.slots[LIMIT] = 0
    greedy.advance()
    greedy.admit(better)
    assert greedy.objective() == problem.evaluate(better)
    assert greedy.audit() is None
    free = problem.replace(permutation=False)
    annealing = Annealing(Shop(free), Run(free, Stop()), 0, 0.3, 5)
    annealing.control.slots[LIMIT] = 10
    annealing.advance()
    annealing.admit(better)
    assert annealing.objective() <= problem.evaluate(better)


@pytest.mark.compiled
def test_neh_of_ta001_is_the_published_one():
    # Taillard (1990) and many since: NEH finds 1286 on the first instance of 20 jobs on 5 machines; ties may make it 1278 to 1286.
    problem = datasets.load("flowshop/ta001")
    assert 1278 <= ok.solve(problem, "neh").objective <= 1286


@pytest.mark.compiled
def test_the_optima_of_taillards_first_are_found():
    """Published optima of 20 jobs on 5 machines; the iterations are some tenths of a second."""
    for name, optimum in (("ta001", 1278), ("ta002", 1359), ("ta003", 1081)):
        problem = datasets.load(f"flowshop/{name}")
        result = ok.solve(problem, "iterated_greedy", stop=Stop(iterations=2_000) | Stop(target=optimum))
        assert result.objective == optimum


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("fields", "best"),
    # Best known of ta001: blocking 1374 (Grabowski and Pempera 2007), no waiting 1486 (of the asymmetric tour), flow time 14033.
    [({"blocking": True}, 1374), ({"no_wait": True}, 1486), ({"objective": "total_flow_time"}, 14033)],
)
def test_best_known_values_of_the_variants_are_met_and_never_beaten(fields, best):
    problem = datasets.load("flowshop/ta001").replace(**fields)
    result = ok.solve(problem, "iterated_greedy", stop=Stop(iterations=1_500) | Stop(target=best))
    assert best <= result.objective <= 1.01 * best
    assert result.bound <= best


@pytest.mark.compiled
@pytest.mark.parametrize("seed", [46, 84])
def test_few_jobs_do_not_stay_where_they_are(seed):
    """The best of all permutations, far from where the best insertions of any two jobs lead."""
    problem = random_shop(seed, 5, 4, no_wait=True, objective="total_flow_time")
    best = min(problem.evaluate(JobSequences.permutation(order)) for order in itertools.permutations(range(5)))
    assert ok.solve(problem, "iterated_greedy", stop=Stop(iterations=5_000) | Stop(target=best)).objective == best


def test_a_large_shop_is_answered_in_time():
    rng = np.random.default_rng(1)
    problem = FlowShop(rng.integers(1, 100, (1_000, 20)), machines=[2] * 20)
    started = time.monotonic()
    result = ok.solve(problem, time_limit=1.0)
    assert time.monotonic() - started < 30, "no measurement: a search that ignores its deadline runs for minutes"
    assert problem.check(result.solution)


def test_auto_says_what_it_chose():
    assert ok.solve(FlowShop([[3, 2], [1, 4]])).solver == "johnson"
    assert ok.solve(random_shop(1, 12, 4), time_limit=0.2).solver == "iterated_greedy"
    assert ok.solve(random_shop(1, 12, 4, machines=[2, 1, 1, 1]), time_limit=0.2).solver == "annealing"
    assert ok.solve(random_shop(1, 13, 4, machines=[2, 1, 1, 1], blocking=True), time_limit=0.2).solver == "annealing"
    assert ok.solve(random_shop(1, 12, 4, permutation=False), time_limit=0.2).solver == "annealing"
    start = JobSequences.permutation(range(12))
    assert ok.solve(random_shop(1, 12, 4), time_limit=0.2, initial_solution=start).objective <= random_shop(1, 12, 4).evaluate(
        start
    )

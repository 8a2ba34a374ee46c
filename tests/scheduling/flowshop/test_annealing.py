"""Annealing of the orders of all machines: what is counted is what the judge counts, slices change nothing, optima are found."""

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
from optikit.scheduling.flowshop.annealing import Annealing
from optikit.scheduling.flowshop.arrays import COST
from optikit.scheduling.flowshop.dispatch import at_once, dispatched
from optikit.scheduling.flowshop.instance import Shop
from optikit.scheduling.flowshop.kernels.advance import advance
from optikit.scheduling.flowshop.kernels.anneal import anneal, count_from, count_plan
from optikit.scheduling.flowshop.kernels.listed import list_all
from tests.naive import flowshop as naive

from .shops import flowshops, random_shop


class Flat:
    """Arrays as a kernel sees them: in one dimension."""

    def __init__(self, arrays):
        self.arrays = arrays

    def __getattr__(self, name):
        value = getattr(self.arrays, name)
        return value.reshape(-1) if isinstance(value, np.ndarray) else value


def annealing(problem, seed=3, **given):
    run = Run(problem, Stop(), seed=seed)
    run.initial_solution = given.get("start")
    return Annealing(Shop(problem), run, 0, given.get("temperature", 0.5), given.get("greedy", 5))


@given(flowshops(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_counts_end_early_only_where_the_judge_agrees(problem, chance):
    """As plain Python, with every limit around the cost: what is promised is never more than what comes."""
    if not problem.overtaking or problem.no_wait or problem.blocking:
        return
    order = list(range(problem.num_jobs))
    chance.shuffle(order)
    start = dispatched(problem, order)
    island = annealing(problem, start=start)
    plan, instance, cost = Flat(island.plan), Flat(island.shop.instance), int(island.plan.words[COST])
    assert problem.evaluate(start) == pytest.approx(problem.units(cost), abs=2 * problem.error + 1e-9)
    for stage in range(problem.num_stages):
        assert count_from(instance, plan, stage, cost + 1) == cost
        assert count_from(instance, plan, stage, cost) >= cost
        assert count_from(instance, plan, stage, cost // 2) >= cost // 2


@given(flowshops())
@settings(max_examples=40)
def test_lists_end_early_only_where_they_cost_more(problem):
    if not problem.is_hybrid:
        return
    shop = Shop(problem)
    jobs = np.concatenate([np.arange(problem.num_jobs), shop.separators]).astype(np.int32)
    cost, state = shop.counted(jobs)
    state.trial[: len(jobs)] = jobs
    assert list_all(Flat(shop.instance), Flat(state), len(jobs), cost) == cost
    assert list_all(Flat(shop.instance), Flat(state), len(jobs), cost - 1) > cost - 1
    assert problem.units(cost) == pytest.approx(problem.evaluate(shop.solution(jobs)), abs=2 * problem.error + 1e-9)


@pytest.mark.compiled
@pytest.mark.parametrize(
    "fields",
    [
        {"machines": [3, 1, 2], "setup": True},
        {"machines": [1, 2, 2], "factories": 2, "objective": "total_flow_time", "weight": True, "release": True},
        {"permutation": False},
        {"permutation": False, "setup": True, "objective": "total_flow_time"},
    ],
)
@pytest.mark.parametrize("slow", [False, True], ids=["greedy first", "dispatched first"])
def test_slices_change_nothing(fields, slow, monkeypatch):
    """The greedy and the annealing take turns at the same moves, wherever the clock or the limit interrupts them."""
    if slow:
        monkeypatch.setattr("optikit.scheduling.flowshop.annealing.SLOW", 0.0)
    problem = random_shop(2, 8, 3, **fields)
    whole, sliced = annealing(problem), annealing(problem)
    whole.control.slots[LIMIT] = 12_000
    whole.advance()
    limits = itertools.cycle([1, 7, 500])
    while sliced.control.slots[ITERATIONS] < 12_000:
        slots = sliced.control.slots
        slots[LIMIT] = min(12_000, int(slots[ITERATIONS]) + next(limits))
        slots[DEADLINE] = now_ns() + 1_000_000
        sliced.advance()
        sliced.control.slots[DEADLINE] = NEVER
    for name in ("row", "best", "factory_of", "heat", "words"):
        assert getattr(whole.plan, name).tolist() == getattr(sliced.plan, name).tolist(), name
    assert (
        whole.first.control.slots[[ITERATIONS, MOVES, BEST]].tolist()
        == sliced.first.control.slots[[ITERATIONS, MOVES, BEST]].tolist()
    )
    assert whole.random.words.tolist() == sliced.random.words.tolist()
    assert whole.audit() is None


def test_every_way_of_running_finds_the_same(monkeypatch):
    problem, states = random_shop(5, 6, 3, machines=[2, 1, 2], setup=True), []
    for way in ("python", "aot", "jit"):
        island = annealing(problem, greedy=1)
        try:
            island.first.kernel = advance["listed"].using(way)
            monkeypatch.setattr("optikit.scheduling.flowshop.annealing.anneal", anneal.using(way))
            monkeypatch.setattr("optikit.scheduling.flowshop.annealing.count_plan", count_plan.using(way))
        except Unavailable:
            continue
        island.control.slots[LIMIT] = 1_600  # moves: the probes, a round, a turn of the greedy, and some of the next round
        island.advance()
        assert island.begins == 1_100, "the second round is under way"
        plan = island.plan
        states.append([part.tolist() for part in (plan.row, plan.best, plan.heat, island.random.words)])
        if os.environ.get("OPTIKIT_KERNELS") == "python":
            break
    assert all(state == states[0] for state in states)


def test_what_is_dispatched_at_once_is_best_on_one_machine():
    """Smith's rule (1956): by duration over weight."""
    problem = random_shop(4, 6, 1, objective="total_flow_time", weight=True)
    best = min(problem.evaluate(JobSequences.permutation(order)) for order in itertools.permutations(range(6)))
    assert problem.evaluate(at_once(problem)) == best


@pytest.mark.compiled
@pytest.mark.parametrize("seed", range(3))
def test_a_late_bottleneck_is_lined_up_for_its_setups(seed):
    """As many machines as jobs, then one with setups: its order alone decides, and all orders are tried here."""
    rng = np.random.default_rng(seed)
    n = 7
    durations, setup = rng.integers(1, 30, (n, 2)), np.zeros((2, n, n), int)
    setup[1] = rng.integers(1, 200, (n, n))
    problem = FlowShop(durations, machines=[n, 1], setup=setup)
    best = None
    for order in itertools.permutations(range(n)):
        free, before = 0, None
        for job in order:
            free = max(durations[job, 0], free + (0 if before is None else setup[1][before, job])) + durations[job, 1]
            before = job
        best = free if best is None else min(best, free)
    result = ok.solve(problem, "annealing", stop=Stop(iterations=30_000) | Stop(target=float(best)))
    assert result.objective == best


@pytest.mark.compiled
@given(flowshops())
@settings(max_examples=25)
def test_small_shops_are_solved(problem):
    if not problem.overtaking or problem.no_wait or problem.blocking or problem.factories > 1:
        return
    best = naive.optimum(problem)
    result = ok.solve(problem, "annealing", stop=Stop(iterations=4_000) | Stop(target=best + 1e-9))
    assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9)

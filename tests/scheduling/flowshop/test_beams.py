"""The beam search of plain lines: with room for all nodes it is exact; slices change nothing; what it finds is taken up."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop, datasets
from optikit.core.run import Run
from optikit.kernels.clock import now_ns
from optikit.kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, NEVER, Control
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop.arrays import COUNT, ENDED, MAKESPAN
from optikit.scheduling.flowshop.beams import Beams
from optikit.scheduling.flowshop.greedy import Greedy
from optikit.scheduling.flowshop.instance import Shop

from .shops import random_shop

LARGE = 2**40


def ended(problem, width, below=LARGE, idleness=0.1, slices=None):
    """A beam of that width, gone through to its end."""
    beams, control = Beams(Shop(problem), 0), Control.fresh()
    beams.width, beams.idleness = width, idleness
    beams.begin(below)
    beam = beams.beam
    while not beams.advance(control):
        assert slices is not None, "without a deadline it ends"
        control.slots[DEADLINE] = now_ns() + slices
    assert beams.end() is None if beam.words[ENDED] == 1 else beam.words[ENDED] == 2
    return beam


def island(problem, beams=True):
    return Greedy(Shop(problem), Run(problem, Stop(), seed=3), 0, 2, 0.4, True, beams=beams)


@st.composite
def lines(draw):
    """Zeros, ties and large numbers."""
    n, m = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    number = draw(st.sampled_from([st.integers(0, 2), st.integers(0, 99), st.integers(0, 2**24)]))
    return FlowShop(np.array(draw(st.lists(number, min_size=n * m, max_size=n * m))).reshape(n, m))


@given(lines(), st.sampled_from([0.0, 1e-5, 0.3]))
@settings(max_examples=20, deadline=None)
def test_with_room_for_all_nodes_it_is_exact(problem, idleness):
    n = problem.num_jobs
    best = min(problem.evaluate(JobSequences.permutation(order)) for order in permutations(range(n)))
    beam = ended(problem, 100, idleness=idleness)
    assert beam.words[MAKESPAN] == problem.lattice.ticks(best)
    assert sorted(beam.jobs.tolist()) == list(range(n))
    assert problem.evaluate(JobSequences.permutation(beam.jobs.tolist())) == best
    assert ended(problem, 100, below=int(beam.words[MAKESPAN])).words[ENDED] == 1, "nothing is below the optimum"


def test_a_narrow_beam_finds_line_ups_that_cost_what_it_says():
    problem = random_shop(5, 14, 6)
    for width in (1, 3, 20):
        beam = ended(problem, width)
        assert problem.evaluate(JobSequences.permutation(beam.jobs.tolist())) == beam.words[MAKESPAN]
        assert beam.words[COUNT] <= width


def test_time_slices_of_a_beam_change_nothing():
    problem = random_shop(6, 12, 5)
    whole, sliced = ended(problem, 12), ended(problem, 12, slices=2_000_000)
    for field in ("jobs", "parents", "moves", "key", "words"):
        assert getattr(whole, field).tolist() == getattr(sliced, field).tolist()


def test_turns_depend_on_iterations_alone():
    problem = random_shop(7, 10, 4)
    whole, sliced = island(problem), island(problem)
    whole.control.slots[LIMIT] = 8
    whole.advance()
    for limit in range(9):
        sliced.control.slots[LIMIT] = limit
        while sliced.control.slots[ITERATIONS] < limit or sliced.control.slots[BEST] == NEVER:
            sliced.control.slots[DEADLINE] = now_ns() + 3_000_000
            sliced.advance()
    assert whole.state.best.tolist() == sliced.state.best.tolist()
    assert whole.state.current.tolist() == sliced.state.current.tolist()
    assert whole.random.words.tolist() == sliced.random.words.tolist()
    assert whole.beams.width == sliced.beams.width > 8
    assert whole.audit() is None


def test_beams_are_for_the_makespan_of_plain_lines_of_one_factory():
    assert island(random_shop(1, 5, 3)).beams is not None
    for fields in (
        {"factories": 2},
        {"setup": True},
        {"blocking": True},
        {"objective": "total_flow_time"},
        {"machines": [2, 1, 1]},
    ):
        assert island(random_shop(1, 5, 3, **fields)).beams is None
    assert island(random_shop(1, 5, 3), beams=False).beams is None


def test_it_ends_when_the_widest_beams_have_found_nothing(monkeypatch):
    monkeypatch.setattr("optikit.scheduling.flowshop.beams.WIDEST", 4)
    greedy = island(random_shop(2, 4, 3))
    greedy.control.slots[LIMIT] = 400
    greedy.advance()
    assert greedy.until == NEVER
    assert greedy.audit() is None


def test_jobs_of_the_same_times_do_not_fill_the_beam():
    """Six of one kind and one of another: the orders differ in where that one is, and so do the nodes of a level."""
    problem = FlowShop([[3, 1, 2]] * 6 + [[1, 5, 1]])
    beam = ended(problem, 20)
    assert beam.words[COUNT] <= 7
    best = min(problem.evaluate(JobSequences.permutation([*range(at), 6, *range(at, 6)])) for at in range(7))
    assert beam.words[MAKESPAN] == best


@pytest.mark.compiled
def test_a_beam_is_better_than_many_iterations_on_a_hard_shop():
    """Taillard's ta056, 50 jobs on 20 machines, optimum 3679: NEH is 5 % above, a beam of 100 nodes about 2 %."""
    problem = datasets.load("flowshop/ta056")
    beam = ended(problem, 100, below=3920, idleness=0.1)
    assert 3679 <= beam.words[MAKESPAN] < ok.solve(problem, "neh").objective

"""Cycles of annealing: they fill what is known of the time, and grow where nothing is."""

import pytest

from optikit import Stop
from optikit.core.run import Run
from optikit.kernels.control import ITERATIONS, Control
from optikit.scheduling import JobShop
from optikit.scheduling.shop.arcs import CriticalArcs
from optikit.scheduling.shop.cycle_arrays import BY_CLOCK, RISE, RISES, SPAN, TOP
from optikit.scheduling.shop.cycles import Cycles
from optikit.scheduling.shop.general import General

SHOP = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])


def spans(stop, count, stream=0, islands=1, solver=None):
    cycles = Cycles(solver or General(), Run(SHOP, stop), Control.fresh(), stream, islands, sample=50, span=100)
    for _ in range(count):
        cycles.begin()
        assert not cycles.now.words[BY_CLOCK]
        yield int(cycles.now.words[SPAN])
        cycles.control.slots[ITERATIONS] += cycles.now.words[SPAN]


@pytest.mark.parametrize("solver", [General(), CriticalArcs(cycles=2)])
def test_islands_share_the_iterations_out_to_the_last(solver):
    used = [sum(spans(Stop(iterations=10_001), 1 + solver.cycles, stream, 2, solver)) for stream in (0, 1)]
    assert used == [5001, 5000]


def test_without_a_limit_they_grow():
    assert list(spans(Stop(stall=5), 4)) == [50, 200, 400, 800]


def test_temperatures_are_in_mean_rises_of_the_first_one():
    cycles = Cycles(General(hot=2, warm=1), Run(SHOP, Stop(time=60)), Control.fresh(), 0, 1, sample=50, span=100)
    cycles.begin()
    cycles.now.words[RISES], cycles.now.reals[RISE] = 4, 12.0
    tops = [float(cycles.now.reals[TOP])]
    for _ in range(3):
        cycles.begin()
        assert cycles.now.words[BY_CLOCK]
        tops.append(float(cycles.now.reals[TOP]))
    assert tops == [0, 6, 3, 3]


@pytest.mark.parametrize(("enough", "tops"), [(0, [6, 3]), (9_950, [6, 3]), (4 * 9_950, [3, 1.5])])
def test_where_few_iterations_are_left_cycles_begin_colder(enough, tops):
    run = Run(SHOP, Stop(iterations=10_000))
    cycles = Cycles(CriticalArcs(hot=2, warm=1), run, Control.fresh(), 0, 1, sample=50, span=100, enough=enough)
    cycles.begin()
    cycles.now.words[RISES], cycles.now.reals[RISE] = 4, 12.0
    cycles.control.slots[ITERATIONS] = 50
    for top in tops:
        cycles.begin()
        assert float(cycles.now.reals[TOP]) == pytest.approx(top)

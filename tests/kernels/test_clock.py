"""The clock and the stop flag are those of the thread that waits."""

import threading

import pytest

from optikit.kernels.clock import now_ns
from optikit.kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, NEVER, STOP, Control

from .toys.spin import spin


def test_kernels_read_the_clock_by_which_deadlines_are_set(way):
    c = Control.fresh()
    c.slots[DEADLINE] = before = now_ns()
    spin.using(way)(c)
    assert before <= spin.using(way)(c) <= now_ns()


@pytest.mark.parametrize("rounds", range(3))
def test_a_flag_raised_by_another_thread_stops_the_kernel(way, rounds):
    """Long before its deadline; the thread runs at all only because the kernel has let go of the GIL."""
    c = Control.fresh()
    run = spin.using(way)
    compiled = Control.fresh()
    compiled.slots[DEADLINE] = 0
    run(compiled)  # or the flag is up before the kernel is there
    c.slots[DEADLINE] = now_ns() + 60_000_000_000
    timer = threading.Timer(0.02, c.slots.__setitem__, (STOP, 1))
    timer.start()
    ended = run(c)
    timer.join()
    assert ended < c.slots[DEADLINE]
    assert c.slots[ITERATIONS] > 0


def test_a_fresh_control_block_stops_nothing():
    c = Control.fresh()
    assert c.slots[STOP] == 0
    assert {int(c.slots[slot]) for slot in (DEADLINE, LIMIT, BEST)} == {NEVER}

"""A kernel that goes on until it is told to stop."""

from optikit.kernels.clock import now_ns
from optikit.kernels.control import ITERATIONS, Control, out_of_time
from optikit.kernels.jit import i8, kernel


@kernel
def spin(c: Control) -> i8:
    rounds = 0
    while not out_of_time(c):
        rounds += 1
    c.slots[ITERATIONS] += rounds
    return now_ns()

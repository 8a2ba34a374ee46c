"""Where a cycle of annealing stands: what its two searches share, once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i8, scalar

# Slots of Cycle.words.
OVER = 0  # whether the cycle is over
BY_CLOCK = 1  # whether BEGIN and SPAN are nanoseconds, else iterations
BEGIN = 2
SPAN = 3
RISES = 4  # trials of this cycle that cost more: the measure of the temperature is how much more

# Slots of Cycle.reals.
TEMPERATURE = 0
TOP = 1  # temperature at which the cycle began
RISE = 2  # what the trials of RISES cost more, in all


class Cycle(Arrays):
    """A cycle of annealing: its time and its temperature."""

    cold = scalar(f8, "the temperature at the end, as a part of that at the start")
    words = array(i8, "5", "see the slots above", mutable=True)
    reals = array(f8, "3", "see the slots above", mutable=True)

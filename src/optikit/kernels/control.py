"""The control block: what a search and the thread that drives it tell each other."""

from __future__ import annotations

from typing import Any

from optikit.kernels.clock import load_relaxed, now_ns
from optikit.kernels.jit import Arrays, array, i8, inline

STOP = 0  # not 0: return soon; any thread may write it
DEADLINE = 1  # return soon after this time of now_ns()
ITERATIONS = 2  # done so far
LIMIT = 3  # stop when ITERATIONS reaches it
BEST = 4  # best cost so far, in ticks
IMPROVED = 5  # ITERATIONS at the last improvement
MOVES = 6  # work done so far, in a deterministic unit

NEVER = 2**63 - 1  # a deadline or a limit that is not reached


class Control(Arrays):
    """Sixteen words shared by a kernel and its driver; the slots beyond MOVES belong to the family."""

    slots = array(i8, "16", "STOP, DEADLINE, ITERATIONS, LIMIT, BEST, IMPROVED, MOVES, then the family's own",
                  mutable=True)  # fmt: skip

    @classmethod
    def fresh(cls) -> Control:
        """A control block that stops nothing: no deadline, no limit, no best cost yet (NEVER)."""
        control = cls.empty()
        control.slots[[DEADLINE, LIMIT, BEST]] = NEVER
        return control


@inline
def out_of_time(c: Any) -> Any:
    """Whether to return to Python: the stop flag is up or the deadline has passed. Ask every few hundred moves."""
    return load_relaxed(c.slots, STOP) != 0 or now_ns() >= c.slots[DEADLINE]

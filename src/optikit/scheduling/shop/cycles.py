"""Cycles of annealing: how hot each begins, and how long it lasts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...core.run import Run
from ...kernels.clock import now_ns
from ...kernels.control import ITERATIONS, Control
from .cycle_arrays import BEGIN, BY_CLOCK, OVER, RISE, RISES, SPAN, TOP, Cycle

if TYPE_CHECKING:
    from .arcs import CriticalArcs
    from .general import General


class Cycles:
    """One cycle after the other, within the known time or iterations; without a limit they grow.

    The first, number 0, is a short descent that measures what a change costs; the temperatures of the others are in that unit.

    Parameters
    ----------
    solver : General or CriticalArcs
        Its temperatures, and how many cycles.
    run : Run
    control : Control
        Of the island, which counts its iterations.
    stream, islands : int
        Which island of how many, since they share the iterations.
    sample : int
        Iterations of the first cycle, at most.
    span : int
        Iterations of the next one where nothing limits the run; those that follow take twice as long each.
    enough : int
        Iterations from which on the given temperatures pay; where there is no time for so many, cycles begin colder, by the square
        root of their part. 0: never.
    """

    def __init__(
        self,
        solver: General | CriticalArcs,
        run: Run,
        control: Control,
        stream: int,
        islands: int,
        *,
        sample: int,
        span: int,
        enough: int = 0,
    ) -> None:
        self.solver, self.run, self.control, self.span, self.enough = solver, run, control, span, enough
        self.now = Cycle.empty(cold=solver.cold)
        self.number = -1
        self.share = None
        if run.stop.iterations is not None:
            self.share = max(1, (run.stop.iterations + islands - 1 - stream) // islands)
        self.sample = sample if self.share is None else max(1, min(sample, self.share // 20))
        self._unit, self._since = 0.0, 0

    def begin(self) -> None:
        """The next one begins."""
        words, reals = self.now.words, self.now.reals
        self.number += 1
        if self.number == 0:
            top, span, by_clock = 0.0, self.sample, False
            self._since = now_ns()
        else:
            if self.number == 1:
                self._unit = float(reals[RISE]) / max(1, int(words[RISES])) * self._heat()
            top = self._unit * (self.solver.hot if self.number == 1 else self.solver.warm)
            span, by_clock = self._length()
        words[[RISES, OVER]] = 0
        words[BY_CLOCK], words[SPAN] = by_clock, span
        words[BEGIN] = now_ns() if by_clock else self.control.slots[ITERATIONS]
        reals[RISE], reals[TOP] = 0.0, top

    def _heat(self) -> float:
        """What part of the given temperatures the iterations that are left suffice for."""
        done = int(self.control.slots[ITERATIONS])
        if self.share is not None:
            left = float(self.share - done)
        elif self.run.deadline is not None:
            left = done / max(1, now_ns() - self._since) * 1e9 * max(0.0, self.run.remaining)
        else:
            return 1.0
        return min(1.0, math.sqrt(max(0.0, left) / self.enough)) if self.enough else 1.0

    def _length(self) -> tuple[int, bool]:
        """Of the cycle that begins: iterations, or nanoseconds."""
        left = max(1, self.solver.cycles - self.number + 1)
        if self.share is not None:
            return max(1, (self.share - int(self.control.slots[ITERATIONS])) // left), False
        if self.run.deadline is not None:
            # The last one is over a moment before the end of the time.
            return max(1, int(0.98e9 * self.run.remaining / left)), True
        return self.span << min(self.number, 30), False

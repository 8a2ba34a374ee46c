"""The clock of kernels, and the flag that another thread raises."""

from __future__ import annotations

import sys
import time
from typing import Any

from optikit.kernels.jit import intrinsic

# A deadline that Python sets is compared with the clock that compiled code reads, so both must be the same clock.
if sys.platform == "win32":

    @intrinsic
    def now_ns() -> int:
        """Nanoseconds of the clock by which deadlines are set; QueryPerformanceCounter."""
        return time.perf_counter_ns()

elif sys.platform == "darwin":

    @intrinsic
    def now_ns() -> int:
        """Nanoseconds of the clock by which deadlines are set; CLOCK_UPTIME_RAW, which halts during sleep."""
        return time.clock_gettime_ns(time.CLOCK_UPTIME_RAW)

else:

    @intrinsic
    def now_ns() -> int:
        """Nanoseconds of the clock by which deadlines are set; CLOCK_MONOTONIC."""
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


@intrinsic
def load_relaxed(p: Any, i: int) -> int:
    """``p[i]`` of an 8-byte integer array, read anew each time.

    A plain read of a word that only another thread writes may be moved out of the loop that polls it.
    """
    value: int = p[i]
    return value

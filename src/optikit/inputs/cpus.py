"""How many CPUs this process may use."""

from __future__ import annotations

import math
import os

QUOTAS = (
    ("/sys/fs/cgroup/cpu.max",),
    ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
)
"""Where the cgroups of Linux, second and first version, keep the microseconds that a container may use in each period."""


def usable_cpus() -> int:
    """CPUs of the machine, less those that affinity or a container's quota takes away; at least 1.

    Without joblib, whose count is the same, as importing it costs more than a short solve may.
    """
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        allowed = os.process_cpu_count()
    elif hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count()
    return max(1, min(allowed or 1, quota()))


def _text_of(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def quota() -> int:
    """CPUs that a container's quota comes to, rounded up; without one, more than there are."""
    for paths in QUOTAS:
        try:
            words = " ".join(map(_text_of, paths)).split()
            share, period = int(words[0]), int(words[1])
        except (OSError, ValueError, IndexError):  # no such file, or "max"
            continue
        if share > 0 and period > 0:
            return math.ceil(share / period)
    return 2**31

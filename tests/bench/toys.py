"""Solvers whose runs take a known time, leave a mark, or kill the process that does them."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from optikit import Capabilities, Problem, Solver, StopReason
from optikit.bench import Suite
from optikit.core.run import Outcome, Run
from tests.core.toy import Choose

NAPS = Capabilities(exact=True, bounds=True, seeded=True)


@dataclass(frozen=True)
class Napping(Solver):
    """Sleeps, finds the optimum, and leaves a line in a log: one for each time that a run was done."""

    name: ClassVar[str] = "napping"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = NAPS
    seconds: float = 0.01
    log: str = ""

    def _run(self, problem: Choose, run: Run) -> Outcome:
        time.sleep(self.seconds)
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{problem.fingerprint} {run.seed}\n")
        best = problem.optimum()
        return Outcome(StopReason.PROVEN, best, bound=problem.evaluate(best))


@dataclass(frozen=True)
class Dying(Solver):
    """Kills its process: always, or once, as long as ``mark`` is not there."""

    name: ClassVar[str] = "dying"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = NAPS
    mark: str = ""

    def _run(self, problem: Choose, run: Run) -> Outcome:
        if not self.mark or not Path(self.mark).exists():
            if self.mark:
                Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        best = problem.optimum()
        return Outcome(StopReason.PROVEN, best, bound=problem.evaluate(best))


@dataclass(frozen=True)
class Raising(Solver):
    """A defect."""

    name: ClassVar[str] = "raising"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = NAPS

    def _run(self, problem: Choose, run: Run) -> Outcome:
        raise ZeroDivisionError("of a solver, \0 and \udc80")


@dataclass(frozen=True)
class Leaving(Solver):
    """Calls `sys.exit`."""

    name: ClassVar[str] = "leaving"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = NAPS

    def _run(self, problem: Choose, run: Run) -> Outcome:
        sys.exit(3)


def problems(count: int) -> dict[str, Choose]:
    """Instances of some items each, all different."""
    return {f"choose-{k}": Choose(np.arange(5.0) * (k + 1), 2) for k in range(count)}


def naps(count: int, seeds: int, log: Path | str = "", seconds: float = 0.01, name: str = "naps") -> Suite:
    """A suite of ``count x seeds`` runs."""
    return Suite(problems(count), {"nap": Napping(seconds=seconds, log=str(log))}, seeds=seeds, time_limit=60, name=name)

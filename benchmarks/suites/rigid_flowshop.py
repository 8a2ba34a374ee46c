"""Flow shops whose jobs do not wait, or block: optikit, its greedy alone and CP-SAT side by side.

First hybrid shops drawn at random, each without waiting and with blocking: 10 to 100 jobs, 3 to 10 stages of 2 to 4 machines, in
every third shop some of one; every other one has durations in proportion to its machines. Then Taillard's shops without waiting:
there the makespan is the length of a tour, which `auto` searches. Excess over the best value found here.

    python -m benchmarks.suites.rigid_flowshop --seconds 5 --seeds 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.quality import Quality

DRAWN = 2027
"""The seed of all shops; nothing was chosen on them."""


@dataclass(frozen=True)
class Rigid:
    """A shop by its number and what its jobs do: an instance of a suite."""

    name: str
    best_known: float | None = None
    bound: float | None = None

    @property
    def key(self) -> str:
        return f"rigid/{self.name}"

    def load(self) -> Any:
        rule, _, which = self.name.rpartition(" ")
        if which.startswith("ta"):
            return ok.datasets.load(f"flowshop/{which}").replace(no_wait=True)
        number = int(which)
        rng = np.random.default_rng([DRAWN, number])
        jobs, stages = int(rng.choice([10, 15, 20, 30, 50, 100])), int(rng.integers(3, 11))
        machines = rng.integers(2, 5, stages)
        if number % 3 == 0:
            machines[rng.integers(0, stages, 1 + stages // 3)] = 1
        durations = rng.integers(1, 100, (jobs, stages)) * (machines if number % 2 else 1)
        return ok.scheduling.FlowShop(durations, machines=machines, no_wait=rule == "no-wait", blocking=rule == "blocking")


class OfRigid(Quality):
    """The measurement, on shops that are made here."""

    def chosen(self, names: list[str]) -> Any:
        return [Rigid(name) for name in names]


RIGID_FLOWSHOP = OfRigid(
    name="rigid_flowshop",
    title="Hybrid flow shops without waiting or with blocking: excess over the best value found here",
    family="flowshop",
    instances=tuple(f"{rule} {number:02d}" for number in range(12) for rule in ("no-wait", "blocking")),
    tuned_on=(),
    solvers={"optikit": "annealing", "iterated_greedy": "iterated_greedy", "cpsat": "cpsat"},
    peers=("cpsat",),
    packages=("ortools",),
    seconds=5.0,
    seeds=(1,),
)

NO_WAIT_FLOWSHOP = OfRigid(
    name="no_wait_flowshop",
    title="Taillard's flow shops without waiting: excess over the best value found here",
    family="flowshop",
    instances=tuple(f"no-wait {name}" for name in ("ta001", "ta011", "ta021", "ta031", "ta041", "ta051", "ta061", "ta071", "ta081",
                                                   "ta091", "ta101", "ta111")),
    tuned_on=(),
    solvers={"optikit": "auto", "iterated_greedy": "iterated_greedy"},
    seconds=5.0,
    seeds=(1,),
)  # fmt: skip

if __name__ == "__main__":
    RIGID_FLOWSHOP.main(__doc__)
    NO_WAIT_FLOWSHOP.main(__doc__)

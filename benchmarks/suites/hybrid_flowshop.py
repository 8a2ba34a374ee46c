"""Hybrid flow shops drawn at random: optikit, its greedy alone and CP-SAT side by side, excess over the best value found here.

10 to 200 jobs, 2 to 10 stages of up to 2, 4, 8 or 15 machines, at least 2 at the first; no setups, short or long ones; makespan and
total flow time by turns. Every other shop has durations in proportion to its machines, so that no stage is the bottleneck.

    python -m benchmarks.suites.hybrid_flowshop --seconds 5 --seeds 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.quality import Quality

DRAWN = 2026
"""The seed of all shops; nothing was chosen on them."""

LONGEST_SETUP = (0, 20, 100)


@dataclass(frozen=True)
class Drawn:
    """A shop by its number: an instance of a suite."""

    number: int
    best_known: float | None = None
    bound: float | None = None

    @property
    def key(self) -> str:
        return f"hybrid/{self.number:02d}"

    def load(self) -> Any:
        rng = np.random.default_rng([DRAWN, self.number])
        jobs, stages = int(rng.choice([10, 15, 20, 30, 50, 80, 120, 200])), int(rng.integers(2, 11))
        machines = rng.integers(1, int(rng.choice([2, 4, 8, 15])) + 1, stages)
        machines[0] = max(2, machines[0])
        durations = rng.integers(1, 100, (jobs, stages)) * (machines if self.number % 2 else 1)
        longest = int(rng.choice(LONGEST_SETUP))
        return ok.scheduling.FlowShop(
            durations,
            machines=machines,
            setup=rng.integers(1, longest, (stages, jobs, jobs)) if longest else None,
            objective=("makespan", "total_flow_time")[self.number // 2 % 2],
        )


class OfDrawn(Quality):
    """The measurement, on shops that are made here."""

    def chosen(self, names: list[str]) -> Any:
        return [Drawn(int(name)) for name in names]


HYBRID_FLOWSHOP = OfDrawn(
    name="hybrid_flowshop",
    title="Hybrid flow shops: excess over the best value found here",
    family="flowshop",
    instances=tuple(f"{number:02d}" for number in range(24)),
    tuned_on=(),
    solvers={"optikit": "annealing", "iterated_greedy": "iterated_greedy", "cpsat": "cpsat"},
    peers=("cpsat",),
    packages=("ortools",),
    seconds=5.0,
    seeds=(1,),
)

if __name__ == "__main__":
    HYBRID_FLOWSHOP.main(__doc__)

"""Distributed flow shops drawn at random: optikit and CP-SAT side by side, excess over the best makespan found here.

20 to 100 jobs on 5 to 20 machines, in 2 to 6 factories.

    python -m benchmarks.suites.distributed_flowshop --seconds 2 --seeds 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.quality import Quality

DRAWN = 2028
"""The seed of all shops; nothing was chosen on them."""


@dataclass(frozen=True)
class Distributed:
    """A shop by its jobs, machines and factories: an instance of a suite."""

    name: str
    best_known: float | None = None
    bound: float | None = None

    @property
    def key(self) -> str:
        return f"distributed/{self.name}"

    def load(self) -> Any:
        jobs, machines, factories = map(int, self.name.split("x"))
        rng = np.random.default_rng([DRAWN, jobs, machines, factories])
        return ok.scheduling.FlowShop(rng.integers(1, 100, (jobs, machines)), factories=factories)


class OfDistributed(Quality):
    """The measurement, on shops that are made here."""

    def chosen(self, names: list[str]) -> Any:
        return [Distributed(name) for name in names]


DISTRIBUTED_FLOWSHOP = OfDistributed(
    name="distributed_flowshop",
    title="Distributed flow shops: excess over the best makespan found here",
    family="flowshop",
    instances=("20x5x2", "20x10x4", "30x5x3", "30x10x2", "40x5x4", "50x10x2", "50x5x6", "60x20x6", "80x20x3", "100x10x4"),
    tuned_on=(),
    solvers={"optikit": "auto", "cpsat": "cpsat"},
    peers=("cpsat",),
    packages=("ortools",),
    seconds=2.0,
    seeds=(1,),
)

if __name__ == "__main__":
    DISTRIBUTED_FLOWSHOP.main(__doc__)

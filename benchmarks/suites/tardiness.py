"""Weighted tardiness of job shops: optikit and CP-SAT side by side, gap to the best value known, or else found here.

Due dates are f times the work of each job, and weights 4, 2 and 1 for the first fifth of the jobs, the next three and the last
(Singer and Pinedo, "A computational study of branch and bound techniques for minimizing the total weighted tardiness in job shops",
IIE Transactions 30, 1998).

python -m benchmarks.suites.tardiness --seconds 10 --seeds 1
python -m benchmarks.suites.tardiness --instances FOLDER         # files that are there already; Taillard's are made, others fetched
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.quality import Quality

FACTOR = 1.3
"""Due dates: f of Singer and Pinedo, who take 1.3 to 1.6."""

KNOWN = {"ft10": 1363.0, "la16": 1169.0, "orb03": 2111.0}
"""Optima at 1.3."""


@dataclass(frozen=True)
class Tardiness:
    """A job shop with due dates and weights: an instance of a suite."""

    key: str
    made_of: Any
    best_known: float | None = None
    bound: float | None = None

    def load(self) -> Any:
        shop = self.made_of.load()
        work = np.add.reduceat(shop.duration, shop.job_ptr[:-1])
        fifth = shop.num_jobs // 5
        weight = np.repeat([4, 2, 1], [fifth, shop.num_jobs - 2 * fifth, fifth])
        return shop.replace(due=np.floor(FACTOR * work), weight=weight, objective="total_tardiness")


class OfTardiness(Quality):
    """The measurement, on job shops that are given due dates."""

    def chosen(self, names: list[str]) -> Any:
        shops = {shop.key.rpartition("/")[2]: shop for shop in ok.datasets.select(self.family, names=names)}
        return [Tardiness(f"tardiness/{name}", shop, KNOWN.get(name)) for name, shop in shops.items()]


TARDINESS = OfTardiness(
    name="tardiness",
    title=f"Weighted tardiness of job shops, due dates at {FACTOR} times the work: gap to the best known or found value",
    family="jobshop",
    instances=("ft10", "la16", "orb03", "la38", "abz8", "ta01", "ta11", "ta21", "ta31"),
    tuned_on=("ft10", "orb03", "ta01", "ta21"),
    solvers={"optikit": "critical_arcs", "general": "general", "cpsat": "cpsat"},
    peers=("cpsat",),
    packages=("ortools",),
    seconds=10.0,
)

if __name__ == "__main__":
    TARDINESS.main(__doc__)

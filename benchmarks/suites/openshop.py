"""Open shop quality: optikit and CP-SAT side by side, gap to the best known makespan after a wall-clock limit.

python -m benchmarks.suites.openshop --seconds 30 --seeds 1      # Taillard's, which need no download
"""

from __future__ import annotations

from benchmarks.quality import Quality

OPENSHOP = Quality(
    name="openshop",
    title="Open shop: gap to the best known makespan",
    family="openshop",
    instances=("ta5x5_8os", "ta7x7_3os", "ta7x7_6os", "ta10x10_6os", "ta10x10_10os", "ta15x15_2os", "ta20x20_4os", "ta20x20_9os"),
    tuned_on=("ta5x5_8os", "ta10x10_10os", "ta15x15_2os", "ta20x20_4os"),
    solvers={"optikit": "auto", "cpsat": "cpsat"},
    two_cores={"optikit, n_jobs=2": {"solver": "auto", "n_jobs": 2}},
    usual=("optikit", "cpsat"),
    peers=("cpsat",),
    packages=("ortools",),
)

if __name__ == "__main__":
    OPENSHOP.main(__doc__)

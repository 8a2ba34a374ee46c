"""Flow shop quality: optikit and CP-SAT side by side, gap to the best known makespan after a wall-clock limit.

    python -m benchmarks.suites.flowshop --seconds 30 --seeds 1
    python -m benchmarks.suites.flowshop --solvers optikit cpsat --only ta086

Taillard's permutation flow shops, 50 jobs on 20 machines to 500 on 20, regenerated from their seeds.
"""

from __future__ import annotations

from benchmarks.quality import Quality

FLOWSHOP = Quality(
    name="flowshop",
    title="Permutation flow shop: gap to the best known makespan",
    family="flowshop",
    instances=("ta051", "ta056", "ta081", "ta086", "ta101", "ta106", "ta111", "ta116"),
    tuned_on=("ta056", "ta086", "ta106"),
    solvers={"optikit": "auto", "cpsat": "cpsat", "neh": "neh"},
    two_cores={"optikit, n_jobs=2": {"solver": "auto", "n_jobs": 2}},
    usual=("optikit",),
    peers=("cpsat",),
    packages=("ortools",),
    seconds=30.0,
    seeds=(1,),
)

if __name__ == "__main__":
    FLOWSHOP.main(__doc__)

"""Job shop quality: optikit, CP-SAT and PyJobShop side by side, gap to the best known makespan after a wall-clock limit.

python -m benchmarks.suites.jobshop --seconds 30 --seeds 1
python -m benchmarks.suites.jobshop --instances FOLDER           # files that are there already; Taillard's are made, others fetched
"""

from __future__ import annotations

from benchmarks.quality import Quality

JOBSHOP = Quality(
    name="jobshop",
    title="Job shop: gap to the best known makespan",
    family="jobshop",
    instances=("abz8", "swv03", "swv12", "yn2", "ta13", "ta21", "ta26", "ta33", "ta41", "ta48", "ta54", "ta62"),
    tuned_on=("abz8", "swv03", "swv12", "yn2", "ta21", "ta41"),
    solvers={
        "optikit": "tabu",
        "cpsat": "cpsat",
        "pyjobshop": "benchmarks.peers.pyjobshop:PyJobShop",
    },
    two_cores={"optikit, n_jobs=2": {"solver": "auto", "n_jobs": 2}, "cpsat, n_jobs=2": {"solver": "cpsat", "n_jobs": 2}},
    usual=("optikit", "cpsat"),
    peers=("cpsat", "pyjobshop"),
    packages=("ortools", "pyjobshop"),
)

if __name__ == "__main__":
    JOBSHOP.main(__doc__)

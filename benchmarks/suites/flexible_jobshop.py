"""Flexible job shop quality: optikit, CP-SAT and PyJobShop side by side, gap to the best known makespan after a wall-clock limit.

python -m benchmarks.suites.flexible_jobshop --seconds 30 --seeds 1
python -m benchmarks.suites.flexible_jobshop --instances FOLDER  # files that are there already; others are fetched
"""

from __future__ import annotations

from benchmarks.quality import Quality

FLEXIBLE_JOBSHOP = Quality(
    name="flexible_jobshop",
    title="Flexible job shop: gap to the best known makespan",
    family="flexible-jobshop",
    instances=(
        "flexible-jobshop/BehnkeGeiger2012/behnke39",
        "flexible-jobshop/BehnkeGeiger2012/behnke53",
        "flexible-jobshop/Brandimarte1993/mk05",
        "flexible-jobshop/ChambersBarnes1996/mt10xy",
        "flexible-jobshop/DauzerePeresPaulli1994/01a",
        "flexible-jobshop/DauzerePeresPaulli1994/17a",
        "flexible-jobshop/HurinkJurischThole1994-edata/la27",
        "flexible-jobshop/HurinkJurischThole1994-rdata/la25",
        "flexible-jobshop/HurinkJurischThole1994-sdata/la39",
        "flexible-jobshop/HurinkJurischThole1994-vdata/abz9",
    ),
    tuned_on=(
        "behnke39",
        "behnke53",
        "17a",
        "la25",
        "abz9",
    ),
    solvers={
        "optikit": "tabu",
        "cpsat": "cpsat",
        "pyjobshop": "benchmarks.peers.pyjobshop:PyJobShop",
    },
    two_cores={"optikit, n_jobs=2": {"solver": "auto", "n_jobs": 2}},
    usual=("optikit", "pyjobshop"),
    peers=("cpsat", "pyjobshop"),
    packages=("ortools", "pyjobshop"),
)

if __name__ == "__main__":
    FLEXIBLE_JOBSHOP.main(__doc__)

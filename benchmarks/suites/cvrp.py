"""CVRP quality: optikit, PyVRP, HGS-CVRP and VROOM side by side, gap to the best known value after a wall-clock limit.

python -m benchmarks.suites.cvrp --seconds 30 --seeds 1 2 3
python -m benchmarks.suites.cvrp --instances FOLDER               # files that are there already; others are fetched
"""

from __future__ import annotations

from benchmarks.quality import Quality

TUNED_ON = (
    "X-n106-k14", "X-n139-k10", "X-n190-k8", "X-n233-k16", "X-n308-k13", "X-n367-k17", "X-n459-k26", "X-n599-k92", "X-n749-k98",
    "X-n1001-k43",
)  # fmt: skip
OTHERS = (
    "X-n101-k25", "X-n120-k6", "X-n162-k11", "X-n204-k19", "X-n261-k13", "X-n327-k20", "X-n420-k130", "X-n536-k96", "X-n670-k130",
    "X-n819-k171",
)  # fmt: skip
"""Of Uchoa et al. (2017)."""

CVRP = Quality(
    name="cvrp",
    title="CVRP: gap to the best known value",
    family="cvrp",
    instances=(*TUNED_ON, *OTHERS),
    tuned_on=TUNED_ON,
    solvers={
        "optikit": "auto",
        "pyvrp": "benchmarks.peers.pyvrp:PyVRP",
        "hgs-cvrp": "benchmarks.peers.hgs_cvrp:HGSCVRP",
        "vroom": "benchmarks.peers.vroom:Vroom",
    },
    two_cores={"optikit, n_jobs=2": {"solver": "auto", "n_jobs": 2}},
    ours=("optikit", "optikit, n_jobs=2"),
    peers=("pyvrp", "hgs-cvrp", "vroom"),
    packages=("pyvrp", "hygese", "pyvroom"),
)

if __name__ == "__main__":
    CVRP.main(__doc__)

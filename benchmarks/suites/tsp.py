"""TSP quality: optikit, fast-tsp, elkai and OR-Tools side by side, gap to the optimum after a wall-clock limit.

    python -m benchmarks.suites.tsp --seconds 20 --seeds 1
    python -m benchmarks.suites.tsp --instances FOLDER               # files that are there already; others are fetched

elkai keeps the time in its trials only, not in what it prepares for them, and OR-Tools takes at most 3,000 cities: both only where
they are named.
"""

from __future__ import annotations

from benchmarks.quality import Quality

TSP = Quality(
    name="tsp",
    title="TSP: gap to the optimum",
    family="tsp",
    instances=("gr431", "att532", "rat783", "pr1002", "si1032", "u1432", "pcb3038"),
    tuned_on=("pr1002", "pcb3038"),
    solvers={
        "optikit": "auto",
        "lin_kernighan": "lin_kernighan",
        "fast-tsp": "benchmarks.peers.fast_tsp:FastTSP",
        "elkai": {"solver": "benchmarks.peers.elkai:Elkai", "runs": 1},
        "ortools": "ortools",
    },
    usual=("optikit", "lin_kernighan", "fast-tsp"),
    peers=("fast-tsp", "elkai"),
    packages=("fast-tsp", "elkai", "ortools"),
    seconds=20.0,
    digits=3,
)

if __name__ == "__main__":
    TSP.main(__doc__)

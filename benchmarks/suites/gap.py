"""Generalized assignment: optikit, HiGHS and CP-SAT side by side, gap to the best known cost after a wall-clock limit.

    python -m benchmarks.suites.gap --seconds 30 --seeds 1
    python -m benchmarks.suites.gap --instances FOLDER               # files that are there already; others are fetched

Types C, D and E of Yagiura's collection. The best known costs are those of the index; the table of bounds is in the same records.
"""

from __future__ import annotations

from benchmarks.quality import Quality

GAP = Quality(
    name="gap",
    title="Generalized assignment: gap to the best known cost",
    family="gap",
    instances=(
        "c05100", "c10100", "c20100", "c20400", "d05100", "d10100", "d05200", "d20400", "e05100", "e10200", "e20100", "e40400",
    ),
    tuned_on=("c20100", "d10100", "d20400", "e20100"),
    solvers={"optikit": "ejection_chains", "highs": "highs", "cpsat": "cpsat"},
    peers=("highs", "cpsat"),
    packages=("highspy", "ortools"),
    seconds=30.0,
    digits=3,
)  # fmt: skip

if __name__ == "__main__":
    GAP.main(__doc__)

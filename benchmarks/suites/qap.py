"""QAP quality: optikit and scipy side by side, gap to the best known value after a wall-clock limit.

python -m benchmarks.suites.qap --seconds 30 --seeds 1
python -m benchmarks.suites.qap --instances FOLDER               # files that are there already; others are fetched
"""

from __future__ import annotations

from benchmarks.quality import Quality

QAP = Quality(
    name="qap",
    title="QAP: gap to the best known value",
    family="qap",
    instances=(
        "tho40", "tai40a", "sko49", "lipa50a", "tai50a", "tai60a", "esc64a", "tai80a", "tai80b", "tai100a", "wil100", "tho150",
    ),
    tuned_on=("sko49", "tai60a", "tai80a", "tai80b", "wil100", "tho150"),
    solvers={
        "optikit": "auto",
        "robust_tabu": "robust_tabu",
        "scipy": "benchmarks.peers.scipy_qap:ScipyQAP",
    },
    usual=("optikit", "scipy"),
    peers=("scipy",),
    packages=("scipy",),
    seconds=30.0,
    digits=3,
)  # fmt: skip

if __name__ == "__main__":
    QAP.main(__doc__)

"""Asymmetric travelling salesmen from generators: ten seconds of our search, held against the bound of branch and cut.

    python -m benchmarks.suites.atsp --sizes 100 200 300 --proof 240

One thread. A gap to a proved lower bound is at least the gap to the optimum; where the two meet, the tour is optimal.
"""

from __future__ import annotations

import argparse
from statistics import mean
from typing import Any

import optikit as ok
from benchmarks.table import write

KINDS = ("amat", "tmat", "rect", "rtilt", "stilt", "crane", "disk", "coin", "shop", "super")
"""After Cirasella, Johnson, McGeoch and Zhang (2001); see `optikit.datasets`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200, 300])
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--proof", type=float, default=240.0, help="seconds of branch and cut")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows: list[list[Any]] = []
    raw: list[dict[str, Any]] = []
    for kind in arguments.kinds:
        for size in arguments.sizes:
            problem = ok.datasets.generate(f"atsp/{kind}", size=size, seed=arguments.seed)
            found = ok.solve(problem, "eax", time_limit=arguments.seconds)
            proof = ok.solve(problem, "exact", time_limit=arguments.proof, initial_solution=found.solution)
            assert found.objective is not None
            assert proof.bound is not None
            gap = 100 * (found.objective / proof.bound - 1)
            rows.append(
                [
                    f"{kind}, {size} cities",
                    f"{gap:.3f}",
                    "proved" if proof.status is ok.Status.OPTIMAL else "open",
                    f"{proof.timings['total']:.1f}",
                ]
            )
            raw.append(
                {
                    "kind": kind,
                    "size": size,
                    "objective": found.objective,
                    "bound": proof.bound,
                    "gap": gap,
                    "best": proof.objective,
                }
            )
            print(" | ".join(rows[-1]), flush=True)
    rows.append(["mean", f"**{mean(record['gap'] for record in raw):.3f}**", "", ""])
    write(
        "atsp",
        "ATSP: gap of a search to what branch and cut proves",
        ["instance", "gap to the bound, %", "optimum", "seconds of proof"],
        rows,
        notes=f"{arguments.seconds:g} s of our genetic search, then at most {arguments.proof:g} s of branch and cut; one thread, "
        f"seed {arguments.seed}.",
        raw=raw,
    )


if __name__ == "__main__":
    main()

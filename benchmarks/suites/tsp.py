"""TSP quality: optikit, fast-tsp, elkai and OR-Tools side by side, gap to the optimum after a wall-clock limit.

    python -m benchmarks.suites.tsp --seconds 20 --seeds 1
    python -m benchmarks.suites.tsp --instances FOLDER               # files that are there already; others are fetched

Each run has a core to itself. Answers are re-checked and re-costed by optikit's checker, whoever found them. The instances on which
parameters were chosen are told apart from the others. elkai knows no clock. Killed and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from statistics import mean
from typing import Any

import optikit as ok
from benchmarks.table import write

INSTANCES = ("gr431", "att532", "rat783", "pr1002", "si1032", "u1432", "pcb3038")
"""Of TSPLIB, 400 to 5,000 cities."""

TUNED_ON = ("pr1002", "pcb3038")
"""Instances on which parameters were chosen."""

SOLVERS = {
    "optikit": "auto",
    "lin_kernighan": "lin_kernighan",
    "fast-tsp": "benchmarks.peers.fast_tsp:FastTSP",
    "elkai": {"solver": "benchmarks.peers.elkai:Elkai", "runs": 1},
    "ortools": "ortools",
}
USUAL = ("optikit", "lin_kernighan", "fast-tsp")
"""OR-Tools takes at most 3,000 cities, and elkai as long as it likes: both only where they are named."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", help="folder with the instances' files")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--solvers", nargs="+", default=USUAL, choices=SOLVERS)
    parser.add_argument("--only", nargs="+", help="names of instances")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--store", default="sqlite:///build/benchmarks.db")
    arguments = parser.parse_args()
    if arguments.instances:
        os.environ["OPTIKIT_INSTANCES"] = arguments.instances
    Path("build").mkdir(exist_ok=True)
    names = [name for name in INSTANCES if not arguments.only or name in arguments.only]
    suite = ok.bench.Suite(
        ok.datasets.select("tsp", names=names),
        {label: SOLVERS[label] for label in arguments.solvers},
        arguments.seeds,
        arguments.seconds,
        name=f"tsp, {arguments.seconds:g} s",
    )
    report(suite.run(arguments.store, arguments.cores, display=True).to_frame(), arguments)


def report(frame: Any, arguments: argparse.Namespace) -> None:
    """Mean gaps by instance."""
    broken = frame[frame["objective"].isna()]
    if len(broken):
        raise SystemExit("\n".join(f"{run.solver} on {run.instance}, seed {run.seed}: {run.error}" for run in broken.itertuples()))
    frame["gap"] = 100 * (frame["objective"] / frame["best_known"] - 1)
    frame["instance"] = frame["instance"].str.rpartition("/")[2]
    gap = frame.groupby(["solver", "instance"])["gap"].mean()
    solvers = [label for label in arguments.solvers if label in set(frame["solver"])]
    names = list(dict.fromkeys(frame.sort_values("size")["instance"]))
    rows: list[list[Any]] = [[name, *(f"{gap[label, name]:.3f}" for label in solvers)] for name in names]
    for title, group in (
        ("mean, parameters chosen here", [name for name in names if name in TUNED_ON]),
        ("mean, not looked at before", [name for name in names if name not in TUNED_ON]),
        ("mean of all", names),
    ):
        rows.append([title, *(f"**{mean(gap[label, name] for name in group):.3f}**" if group else "" for label in solvers)])
    write(
        f"tsp_{arguments.seconds:.0f}s",
        "TSP: gap to the optimum",
        ["instance", *solvers],
        rows,
        notes=f"In per cent of the optimum, {arguments.seconds:.0f} s wall clock, one thread, mean over seeds {arguments.seeds}.",
        packages=["fast-tsp", "elkai", "ortools"],
        raw=frame[["solver", "instance", "seed", "objective", "seconds", "gap"]].to_dict("records"),
    )


if __name__ == "__main__":
    main()

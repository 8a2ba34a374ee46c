"""CVRP quality: optikit, PyVRP, HGS-CVRP and VROOM side by side, gap to the best known value after a wall-clock limit.

    python -m benchmarks.suites.cvrp --seconds 30 --seeds 1 2 3
    python -m benchmarks.suites.cvrp --instances FOLDER               # files that are there already; others are fetched

Each run has a core to itself: with one thread, as many runs go at once as there are cores (all solvers on one instance before the
next, so that noise hits all sides), those of optikit with two threads half as many. Answers are re-checked and re-costed by
optikit's checker, whoever found them. The instances on which parameters were chosen are told apart from the others. Killed and
started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from statistics import mean
from typing import Any

import optikit as ok
from benchmarks.table import write

INSTANCES = (
    "X-n101-k25", "X-n106-k14", "X-n120-k6", "X-n139-k10", "X-n162-k11", "X-n190-k8", "X-n204-k19", "X-n233-k16", "X-n261-k13",
    "X-n308-k13", "X-n327-k20", "X-n367-k17", "X-n420-k130", "X-n459-k26", "X-n536-k96", "X-n599-k92", "X-n670-k130", "X-n749-k98",
    "X-n819-k171", "X-n1001-k43",
)  # fmt: skip
"""Of Uchoa et al. (2017)."""

TUNED_ON = ("n106", "n139", "n190", "n233", "n308", "n367", "n459", "n599", "n749", "n1001")
"""Instances on which parameters were chosen; the others had not been looked at before the report."""

ONE_CORE = {
    "optikit": "auto",
    "pyvrp": "benchmarks.peers.pyvrp:PyVRP",
    "hgs-cvrp": "benchmarks.peers.hgs_cvrp:HGSCVRP",
    "vroom": "benchmarks.peers.vroom:Vroom",
}
TWO_CORES = {"optikit-2": {"solver": "auto", "n_jobs": 2}}
SOLVERS = ("optikit", "optikit-2", "pyvrp", "hgs-cvrp", "vroom")
PEERS = ("pyvrp", "hgs-cvrp", "vroom")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", help="folder with the instances' files")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--solvers", nargs="+", default=SOLVERS, choices=SOLVERS)
    parser.add_argument("--only", nargs="+", help="parts of instance names: n101, k25")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--store", default="sqlite:///build/benchmarks.db")
    arguments = parser.parse_args()
    if arguments.instances:
        os.environ["OPTIKIT_INSTANCES"] = arguments.instances
    Path("build").mkdir(exist_ok=True)
    names = [name for name in INSTANCES if not arguments.only or set(arguments.only) & set(name.split("-"))]
    instances = ok.datasets.select("cvrp", names=names)
    runs = {}
    for cores, menu in ((1, ONE_CORE), (2, TWO_CORES)):
        solvers = {label: entry for label, entry in menu.items() if label in arguments.solvers}
        if solvers and arguments.cores >= cores:
            name = f"cvrp, {cores} thread{'s' if cores > 1 else ''}, {arguments.seconds:g} s"
            suite = ok.bench.Suite(instances, solvers, arguments.seeds, arguments.seconds, name=name)
            runs[cores] = suite.run(arguments.store, arguments.cores // cores, display=True)
    report(runs, arguments)


def report(runs: dict[int, Any], arguments: argparse.Namespace) -> None:
    """Mean gaps by instance, and what is said of the difference between optikit and each peer."""
    import pandas as pd

    frame = pd.concat([found.to_frame() for found in runs.values()])
    traces = pd.concat([found.traces() for found in runs.values()])
    broken = frame[frame["objective"].isna()]
    if len(broken):
        raise SystemExit("\n".join(f"{run.solver} on {run.instance}, seed {run.seed}: {run.error}" for run in broken.itertuples()))
    frame["gap"] = 100 * (frame["objective"] / frame["best_known"] - 1)
    frame["instance"] = frame["instance"].str.rpartition("/")[2]
    gap = frame.groupby(["solver", "instance"])["gap"].mean()
    solvers = [label for label in arguments.solvers if label in set(frame["solver"])]
    names = list(dict.fromkeys(frame.sort_values("size")["instance"]))
    rows: list[list[Any]] = [[name, *(f"{gap[label, name]:.2f}" for label in solvers)] for name in names]
    for title, group in (
        ("mean, parameters chosen here", [name for name in names if name.split("-")[1] in TUNED_ON]),
        ("mean, not looked at before", [name for name in names if name.split("-")[1] not in TUNED_ON]),
        ("mean of all", names),
    ):
        rows.append([title, *(f"**{mean(gap[label, name] for name in group):.2f}**" if group else "" for label in solvers)])
    notes = [
        f"Gap to the best known value in per cent, {arguments.seconds:.0f} s wall clock, mean over seeds {arguments.seeds}; "
        "optikit-2 has n_jobs=2."
    ]
    for ours in (label for label in ("optikit", "optikit-2") if label in solvers):
        beside = [label for label in PEERS if label in solvers]
        notes += [f"{ours} and {peer}: {compared(frame, traces, peer, ours)}." for peer in beside]
    records = frame.rename(columns={"time_limit": "limit"})
    raw = records[["solver", "instance", "seed", "objective", "seconds", "limit", "gap"]].to_dict("records")
    write(
        f"cvrp_{arguments.seconds:.0f}s",
        "CVRP: gap to the best known value",
        ["instance", *solvers],
        rows,
        notes="  \n".join(notes),
        packages=["pyvrp", "hygese", "pyvroom"],
        raw=raw,
    )


def compared(frame: Any, traces: Any, peer: str, ours: str) -> str:
    """The verdict of the comparison; on each instance, the runs of one solver have their own number of threads."""
    from optikit.bench.comparison import compare

    return compare(frame.drop(columns="gap").assign(gap=float("nan")), peer, ours, traces=traces).verdict


if __name__ == "__main__":
    main()

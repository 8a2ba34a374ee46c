"""Solvers side by side on named instances under one wall-clock limit: the gap to the best known value.

Each suite of `benchmarks.suites` says which instances and which solvers; the rest is here. Each run has a core to itself: with one
thread, as many runs go at once as there are cores, with two threads half as many: all solvers on one instance before the next,
so that noise hits all sides. A solver that cannot take an instance (too large a model) has no number there, and its mean says of
how many it is. Answers are re-checked and re-costed by optikit's checker, whoever found them. The instances on which parameters
were chosen are told apart from the others. Killed and started again, a suite goes on where it was.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import optikit as ok
from benchmarks.table import model, write


@dataclass(frozen=True)
class Quality:
    """What is measured.

    Parameters
    ----------
    name : str
        Of the table's file, and of the suite.
    title : str
        Heading of the table.
    family : str
        Whose instances these are, of `optikit.datasets`.
    instances : tuple of str
        Their names.
    tuned_on : tuple of str
        Those on which parameters were chosen; the others had not been looked at before the report.
    solvers : mapping of str to object
        Label to what a suite takes as a solver: each on one thread.
    two_cores : mapping of str to object, optional
        The same with two threads.
    usual : tuple of str, optional
        Labels that are run where none is named; all by default.
    ours, peers : tuple of str
        Labels between which the difference is tested.
    packages : tuple of str
        Whose versions stand under the table.
    seconds : float
        Wall-clock limit.
    seeds : tuple of int
        Seeds.
    digits : int
        Digits of a gap behind the point.
    """

    name: str
    title: str
    family: str
    instances: tuple[str, ...]
    tuned_on: tuple[str, ...]
    solvers: Mapping[str, Any]
    two_cores: Mapping[str, Any] = field(default_factory=dict)
    usual: tuple[str, ...] = ()
    ours: tuple[str, ...] = ("optikit",)
    peers: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    seconds: float = 30.0
    seeds: tuple[int, ...] = (1, 2, 3)
    digits: int = 2

    def main(self, about: str | None) -> None:
        """Run what the command line asks for, and write the table."""
        labels = (*self.solvers, *self.two_cores)
        parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--instances", help="folder with the instances' files; others are fetched")
        parser.add_argument("--seconds", type=float, default=self.seconds)
        parser.add_argument("--seeds", type=int, nargs="+", default=list(self.seeds))
        parser.add_argument("--solvers", nargs="+", default=self.usual or labels, choices=labels)
        parser.add_argument("--only", nargs="+", help="names of instances, or parts of them between hyphens")
        parser.add_argument("--cores", type=int, default=2)
        parser.add_argument("--store", default="sqlite:///build/benchmarks.db")
        arguments = parser.parse_args()
        if arguments.instances:
            os.environ["OPTIKIT_INSTANCES"] = arguments.instances
        Path("build").mkdir(exist_ok=True)
        wanted = set(arguments.only or ())
        names = [name for name in self.instances if not wanted or wanted & {name, *name.split("-")}]
        instances = self.chosen(names)
        runs = []
        for cores, menu in ((1, self.solvers), (2, self.two_cores)):
            solvers = {label: entry for label, entry in menu.items() if label in arguments.solvers}
            if solvers and arguments.cores >= cores:
                name = f"{self.name}, {cores} thread{'s' if cores > 1 else ''}, {arguments.seconds:g} s"
                for labels, some in _by_who_can(instances, solvers).items():
                    able = {label: solvers[label] for label in labels}
                    suite = ok.bench.Suite(some, able, arguments.seeds, arguments.seconds, name=name)
                    runs.append(suite.run(arguments.store, arguments.cores // cores, display=True))
        self.report(runs, arguments)

    def chosen(self, names: list[str]) -> Any:
        """The instances of these names."""
        return ok.datasets.select(self.family, names=names)

    def report(self, runs: list[Any], arguments: argparse.Namespace) -> None:
        """Mean gaps by instance, and what is said of the difference between ours and each peer."""
        import pandas as pd

        frame = pd.concat([found.to_frame() for found in runs])
        traces = pd.concat([found.traces() for found in runs])
        broken = frame[frame["objective"].isna()]
        if len(broken):
            told = (f"{run.solver} on {run.instance}, seed {run.seed}: {run.error}" for run in broken.itertuples())
            raise SystemExit("\n".join(told))
        best = frame["best_known"].astype(float)
        best = best.fillna(frame.groupby("instance")["objective"].transform("min"))  # where nobody has told, the best found here
        frame["gap"] = 100 * (frame["objective"] - best) * frame["sense"].map({"min": 1, "max": -1}) / best.abs()
        frame["instance"] = frame["instance"].str.rpartition("/")[2]
        gap = frame.groupby(["solver", "instance"])["gap"].mean()
        solvers = [label for label in arguments.solvers if label in set(frame["solver"])]
        names = list(dict.fromkeys(frame.sort_values("size")["instance"]))
        there = {label: [name for name in names if (label, name) in gap] for label in solvers}
        rows: list[list[Any]] = [
            [name, *(f"{gap[label, name]:.{self.digits}f}" if name in there[label] else "-" for label in solvers)] for name in names
        ]
        for title, group in (
            ("mean, parameters chosen here", [name for name in names if name in self.tuned_on]),
            ("mean, not looked at before", [name for name in names if name not in self.tuned_on]),
            ("mean of all", names),
        ):
            if group:
                of = {label: [name for name in group if name in there[label]] for label in solvers}
                means = {
                    label: f"**{mean(gap[label, name] for name in of[label]):.{self.digits}f}**" if of[label] else "-"
                    for label in solvers
                }
                parts = {
                    label: f" ({len(of[label])} of {len(group)})" if 0 < len(of[label]) < len(group) else "" for label in solvers
                }
                rows.append([title, *(means[label] + parts[label] for label in solvers)])
        notes = [
            f"Gap to the best known value in per cent, {arguments.seconds:g} s wall clock, "
            f"seed{'s' if len(arguments.seeds) > 1 else ''} {', '.join(map(str, arguments.seeds))}."
        ]
        for ours in (label for label in self.ours if label in solvers):
            beside = [label for label in self.peers if label in solvers]
            notes += [f"{ours} and {peer}: {_compared(frame, traces, peer, ours)}." for peer in beside]
        processors = sorted(set(frame["cpu"]) - {""})  # a suite that goes on where it was may have begun elsewhere
        records = frame.rename(columns={"time_limit": "limit"})
        write(
            f"{self.name}_{arguments.seconds:g}s",
            self.title,
            ["instance", *solvers],
            rows,
            notes="  \n".join(notes),
            packages=self.packages,
            ran_on="" if processors in ([], [model()]) else " and ".join(processors),
            raw=records[["solver", "instance", "seed", "objective", "bound", "seconds", "limit", "gap"]].to_dict("records"),
        )


def _by_who_can(instances: Any, solvers: dict[str, Any]) -> dict[tuple[str, ...], list[Any]]:
    """The instances by the labels of the solvers that can take them."""
    from optikit.bench.contenders import contenders

    able: dict[tuple[str, ...], list[Any]] = {}
    for instance in instances:
        problem = instance.load()
        of_problem = {contender.label: contender.solver_for(type(problem)) for contender in contenders(solvers)}
        labels = tuple(label for label, solver in of_problem.items() if solver is None or solver.supports(problem))
        able.setdefault(labels, []).append(instance)
    return {labels: some for labels, some in able.items() if labels}


def _compared(frame: Any, traces: Any, peer: str, ours: str) -> str:
    """The verdict of the comparison; on each instance, the runs of one solver have their own number of threads."""
    from optikit.bench.comparison import compare

    return compare(frame.drop(columns="gap").assign(gap=float("nan")), peer, ours, traces=traces).verdict

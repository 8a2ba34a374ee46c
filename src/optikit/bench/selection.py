"""Which runs are compared: of the solvers asked for, at one budget, on the instances and seeds that all of them have run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnknownSolverError, UnsupportedError
from ..inputs.arguments import check_number
from ..inputs.wording import did_you_mean, shown
from .phrases import plural
from .schema import LARGEST, RUN_COLUMNS, as_runs

if TYPE_CHECKING:
    import pandas as pd

PENALTY = 1.0
"""A run without a solution is charged the worst objective found on its instance, and this share of it on top."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Runs that can be compared: each solver has one for each instance and seed.

    Parameters
    ----------
    runs : DataFrame
        One row a run, in order of solver, instance and seed; beside the columns of `bench.schema.RUN_COLUMNS`:

        - ``found``: whether there is a solution;
        - ``cost``: the objective such that smaller is better (its negative where the sense is "max"); of a run without a
          solution, the worst found on its instance by any solver of the selection, made worse by `PENALTY`.
    solvers : tuple of str
        Labels, in the order asked for.
    budget : str
        The one that all had.
    penalty : float
        What was used as `PENALTY`.
    notes : tuple of str
        What was left out, and what was charged, in sentences.
    """

    runs: pd.DataFrame
    solvers: tuple[str, ...]
    budget: str
    penalty: float
    notes: tuple[str, ...]

    @property
    def instances(self) -> list[str]:
        """The instances, in the order of the runs."""
        return list(self.runs["instance"].unique())

    @property
    def failures(self) -> dict[str, int]:
        """Label -> how many of its runs gave no solution."""
        missing = self.runs[~self.runs["found"]].groupby("solver").size()
        return {label: int(missing.get(label, 0)) for label in self.solvers}

    def of(self, *solvers: str) -> pd.DataFrame:
        """The runs of some of the solvers."""
        return self.runs[self.runs["solver"].isin(solvers)]


def frames_of(
    runs: Any, traces: pd.DataFrame | None, solvers: Sequence[str] | None
) -> tuple[pd.DataFrame, pd.DataFrame | None, Sequence[str] | None]:
    """The frames of runs and of traces, and the labels as they stand there; from `Runs`, or as given."""
    if traces is not None and not hasattr(traces, "columns"):
        raise UnsupportedError(f"traces is {shown(traces)}; expected a frame with the columns of bench.schema.TRACE_COLUMNS")
    if hasattr(runs, "resolve"):
        labels = None if solvers is None else [runs.resolve(label) for label in solvers]
        return runs.to_frame(), runs.traces() if traces is None else traces, labels
    if not hasattr(runs, "columns"):
        raise UnsupportedError(f"runs is {shown(runs)}; expected Runs, or a frame with the columns of bench.schema.RUN_COLUMNS")
    return runs, traces, solvers


def undone_of(runs: Any, labels: Sequence[str] | None) -> str:
    """A note on the runs that the suite of some `Runs` still lacks; of frames nobody knows."""
    undone = runs.undone(labels) if hasattr(runs, "undone") else {}
    if not undone:
        return ""
    each = ", ".join(f"{count:,} of {label}" for label, count in undone.items())
    return (
        f"{plural(sum(undone.values()), 'run')} of the suite, as it was last started, {_is(sum(undone.values()))} not done: {each}."
    )


def select(
    runs: pd.DataFrame,
    solvers: Sequence[str] | None = None,
    budget: str | None = None,
    penalty: float = PENALTY,
    undone: str = "",
) -> Selection:
    """Choose the runs to compare, and say what was left out.

    Parameters
    ----------
    runs : DataFrame
        With columns of `bench.schema.RUN_COLUMNS`; ``solver``, ``instance`` and ``objective`` will do.
    solvers : sequence of str, optional
        Labels; by default all.
    budget : str, optional
        As in the column; by default the longest that all of the solvers have.
    penalty : float
        See `PENALTY`.
    undone : str
        A note on runs that are still to come.

    Raises
    ------
    UnknownSolverError
        For a label without runs, with the nearest one.
    UnsupportedError
        For no runs at all, no budget, instance or seed in common, a label that stands for several solvers, a sense other
        than "min" or "max".
    """
    penalty = check_number("penalty", penalty, 0)
    frame = as_runs(_completed(runs))
    if frame.empty:
        raise UnsupportedError("there are no runs; run the suite first")
    labels = _labels(frame, solvers)
    frame = frame[frame["solver"].isin(labels)]
    _refuse_huge(frame)
    _refuse_ambiguous(frame)
    frame, budget, said = _at_one_budget(frame, labels, budget)
    notes = [undone, *said] if undone else list(said)
    frame = _once_each(frame, notes)
    frame = _in_common(frame, labels, notes)
    order = {label: place for place, label in enumerate(labels)}
    frame = frame.sort_values(
        ["solver", "instance", "seed"], key=lambda column: column.map(order) if column.name == "solver" else column
    )
    frame = _charged(frame.reset_index(drop=True), labels, penalty, notes)
    return Selection(frame, labels, budget, penalty, tuple(notes))


def _completed(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs from elsewhere, with what they do not say left open."""
    assumed = {
        "run_id": [f"run {number}" for number in range(len(runs))],
        "solver_name": runs.get("solver"),
        "parameters": "{}",
        "problem_class": "",
        "size": None,
        "sense": "min",
        "seed": 0,
        "n_jobs": 1,
        "status": "",
        "stop_reason": "",
        "seconds": 0.0,
        "iterations": 0,
        "started_at": None,
        "oversubscribed": False,
        "error": None,
    }
    needed = ("solver", "instance", "objective")
    for name in needed:
        if name not in runs:
            raise UnsupportedError(f"the frame lacks the column {name!r}; expected at least: {', '.join(needed)}")
    texts = ("suite", "budget", "versions", "cpu", "host", "commit", "code")
    missing = [name for name in RUN_COLUMNS if name not in runs and name not in needed]
    return runs.assign(**{name: assumed.get(name, "" if name in texts else np.nan) for name in missing})


def _labels(frame: pd.DataFrame, solvers: Sequence[str] | None) -> tuple[str, ...]:
    known = list(frame["solver"].unique())
    if solvers is None:
        return tuple(known)
    if not solvers:
        raise UnsupportedError("solvers is empty; name at least one, or leave it out for all")
    for label in solvers:
        if label not in known:
            raise UnknownSolverError(f"no runs of {shown(label)}{did_you_mean(label, known)}; there are: {', '.join(known)}")
    twice = next((label for label in solvers if list(solvers).count(label) > 1), None)
    if twice is not None:
        raise UnsupportedError(f"{twice!r} is named twice; compare two different solvers")
    return tuple(solvers)


def _refuse_huge(frame: pd.DataFrame) -> None:
    """Sums of such objectives overflow, and the difference of two of them would look like none."""
    huge = frame[(frame["objective"].abs() > LARGEST) & np.isfinite(frame["objective"])]
    if len(huge):
        one = huge.iloc[0]
        raise UnsupportedError(
            f"objective of {one['solver']} on {one['instance']}, seed {one['seed']}, is {one['objective']:g}; "
            f"expected at most {LARGEST:g} in size: give all objectives of the instance in a larger unit"
        )


def _refuse_ambiguous(frame: pd.DataFrame) -> None:
    """A label is one solver with one set of parameters for each problem class; an instance has one sense."""
    odd = frame[~frame["sense"].isin(["min", "max"])]
    if len(odd):
        which = str(odd["run_id"].iloc[0]).removeprefix("run ")
        raise UnsupportedError(f"sense of run {which} is {shown(odd['sense'].iloc[0])}; expected 'min' or 'max'")
    for (label, _), group in frame.groupby(["solver", "problem_class"]):
        kinds = group[["solver_name", "parameters", "n_jobs"]].drop_duplicates()
        if len(kinds) > 1:
            first, second = (f"{kind.solver_name} {kind.parameters}, n_jobs={kind.n_jobs}" for kind in kinds.head(2).itertuples())
            raise UnsupportedError(f"{label!r} stands for different solvers: {first}; and {second}. Give each a label of its own")
    senses = frame.groupby("instance")["sense"].nunique()
    if (senses > 1).any():
        raise UnsupportedError(f"instance {senses.idxmax()!r} is minimised in some runs, maximised in others; give them two names")


def _at_one_budget(frame: pd.DataFrame, labels: Sequence[str], budget: str | None) -> tuple[pd.DataFrame, str, list[str]]:
    had = {label: set(frame.loc[frame["solver"] == label, "budget"]) for label in labels}
    shared = set.intersection(*had.values())
    if budget is not None:
        for label in labels:
            if budget not in had[label]:
                raise UnsupportedError(
                    f"{label!r} has no runs with the budget {shown(budget)}{did_you_mean(budget, had[label])}; "
                    f"it has: {_listed(sorted(had[label]))}"
                )
    elif not shared:
        each = "; ".join(f"{label!r} ran with {_listed(sorted(budgets))}" for label, budgets in had.items())
        raise UnsupportedError(f"no budget in common: {each}. Only runs with the same budget can be compared")
    else:
        limits = frame[frame["budget"].isin(shared)].groupby("budget")["time_limit"].max()
        longest = limits[limits == limits.max()] if limits.notna().all() else limits
        if len(longest) > 1:
            raise UnsupportedError(f"several budgets: {_listed(sorted(shared))}; choose one: budget={sorted(shared)[0]!r}")
        budget = str(longest.index[0])
    others = sorted(set(frame["budget"]) - {budget})
    said = [f"Runs with another budget are not counted here: {_listed(others)}; all here had {budget}."] if others else []
    return frame[frame["budget"] == budget], budget, said


def _once_each(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    key = ["solver", "instance", "seed"]
    latest = frame.sort_values("started_at", kind="stable", na_position="first").drop_duplicates(key, keep="last")
    again = len(frame.drop_duplicates([*key, "run_id"])) - len(latest)
    if again:
        notes.append(
            f"{plural(again, 'run')} {_was(again)} done again later with the same label, instance and seed; the latest counts."
        )
    return latest


def _in_common(frame: pd.DataFrame, labels: Sequence[str], notes: list[str]) -> pd.DataFrame:
    """Runs on the instances and seeds that every solver has."""
    counts = frame.groupby(["instance", "seed"])["solver"].transform("size")
    kept = frame[counts == len(labels)]
    if kept.empty:
        instances = {label: set(frame.loc[frame["solver"] == label, "instance"]) for label in labels}
        what = "seed" if set.intersection(*instances.values()) else "instance"
        each = "; ".join(f"{label!r} ran {_listed(sorted(frame.loc[frame['solver'] == label, what].unique()))}" for label in labels)
        raise UnsupportedError(f"no {what} in common: {each}")
    left = frame[counts < len(labels)]
    if len(left):
        missing = []
        pairs = len(frame[["instance", "seed"]].drop_duplicates())
        for label in labels:
            lacks = pairs - int((frame["solver"] == label).sum())
            if lacks:
                missing.append(f"{label} lacks {lacks}")
        notes.append(
            f"{plural(len(left), 'run')} left out, on instances and seeds that not every solver has run: "
            f"of {pairs}, {', '.join(missing)}."
        )
    return kept


def _charged(frame: pd.DataFrame, labels: Sequence[str], penalty: float, notes: list[str]) -> pd.DataFrame:
    sign = np.where(frame["sense"] == "min", 1.0, -1.0)
    found = np.isfinite(frame["objective"])
    frame = frame.assign(found=found, cost=np.where(found, sign * frame["objective"], np.nan))
    by_instance = frame.groupby("instance")["cost"]
    solved = by_instance.transform("count") > 0
    if not solved.any():
        raise UnsupportedError(f"no run of {_listed(labels)} gave a solution; there is nothing to compare")
    if not solved.all():
        unsolved = sorted(frame.loc[~solved, "instance"].unique())
        notes.append(
            f"{plural(len(unsolved), 'instance')} left out, where no run of any solver gave a solution: {_listed(unsolved)}."
        )
    sizes = frame["cost"].abs().groupby(frame["instance"]).transform("max")
    charge = by_instance.transform("max") + penalty * sizes.where(sizes > 0, 1.0)
    missing = ~frame["found"] & solved
    if missing.any():
        counts = frame[missing].groupby("solver").size()
        each = ", ".join(f"{counts.get(label, 0)} of {label}" for label in labels)
        notes.append(
            f"{plural(int(missing.sum()), 'run')} without a solution ({each}): each is charged the worst objective found on its "
            f"instance, and {100 * penalty:g} % on top."
        )
    denied = frame[missing & (frame["status"] == "infeasible")]
    if len(denied):
        notes.append(
            f"{plural(len(denied), 'run')} of {_listed(sorted(denied['solver'].unique()))} claimed that there is no solution, "
            f"where another run found one: {_listed(sorted(denied['instance'].unique()))}."
        )
    return frame.assign(cost=frame["cost"].fillna(charge))[solved].reset_index(drop=True)


def _listed(names: Iterable[object]) -> str:
    listed = [str(name) for name in names]
    return ", ".join(listed) if len(listed) <= 6 else f"{', '.join(listed[:5])} and {len(listed) - 5} more"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"

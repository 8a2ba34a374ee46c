"""The best cost of each run at each moment, from the traces of all runs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .gaps import REACHED, primal_gap, references
from .schema import as_traces
from .selection import Selection

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Incumbents:
    """Improvements of the runs of a selection; the run in row r of ``selection.runs`` has those from ``starts[r]`` to ``ends[r]``.

    Parameters
    ----------
    selection : Selection
        The runs.
    seconds, cost : ndarray, shape (num_improvements,)
        When, and the best cost from then on; ascending and descending within each run.
    starts, ends : ndarray of int, shape (num_runs,)
        Where each run's improvements lie; none for a run without a solution.
    horizon : ndarray, shape (num_runs,)
        Seconds that each run could have taken: its time limit, else the longest run on its instance.
    reference : ndarray, shape (num_runs,)
        Cost from which gaps are measured (`gaps.references`).
    """

    selection: Selection
    seconds: NDArray[np.float64]
    cost: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    horizon: NDArray[np.float64]
    reference: NDArray[np.float64]

    @classmethod
    def of(cls, selection: Selection, traces: pd.DataFrame | None) -> Incumbents:
        """Sort the traces of the selected runs; what a run ended with counts from its end, where its trace has not got it.

        Parameters
        ----------
        selection : Selection
            The runs.
        traces : DataFrame, optional
            With the columns of `bench.schema.TRACE_COLUMNS`.
        """
        runs = selection.runs.reset_index(drop=True)
        row, seconds, cost = _final(runs)
        if traces is not None and len(traces):
            trace_row, trace_seconds, trace_cost = _traced(runs, traces)
            row, seconds = np.concatenate((trace_row, row)), np.concatenate((trace_seconds, seconds))
            cost = np.concatenate((trace_cost, cost))
        order = np.lexsort((cost, seconds, row))
        row, seconds, cost = row[order], seconds[order], cost[order]
        starts = np.searchsorted(row, np.arange(len(runs)))
        ends = np.searchsorted(row, np.arange(len(runs)), side="right")
        cost = _running_minimum(cost, row)
        longest = runs.groupby("instance")["seconds"].transform("max")
        horizon = runs["time_limit"].where(np.isfinite(runs["time_limit"]), longest).to_numpy(np.float64)
        reference = runs["instance"].map(references(selection)["cost"]).to_numpy(np.float64)
        return cls(selection, seconds, cost, starts, ends, horizon, reference)

    def gaps(self) -> NDArray[np.float64]:
        """Primal gap (0 to 1) from each improvement on, shape (num_improvements,)."""
        return primal_gap(self.cost, np.repeat(self.reference, self.ends - self.starts))

    def gaps_at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Primal gap of each run at each of some moments, shape (num_runs, num_times); 1 before the first solution."""
        # Row and moment as one ascending key: one search for all runs.
        width = max(float(self.seconds.max(initial=0.0)), float(times.max())) + 1.0
        row = np.repeat(np.arange(len(self.starts)), self.ends - self.starts)
        keys = row * width + self.seconds
        asked = np.arange(len(self.starts))[:, None] * width + times[None, :]
        last = np.searchsorted(keys, asked, side="right") - 1
        gaps = np.append(self.gaps(), 1.0)
        return gaps[np.where(last >= self.starts[:, None], last, -1)]

    def time_to(self, targets: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds until each run's cost was at most its target, shape (num_runs,); infinite where it never was."""
        slack = REACHED * np.abs(targets)
        there = self.cost <= np.repeat(targets + slack, self.ends - self.starts)
        return _first(np.where(there, self.seconds, np.inf), self.starts, self.ends)

    def first_cost(self) -> NDArray[np.float64]:
        """Cost of each run's first solution, NaN without one."""
        some = self.ends > self.starts
        first = np.full(len(self.starts), np.nan)
        first[some] = self.cost[self.starts[some]]
        return first

    def primal_integral(self) -> NDArray[np.float64]:
        """Mean primal gap of each run over its horizon: 0 where the reference was there at once, 1 without a solution.

        Berthold's primal integral divided by the horizon, so that budgets of several lengths have one scale.

        Notes
        -----
        Berthold (2013), Measuring the impact of primal heuristics, Operations Research Letters 41, section 3.
        """
        some = self.ends > self.starts
        horizon = np.repeat(self.horizon, self.ends - self.starts)
        begin = np.minimum(self.seconds, horizon)
        finish = np.append(begin[1:], 0.0)
        finish[self.ends[some] - 1] = horizon[self.ends[some] - 1]
        area = np.zeros(len(self.starts))
        if some.any():
            first = self.starts[some]
            area[some] = (
                np.add.reduceat(self.gaps() * (finish - begin), first) + begin[first]
            )  # a gap of 1 until the first solution
        share = np.divide(area, self.horizon, out=np.zeros_like(area), where=self.horizon > 0)
        return np.where(some, share, 1.0)


def _final(runs: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    found = np.flatnonzero(runs["found"])
    return found, runs["seconds"].to_numpy(np.float64)[found], runs["cost"].to_numpy(np.float64)[found]


def _traced(runs: pd.DataFrame, traces: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Improvements with the rows of their runs; a run that bears two labels has two rows."""
    points = as_traces(traces)
    points = points[np.isfinite(points["objective"]) & np.isfinite(points["seconds"])]
    rows = runs.loc[runs["found"], ["run_id", "sense", "cost"]].rename_axis("row").reset_index()
    joined = points[["run_id", "seconds", "objective"]].merge(rows, on="run_id")
    cost = np.where(joined["sense"] == "min", 1.0, -1.0) * joined["objective"].to_numpy(np.float64)
    # The final objective has been evaluated anew: nothing on the way was better.
    cost = np.maximum(cost, joined["cost"].to_numpy(np.float64))
    return joined["row"].to_numpy(np.int64), joined["seconds"].to_numpy(np.float64), cost


def _running_minimum(cost: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    import pandas as pd

    return np.asarray(pd.Series(cost).groupby(row).cummin(), np.float64)


def _first(values: NDArray[Any], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    some = ends > starts
    least = np.full(len(starts), np.inf)
    if some.any():
        least[some] = np.minimum.reduceat(values, starts[some])
    return least

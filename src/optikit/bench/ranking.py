"""Several solvers at once: mean ranks, Friedman's test, and all pairs with Holm's correction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..inputs.keywords import strict
from .differences import by_instance, direction, of_baseline
from .evidence import Evidence, check_level
from .gaps import run_gaps
from .phrases import p_value, percent, plural, with_interval
from .rank_tests import RankTest, critical_difference, friedman, wilcoxon
from .selection import PENALTY, frames_of, select, undone_of
from .statistics import holm, sign_flips

if TYPE_CHECKING:
    import pandas as pd


@strict
def rank(
    runs: Any,
    solvers: Sequence[str] | None = None,
    *,
    traces: pd.DataFrame | None = None,
    alpha: float = 0.05,
    budget: str | None = None,
    penalty: float = PENALTY,
) -> Ranking:
    """Rank solvers on the instances and seeds that all of them have run at the same budget.

    Parameters
    ----------
    runs : Runs or DataFrame
        With columns of `bench.schema.RUN_COLUMNS`; ``solver``, ``instance`` and ``objective`` will do.
    solvers : sequence of str, optional
        Labels; by default all.
    traces, alpha, budget, penalty
        As of `bench.comparison.compare`.

    Returns
    -------
    Ranking
        With the verdict first.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"solver": ["a"] * 3 + ["b"] * 3, "instance": [1, 2, 3] * 2, "objective": [9, 20, 31, 10, 20, 35]})
    >>> rank(runs).to_frame()[["solver", "mean", "rank"]].round(3).to_dict("list")
    {'solver': ['a', 'b'], 'mean': [0.0, 0.08], 'rank': [1.167, 1.833]}
    """
    level = check_level(alpha)
    frame, traces, solvers = frames_of(runs, traces, solvers)
    return Ranking(selection=select(frame, solvers, budget, penalty, undone_of(runs, solvers)), traces=traces, alpha=level)


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(Evidence):
    """Solvers in the order of their mean gap, and which of them are told apart; `rank` makes it."""

    @property
    def solvers(self) -> tuple[str, ...]:
        """Labels, best mean gap first."""
        return tuple(self.gaps.sort_values("mean", kind="stable")["solver"])

    @cached_property
    def ranks(self) -> RankTest | None:
        """Friedman's test on the mean costs an instance; None for fewer than three solvers or two instances."""
        costs = self._mean_costs()
        return friedman(costs.to_numpy()) if costs.shape[1] >= 3 and len(costs) >= 2 else None

    @cached_property
    def mean_ranks(self) -> dict[str, float]:
        """Label -> mean rank over the instances, 1 is best."""
        ranks = self._mean_costs().rank(axis=1).mean()
        return {label: float(ranks[label]) for label in self.selection.solvers}

    def _mean_costs(self) -> pd.DataFrame:
        """Instances by solvers, in the order of the selection; rounded, such that the order of a sum breaks no tie."""
        runs = self.selection.runs
        costs = runs.groupby(["instance", "solver"])["cost"].mean().unstack()[list(self.selection.solvers)]
        scale = costs.abs().max(axis=1).replace(0.0, 1.0)
        return costs.div(scale, axis=0).round(12)

    @property
    def critical_difference(self) -> float:
        """Nemenyi's critical difference of the mean ranks."""
        return critical_difference(len(self.selection.solvers), len(self.selection.instances), self.alpha)

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """Largest sets of solvers whose mean ranks differ by less than the critical difference, best first."""
        order = sorted(self.mean_ranks, key=self.mean_ranks.__getitem__)
        return [
            tuple(order[first:last])
            for first, last in cliques([self.mean_ranks[label] for label in order], self.critical_difference)
        ]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """All pairs, the solver of the better mean gap first: by how many per cent of the second it is better, and how sure.

        ``percent``, ``low``, ``high`` and ``p`` are of the sign-flip test, ``p_holm`` is corrected for the number of pairs;
        beside it ``wilcoxon``, corrected likewise, with ``rank_biserial``.
        """
        import pandas as pd

        runs = self.selection.runs
        found = list(itertools.combinations(self.solvers, 2))
        if not found:
            return pd.DataFrame(columns=["better", "worse", "percent", "low", "high", "p", "p_holm", "wilcoxon", "rank_biserial"])
        columns = np.column_stack([by_instance(runs, worse, better).to_numpy() for better, worse in found])
        towards = direction(runs, columns.ravel())
        rows = []
        for (better, worse), column, estimate in zip(found, columns.T, sign_flips(columns, self.alpha), strict=True):
            mean, low, high = (100 * of_baseline(x, towards) for x in (estimate.value, estimate.low, estimate.high))
            signed = wilcoxon(column)
            rows.append(
                {
                    "better": better,
                    "worse": worse,
                    "percent": mean,
                    "low": low,
                    "high": high,
                    "p": estimate.p,
                    "wilcoxon": signed.p,
                    "rank_biserial": signed.rank_biserial,
                }
            )
        frame = pd.DataFrame(rows)
        return frame.assign(p_holm=holm(list(frame["p"])), wilcoxon=holm(list(frame["wilcoxon"])))

    @property
    def statements(self) -> tuple[str, ...]:
        """The finding, and how many runs gave no solution."""
        return tuple(part for part in (self._finding(), self.failures()) if part)

    def _finding(self) -> str:
        best = self.gaps.sort_values("mean", kind="stable").iloc[0]
        label = best["solver"]
        gap = with_interval(100 * best["mean"], 100 * best["low"], 100 * best["high"])
        if np.isnan(best["low"]):
            gap = percent(best["mean"])
        if len(self.solvers) == 1:
            return f"{label} has a mean gap of {gap} ({self.sample})"
        own = self.pairs[self.pairs["better"] == label]
        beaten = own[own["p_holm"] <= self.alpha]
        told = f"{label} has the smallest mean gap of {plural(len(self.solvers), 'solver')}, {gap}"
        if beaten.empty:
            return f"no solver can be told from the best: {told} ({self.sample})"
        worst = p_value(float(beaten["p_holm"].max()), self.alpha)
        others = [name for name in own["worse"] if name not in set(beaten["worse"])]
        named = "all others" if not others else ", ".join(beaten["worse"])
        rest = f", but not shown to be better than {', '.join(others)}" if others else ""
        return f"{told}, and is better than {named} ({worst} after Holm's correction){rest} ({self.sample})"

    def to_frame(self) -> pd.DataFrame:
        """The gap table with mean ranks, best first."""
        return (
            self.gaps.assign(rank=self.gaps["solver"].map(self.mean_ranks))
            .sort_values("mean", kind="stable")
            .reset_index(drop=True)
        )

    def instance_gaps(self) -> pd.DataFrame:
        """Mean gap (a share) of each solver on each instance: instances by solvers, best solver first."""
        runs = self.selection.runs.assign(gap=run_gaps(self.selection))
        return runs.groupby(["instance", "solver"])["gap"].mean().unstack()[list(self.solvers)]


def cliques(ranks: Sequence[float], width: float) -> list[tuple[int, int]]:
    """Largest stretches of ascending ranks that span less than ``width``, as (first, end); those within another are left out.

    Examples
    --------
    >>> cliques([1.0, 1.5, 2.9, 3.1], 1.7)
    [(0, 2), (1, 4)]
    """
    found: list[tuple[int, int]] = []
    for first in range(len(ranks)):
        end = first + 1
        while end < len(ranks) and ranks[end] - ranks[first] < width:
            end += 1
        if end - first > 1 and (not found or end > found[-1][1]):
            found.append((first, end))
    return found

"""Differences of two solvers, an instance at a time, such that nothing but the sign changes when the two change places.

The difference of two solvers on an instance is that of their mean costs over the seeds, as a share of the mean size of the
objectives of both there: ``d = (a - b) / mean(|objectives of both|)``, from -2 to 2. A share of the baseline itself would look
simpler and be wrong: its mean over instances is off zero for a solver that is compared with itself (the mean of ``(a - b) / a``
is about minus the relative variance of a), it has no value where the baseline is 0, and it says something else when the two
change places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .statistics import SAME

if TYPE_CHECKING:
    import pandas as pd


def by_instance(runs: pd.DataFrame, baseline: str, candidate: str) -> pd.Series:
    """The difference on each instance, positive where the candidate is better; indexed by instance, sorted.

    Parameters
    ----------
    runs : DataFrame
        The runs of a `Selection`.
    baseline, candidate : str
        Labels.
    """
    own = runs[runs["solver"].isin((baseline, candidate))]
    cost = own.groupby(["instance", "solver"])["cost"].mean().unstack()
    return _shares(cost[baseline] - cost[candidate], own["cost"].abs().groupby(own["instance"]).mean())


def by_seed(runs: pd.DataFrame, baseline: str, candidate: str) -> pd.Series:
    """The difference for each seed, where there is one instance only."""
    return by_pair(runs, baseline, candidate).droplevel("instance")


def by_pair(runs: pd.DataFrame, baseline: str, candidate: str) -> pd.Series:
    """The difference of each pair of runs, one an instance and seed, as a share of the mean size of all on the instance."""
    own = runs[runs["solver"].isin((baseline, candidate))]
    cost = own.pivot(index=["instance", "seed"], columns="solver", values="cost")
    scale = own["cost"].abs().groupby(own["instance"]).mean()
    return _shares(cost[baseline] - cost[candidate], scale.reindex(cost.index, level="instance"))


def _shares(difference: pd.Series, scale: pd.Series) -> pd.Series:
    """0 where all objectives are 0, and where nothing but the rounding of a sum makes a difference."""
    shares = (difference / scale).fillna(0.0)
    return shares.where(shares.abs() > SAME, 0.0).rename("difference")


def direction(runs: pd.DataFrame, differences: Iterable[float] = ()) -> int:
    """1 where better means nearer to zero (costs), -1 where it means further from it (profits).

    0 where a share of the baseline means nothing: objectives of both signs occur, or one of the differences is that of a baseline
    of 0 (-2 for costs, 2 for profits).
    """
    cost = runs.loc[runs["found"], "cost"]
    towards = int((cost >= 0).all()) - int((cost <= 0).all())
    return 0 if any(1 + towards * d / 2 <= SAME for d in differences) else towards


def of_baseline(difference: float, direction: int) -> float:
    """A difference as a share of the baseline, as people say it.

    With ``d = (a - b) / ((a + b) / 2)``, the share ``(a - b) / a`` is ``d / (1 + d / 2)``; for profits, ``(b - a) / a`` is
    ``d / (1 - d / 2)``. Where a share of the baseline means nothing (see `direction`), d stays what
    it is.

    Parameters
    ----------
    difference : float
        Relative to the mean of both.
    direction : {1, -1, 0}
        Of `direction`.

    Examples
    --------
    From 110 to 100, and back again:

    >>> round(of_baseline(10 / 105, 1), 12) == round(10 / 110, 12)
    True
    >>> round(of_baseline(-10 / 105, 1), 12) == round(-10 / 100, 12)
    True
    """
    whole = 1 + direction * difference / 2
    return difference / whole if whole > 0 else math.copysign(math.inf, difference)

"""How far each solver stays from the best value known, with intervals over instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .selection import Selection
from .statistics import bootstrap_mean

if TYPE_CHECKING:
    import pandas as pd

REACHED = 1e-9
"""A gap of at most this counts as none."""


def references(selection: Selection) -> pd.DataFrame:
    """What each instance's gaps are measured from.

    Returns
    -------
    DataFrame
        One row an instance, indexed by it: ``cost`` (the reference value, negative where the sense is "max"), ``source``
        ("best known", or "best found" where none is known) and ``improved`` (a run was better than the best known).
    """
    import pandas as pd

    runs = selection.runs
    sign = np.where(runs["sense"] == "min", 1.0, -1.0)
    known = (sign * runs["best_known"]).where(np.isfinite(runs["best_known"])).groupby(runs["instance"], sort=False).min()
    found = runs["cost"].where(runs["found"]).groupby(runs["instance"], sort=False).min()
    frame = pd.DataFrame({"cost": known.fillna(found), "source": np.where(known.notna(), "best known", "best found")})
    frame["improved"] = known.notna() & (found < known - REACHED * known.abs())
    return frame


def run_gaps(selection: Selection) -> pd.Series:
    """The gap of each run: how much its cost exceeds the reference, as a share of the reference; negative where it is better.

    Where the reference is 0, a share of it means nothing: the gap is then 0 for a cost of 0, and 1 (100 %) for a larger one,
    as of Berthold's primal gap (`primal_gap`).
    """
    reference = selection.runs["instance"].map(references(selection)["cost"])
    over = selection.runs["cost"] - reference
    return (over / reference.abs()).where(reference != 0, np.sign(over)).rename("gap")


def primal_gap(cost: Any, reference: Any) -> NDArray[np.float64]:
    """Berthold's primal gap, from 0 to 1, whatever the signs.

    0 where both are 0 or the cost is at least as good as the reference, 1 where their signs differ, else
    ``|cost - reference| / max(|cost|, |reference|)``.

    Notes
    -----
    Berthold (2013), Measuring the impact of primal heuristics, Operations Research Letters 41, section 2.

    Examples
    --------
    >>> [float(gap) for gap in primal_gap([110.0, 100.0, 0.0, -5.0], [100.0, 100.0, 0.0, -10.0])]
    [0.09090909090909091, 0.0, 0.0, 0.5]
    """
    cost, reference = np.broadcast_arrays(np.asarray(cost, np.float64), np.asarray(reference, np.float64))
    over = cost - reference
    largest = np.maximum(np.abs(cost), np.abs(reference))
    gap = np.where(cost * reference < 0, 1.0, over / np.where(largest > 0, largest, 1.0))
    return np.where(over <= 0, 0.0, gap)


def gap_table(selection: Selection, by: str | None = None, alpha: float = 0.05) -> pd.DataFrame:
    """Gaps of each solver, with bootstrap intervals over the instances.

    Seeds are averaged within each instance first. Runs without a solution are charged as `Selection` says, and counted in
    a column of their own.

    Parameters
    ----------
    selection : Selection
        The runs.
    by : str, optional
        A column of the runs (``"problem_class"``, for instance): one row a solver and value of it.
    alpha : float
        Intervals have confidence 1 - alpha.

    Returns
    -------
    DataFrame
        ``solver``, the column ``by``, ``instances``, ``runs``, ``failed`` (runs without a solution), ``mean`` with ``low``
        and ``high``, ``median`` and ``worst`` (over instances; shares, so 0.01 is 1 %), ``reached`` (share of the runs that
        are at least as good as the reference), ``seconds`` (mean wall clock of a run).
    """
    import pandas as pd

    runs = selection.runs.assign(gap=run_gaps(selection))
    rows = []
    for value, part in [(None, runs)] if by is None else runs.groupby(by, sort=True):
        for label in selection.solvers:
            own = part[part["solver"] == label]
            gaps = own.groupby("instance")["gap"].mean().to_numpy()
            low, high = bootstrap_mean(gaps, alpha)
            rows.append(
                {
                    "solver": label,
                    **({} if by is None else {by: value}),
                    "instances": len(gaps),
                    "runs": len(own),
                    "failed": int((~own["found"]).sum()),
                    "mean": float(gaps.mean()),
                    "low": low,
                    "high": high,
                    "median": float(np.median(gaps)),
                    "worst": float(gaps.max()),
                    "reached": float((own["found"] & (own["gap"] <= REACHED)).mean()),
                    "seconds": float(own["seconds"].mean()),
                }
            )
    return pd.DataFrame(rows)

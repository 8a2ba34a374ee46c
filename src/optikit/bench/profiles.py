"""Profiles: the share of problems that a solver has solved, against what it may cost; and gaps against time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .gaps import run_gaps
from .incumbents import Incumbents
from .selection import Selection

if TYPE_CHECKING:
    import pandas as pd

TARGETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Gaps of which `fair_target` chooses one."""

BANDS = 1_000
"""Bootstrap samples of a band."""


@dataclass(frozen=True)
class Steps:
    """A step function for each solver: ``share[s][i]`` from ``x[s][i]`` on.

    Parameters
    ----------
    solvers : tuple of str
        Labels.
    x, share : tuple of ndarray
        One of each a solver, ascending; the share is 0 before ``x[s][0]``.
    problems : int
        How many problems (instance and seed) a share is of.
    """

    solvers: tuple[str, ...]
    x: tuple[NDArray[np.float64], ...]
    share: tuple[NDArray[np.float64], ...]
    problems: int

    def at(self, x: float) -> dict[str, float]:
        """Label -> share at ``x``."""
        found = {}
        for label, xs, shares in zip(self.solvers, self.x, self.share, strict=True):
            place = int(np.searchsorted(xs, x, side="right"))
            found[label] = float(shares[place - 1]) if place else 0.0
        return found


def performance_ratios(costs: ArrayLike) -> NDArray[np.float64]:
    """What each solver needed on each problem, as a multiple of what the best needed.

    Parameters
    ----------
    costs : array_like, shape (num_problems, num_solvers)
        Positive measures, smaller is better; infinite where a solver failed. Zeros (a clock's resolution) count as the
        smallest positive number there is on the problem, or 1.

    Returns
    -------
    ndarray, shape (num_problems, num_solvers)
        At least 1; infinite where the solver failed.

    Notes
    -----
    Dolan and More (2002), Benchmarking optimization software with performance profiles, Mathematical Programming 91, section 2.
    """
    table = np.asarray(costs, np.float64)
    positive = np.where(table > 0, table, np.inf)
    least = positive.min(axis=1, keepdims=True)
    table = np.where(table > 0, table, np.where(np.isfinite(least), least, 1.0))
    best = table.min(axis=1, keepdims=True)
    return np.where(np.isfinite(table), table / np.where(np.isfinite(best), best, 1.0), np.inf)


def cumulative(values: NDArray[np.float64], solvers: tuple[str, ...]) -> Steps:
    """Share of the rows in which each solver's value is at most x, as steps.

    Parameters
    ----------
    values : ndarray, shape (num_problems, num_solvers)
        Infinite where a solver failed.
    solvers : tuple of str
        Labels of the columns.
    """
    xs, shares = [], []
    for column in values.T:
        x, counts = np.unique(column[np.isfinite(column)], return_counts=True)
        xs.append(x)
        shares.append(np.cumsum(counts) / len(column))
    return Steps(solvers, tuple(xs), tuple(shares), len(values))


def performance_profile(incumbents: Incumbents, measure: str = "time", target: float = 0.01) -> Steps:
    """Dolan and More's performance profile: rho(tau), the share of problems on which a solver is within a factor tau of the best.

    Parameters
    ----------
    incumbents : Incumbents
        The runs with their traces.
    measure : {"time", "quality"}
        ``"time"``: seconds until the gap is at most ``target``. ``"quality"``: 1 + final gap, for positive objectives that are
        minimised the ratio of the objectives themselves; failed runs have none.
    target : float
        Gap to the reference (a share) that counts as solved.
    """
    if measure == "time":
        return cumulative(
            performance_ratios(_by_problem(incumbents.selection, time_to_gap(incumbents, target))), incumbents.selection.solvers
        )
    if measure != "quality":
        raise ValueError(f"measure is {measure!r}; expected 'time' or 'quality'")
    runs = incumbents.selection.runs
    # A run that is better than the best known may have a gap below 0, but none of -100 % or less makes a ratio.
    quality = np.maximum(1.0 + run_gaps(incumbents.selection).to_numpy(), 1e-9)
    return cumulative(
        performance_ratios(_by_problem(incumbents.selection, np.where(runs["found"], quality, np.inf))),
        incumbents.selection.solvers,
    )


def data_profile(incumbents: Incumbents, tau: float = 0.1) -> Steps:
    """More and Wild's data profile: the share of problems that a solver has solved within a budget a unit of size.

    A problem counts as solved as soon as the cost has come down by at least ``1 - tau`` of the way from the first solution
    (the worst of all solvers' first) to the best that any run found. The budget is in seconds divided by (size + 1), as More
    and Wild divide evaluations by the number of variables plus 1; where a size is missing, in seconds alone.

    Notes
    -----
    More and Wild (2009), Benchmarking derivative-free optimization algorithms, SIAM Journal on Optimization 20, section 2.
    """
    import pandas as pd

    runs = incumbents.selection.runs.reset_index(drop=True)
    first = pd.Series(incumbents.first_cost()).groupby(runs["instance"]).transform("max")
    best = runs["cost"].where(runs["found"]).groupby(runs["instance"]).transform("min")
    seconds = incumbents.time_to((best + tau * (first - best)).to_numpy(np.float64))
    return cumulative(_by_problem(incumbents.selection, seconds / _scale(runs)), incumbents.selection.solvers)


def has_sizes(selection: Selection) -> bool:
    """Whether a data profile can be drawn a unit of size."""
    return bool(selection.runs["size"].notna().all())


def _scale(runs: pd.DataFrame) -> NDArray[np.float64]:
    if runs["size"].isna().any():
        return np.ones(len(runs))
    return np.asarray(runs["size"], np.float64) + 1.0


def time_to_gap(incumbents: Incumbents, target: float) -> NDArray[np.float64]:
    """Seconds until each run's gap was at most ``target``, infinite where it never was; shape (num_runs,)."""
    reference = incumbents.reference
    return incumbents.time_to(np.where(reference != 0, reference + target * np.abs(reference), 0.0))


def time_to_target(incumbents: Incumbents, target: float = 0.01) -> Steps:
    """The empirical distribution of the time to a target, with the plotting positions of time-to-target plots.

    The i-th shortest of N times is plotted at ``(i - 1/2) / N``; runs that never got there are among the N.

    Notes
    -----
    Aiex, Resende, Ribeiro (2007), TTT plots: a Perl program to create time-to-target plots, Optimization Letters 1.
    """
    seconds = _by_problem(incumbents.selection, time_to_gap(incumbents, target))
    xs, shares = [], []
    for column in seconds.T:
        x = np.sort(column[np.isfinite(column)])
        xs.append(x)
        shares.append((np.arange(1, len(x) + 1) - 0.5) / len(column))
    return Steps(incumbents.selection.solvers, tuple(xs), tuple(shares), len(seconds))


def shifted_exponential(times: ArrayLike) -> tuple[float, float]:
    """Shift and mean of the shifted exponential distribution that fits times to a target, by the quartiles of a Q-Q plot.

    Notes
    -----
    Aiex, Resende, Ribeiro (2002), Probability distribution of solution time in GRASP, Journal of Heuristics 8, section 3: with
    ``q = -ln(1 - p)`` of the exponential, the line through the lower and the upper quartile has slope ``(z_u - z_l) / (q_u -
    q_l)``, the mean, and meets the axis at the shift.
    """
    sample = np.sort(np.asarray(times, np.float64))
    low, high = (float(np.quantile(sample, p, method="hazen")) for p in (0.25, 0.75))
    q_low, q_high = -np.log(1 - 0.25), -np.log(1 - 0.75)
    mean = (high - low) / (q_high - q_low)
    return float(low - mean * q_low), float(mean)


def fair_target(selection: Selection) -> float:
    """The smallest of `TARGETS` that at least half of all runs reach: neither out of reach nor there at once."""
    gaps = run_gaps(selection).where(selection.runs["found"], np.inf)
    return next((target for target in TARGETS if (gaps <= target).mean() >= 0.5), TARGETS[-1])


@dataclass(frozen=True)
class Curves:
    """Mean primal gap against time.

    Parameters
    ----------
    solvers : tuple of str
        Labels.
    seconds : ndarray, shape (num_times,)
        Moments.
    mean, low, high : ndarray, shape (num_solvers, num_times)
        Mean over instances (seeds averaged within each) and its bootstrap band.
    """

    solvers: tuple[str, ...]
    seconds: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def anytime(incumbents: Incumbents, points: int = 160, alpha: float = 0.05) -> Curves:
    """How the mean primal gap falls with time, with a percentile-bootstrap band over the instances at each moment.

    A run without a solution so far has a gap of 1; one that ended early keeps what it had.

    Parameters
    ----------
    incumbents : Incumbents
        The runs with their traces.
    points : int
        Moments, spaced evenly on a logarithmic axis from the first solution of any run to the end of the longest.
    alpha : float
        Bands have confidence 1 - alpha at each moment.
    """
    last = float(incumbents.horizon.max())
    first = float(incumbents.seconds[incumbents.seconds > 0].min(initial=last))
    first = min(max(first, last / 1e4), last / 2) if last > 0 else 0.5
    times = np.geomspace(first, max(last, 2 * first), points)
    gaps = incumbents.gaps_at(times)
    runs = incumbents.selection.runs
    mean, low, high = [], [], []
    for label in incumbents.selection.solvers:
        own = (runs["solver"] == label).to_numpy()
        names, of = np.unique(runs["instance"].to_numpy(str)[own], return_inverse=True)
        per_instance = np.zeros((len(names), points))
        np.add.at(per_instance, of, gaps[own])
        per_instance /= np.bincount(of)[:, None]
        weights = np.random.default_rng(len(names)).multinomial(len(names), np.full(len(names), 1 / len(names)), BANDS) / len(names)
        limits = np.quantile(weights @ per_instance, (alpha / 2, 1 - alpha / 2), axis=0)
        mean.append(per_instance.mean(axis=0))
        low.append(limits[0])
        high.append(limits[1])
    return Curves(incumbents.selection.solvers, times, np.array(mean), np.array(low), np.array(high))


def _by_problem(selection: Selection, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A value a run as an array of problems (instance and seed) by solvers: the runs of a selection are complete and sorted."""
    return values.reshape(len(selection.solvers), -1).T

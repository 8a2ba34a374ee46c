"""Tests on ranks, for those who ask how often rather than by how much: Wilcoxon of two solvers, Friedman and Nemenyi of several."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .statistics import finite

EXACT_RANKS = 50
"""Up to this many differences that are not zero, Wilcoxon's p-value is exact."""


@dataclass(frozen=True)
class SignedRanks:
    """Wilcoxon's signed-rank test: the sums of ranks, the p-value, and the effect size that belongs to it.

    Parameters
    ----------
    positive, negative : float
        Sums of the ranks of the positive and the negative differences; zeros are shared by both.
    p : float
        Two-sided.
    rank_biserial : float
        (positive - negative) / (positive + negative), from -1 to 1: Kerby's (2014) matched-pairs rank-biserial correlation.
    """

    positive: float
    negative: float
    p: float
    rank_biserial: float


def wilcoxon(differences: ArrayLike) -> SignedRanks:
    """Wilcoxon's signed-rank test.

    Differences of zero are dropped for the p-value, as by Wilcoxon (1945) and by default in scipy. It is exact for up to
    `EXACT_RANKS` differences, ties included: the share of all patterns of signs, given the sizes, whose rank sum is as far from
    its mean. Beyond, by the normal approximation. In the rank sums and the correlation zeros are shared by both sides (Demsar
    2006, section 3.1.3), since to leave them out would make a draw on most instances look like a victory.

    Examples
    --------
    >>> wilcoxon([1, 2, 3, -4, 5, 6]).positive
    17.0
    >>> wilcoxon([1, 1, 1, 1, 1, 1]).p
    0.03125
    """
    from scipy import stats

    values = finite(differences)
    ranks = stats.rankdata(np.abs(values))
    shared = float(ranks[values == 0].sum()) / 2
    positive, negative = float(ranks[values > 0].sum()) + shared, float(ranks[values < 0].sum()) + shared
    told = values[values != 0]
    if not len(told):
        p = 1.0
    elif len(told) <= EXACT_RANKS:
        p = _exact_rank_p(stats.rankdata(np.abs(told)), told > 0)
    else:
        p = float(stats.wilcoxon(told, method="approx").pvalue)
    return SignedRanks(positive, negative, p, (positive - negative) / (positive + negative))


def _exact_rank_p(ranks: NDArray[np.float64], is_positive: NDArray[np.bool_]) -> float:
    """Two-sided p-value over all patterns of signs; their rank sums (ranks are halves of integers) are counted a rank at a time."""
    steps = np.rint(2 * ranks).astype(np.int64)
    share = np.ones(1)  # of the patterns, by twice their rank sum
    for step in steps:
        share = (np.pad(share, (0, step)) + np.pad(share, (step, 0))) / 2
    least = min(int(steps[is_positive].sum()), int(steps[~is_positive].sum()))
    return min(1.0, 2 * float(share[: least + 1].sum()))


@dataclass(frozen=True)
class RankTest:
    """Friedman's test of k solvers on N instances.

    Parameters
    ----------
    ranks : tuple of float
        Mean rank of each solver, 1 is best.
    statistic, p : float
        Friedman's chi-square with its p-value.
    f, f_p : float
        Iman and Davenport's less conservative F, with its p-value.
    """

    ranks: tuple[float, ...]
    statistic: float
    p: float
    f: float
    f_p: float


def friedman(costs: ArrayLike) -> RankTest:
    """Friedman's test with Iman and Davenport's F (Demsar 2006, section 3.2.2).

    Parameters
    ----------
    costs : array_like, shape (N, k)
        Instances by solvers, k >= 3; smaller is better. Ties share their ranks.

    Examples
    --------
    >>> friedman([[1, 2, 3], [1, 3, 2], [1, 2, 3], [2, 1, 3]]).ranks
    (1.25, 2.0, 2.75)
    """
    from scipy import stats

    table = np.asarray(costs, np.float64)
    n, k = table.shape
    ranks = tuple(float(rank) for rank in stats.rankdata(table, axis=1).mean(axis=0))
    if (table == table[:, :1]).all():
        return RankTest(ranks, 0.0, 1.0, 0.0, 1.0)
    statistic, p = (float(value) for value in stats.friedmanchisquare(*table.T))
    rest = n * (k - 1) - statistic
    f = (n - 1) * statistic / rest if rest > 1e-12 * statistic else math.inf
    f_p = float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))) if n > 1 else math.nan
    return RankTest(ranks, statistic, p, f, f_p)


def critical_difference(k: int, n: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of mean ranks of ``k`` solvers on ``n`` instances (Demsar 2006, section 3.2.2).

    Examples
    --------
    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    from scipy import stats

    return float(stats.studentized_range.ppf(1 - alpha, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n)))

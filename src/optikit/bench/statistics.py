"""The tests and intervals behind a verdict, on plain arrays: one value an instance, since the instance is the unit.

Seeds of one instance are no independent samples of the instances that one wants to speak of: whoever calls these functions
has averaged over them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT = 16
"""Up to this many differences, every pattern of signs is gone through; beyond, as many are drawn as there are patterns here."""

RESAMPLES = 9_999
"""Bootstrap samples."""

SAME = 1e-12
"""Differences nearer than this share of the largest are one: sums of floats differ by their order."""


@dataclass(frozen=True)
class Estimate:
    """A mean difference with the interval and the p-value of one and the same test.

    Parameters
    ----------
    value : float
        The mean.
    low, high : float
        All differences that the test does not reject lie between these, themselves included.
    p : float
        Two-sided p-value of "the difference is 0".
    confidence : float
        Of the interval: what was asked for, or the most that so few values allow (``1 - 2 / 2**n``).
    n : int
        How many values.
    """

    value: float
    low: float
    high: float
    p: float
    confidence: float
    n: int


def sign_flip(differences: ArrayLike, alpha: float = 0.05) -> Estimate:
    """Fisher's randomisation test of paired differences, and the interval of all shifts that it does not reject.

    Were the two labels of each pair interchangeable, every difference could as well have had the other sign. The p-value is
    the share of all patterns of signs whose mean is at least as far from zero as the one observed: exact for whatever
    distribution, at any number of pairs, ties included. Taking each shift away in turn and testing again gives the
    interval; it has a closed form, since a shift lies on the border exactly where it is the mean of a subset of the
    differences (Hartigan's typical values). Hence p <= alpha if and only if 0 lies outside of the interval.

    Parameters
    ----------
    differences : array_like, shape (n,)
        One a pair.
    alpha : float
        Level of the test; the interval has confidence 1 - alpha.

    Returns
    -------
    Estimate
        With fewer than ``log2(2 / alpha)`` differences (6 at 5 %) no p-value can reach alpha, and the interval is that of the
        highest confidence there is: from the smallest difference to the largest.

    Raises
    ------
    ValueError
        For no differences, or one that is not finite.

    Notes
    -----
    Fisher (1935), The Design of Experiments, section 21; Hartigan (1969), Using subsample values as typical values, JASA 64.
    Where both solvers' errors differ in shape such that differences are skewed, it holds asymptotically, as the t test does
    (Janssen 1997, Studentized permutation tests for non-i.i.d. hypotheses; for one sample the studentised test is this one).

    Examples
    --------
    Darwin's maize, in eighths of an inch; Fisher counted 863 of 32,768 patterns on either side:

    >>> maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    >>> estimate = sign_flip(maize)
    >>> round(estimate.p * 32_768)
    1726
    >>> estimate.low <= 0 <= estimate.high
    True
    """
    return sign_flips(finite(differences)[:, None], alpha)[0]


def sign_flips(columns: ArrayLike, alpha: float = 0.05) -> list[Estimate]:
    """`sign_flip` of each column of an array of shape (n, m): all by the same patterns, and so much faster than one by one."""
    table = np.asarray(columns, np.float64)
    found = []
    for first in range(0, table.shape[1], 64):
        part = np.column_stack([_ordered(values) for values in table[:, first : first + 64].T])
        found += [_estimate(values, means, alpha) for values, means in zip(part.T, _subset_means(part).T, strict=True)]
    return found


def _ordered(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same order however the instances come, and whichever of the two solvers is named first: drawn patterns meet the same."""
    towards = 1.0 if values.mean() >= 0 else -1.0
    return values[np.lexsort((towards * values, np.abs(values)))]


def _estimate(values: NDArray[np.float64], means: NDArray[np.float64], alpha: float) -> Estimate:
    tiny = SAME * float(np.abs(values).max())
    patterns = len(means) + 1  # the empty subset: the signs as they are
    p = 2 * min(1 + np.count_nonzero(means <= tiny), 1 + np.count_nonzero(means >= -tiny)) / patterns
    spared = math.floor(alpha * patterns / 2 + 1e-9) - 1  # so many subset means on one side are still a rejection
    confidence = 1 - alpha
    if spared < 0:
        spared, confidence = 0, 1 - 2 / patterns
    return Estimate(
        value=_plain(float(values.mean()), tiny),
        low=_plain(float(means[spared]), tiny),
        high=_plain(float(means[-1 - spared]), tiny),
        p=min(1.0, float(p)),
        confidence=confidence,
        n=len(values),
    )


def _subset_means(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of all nonempty subsets of the rows, or of subsets drawn at random with their complements; each column sorted."""
    n = len(columns)
    if n <= EXACT:
        masks = ((np.arange(1, 1 << n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
        return np.sort((masks @ columns) / masks.sum(axis=1)[:, None], axis=0)
    generator, total, found = np.random.PCG64(n), columns.sum(axis=0), []
    words = (n + 63) // 64
    rows = max(1, (1 << 22) // (64 * words))
    for first in range(0, 1 << (EXACT - 1), rows):
        count = min(rows, (1 << (EXACT - 1)) - first)
        # Raw words: the stream that numpy promises to be the same in every version and on every machine.
        drawn = generator.random_raw(count * words).astype("<u8").view(np.uint8).reshape(count, 8 * words)
        masks = np.unpackbits(drawn, axis=1, count=n, bitorder="little").astype(np.float64)
        sizes = masks.sum(axis=1)
        masks, sizes = masks[(sizes > 0) & (sizes < n)], sizes[(sizes > 0) & (sizes < n), None]
        sums = masks @ columns
        found += [sums / sizes, (total - sums) / (n - sizes)]
    return np.sort(np.concatenate(found), axis=0)


def detectable_difference(deviation: float, n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The mean difference that a paired test of ``n`` differences finds with a given power.

    By the noncentral t distribution (Cohen 1988, Statistical Power Analysis, section 2.3): the sign-flip test has the power
    of the t test to first order (Hoeffding 1952). Infinite with fewer than two differences.

    Parameters
    ----------
    deviation : float
        Standard deviation of the differences.
    n : int
        How many.
    alpha, power : float
        Level of the two-sided test, and the share of such experiments that reach it.

    Examples
    --------
    >>> round(detectable_difference(1.0, 40), 3)
    0.454
    """
    if n < 2:
        return math.inf
    from scipy.optimize import brentq

    # The search stays where the noncentral t distribution is computed well: at noncentralities of a few units.
    unit, upper = 1 / math.sqrt(n), 2.0
    while power_of(upper * unit, n, alpha) < power:
        upper *= 1.5
    shift = brentq(lambda shift: power_of(shift * unit, n, alpha) - power, 0.0, upper, xtol=1e-13, rtol=1e-13)
    return float(shift * unit * deviation)


def power_of(effect: float, n: int, alpha: float = 0.05) -> float:
    """Power of the two-sided paired t test for a mean of ``effect`` standard deviations in ``n`` differences."""
    from scipy import stats

    limit = stats.t.ppf(1 - alpha / 2, n - 1)
    shift = effect * math.sqrt(n)
    wrong_side = float(stats.nct.cdf(-limit, n - 1, shift))
    return float(stats.nct.sf(limit, n - 1, shift)) + (0.0 if math.isnan(wrong_side) else wrong_side)  # NaN where it is below 1e-16


def bootstrap_mean(values: ArrayLike, alpha: float = 0.05) -> tuple[float, float]:
    """Interval of a mean over instances by the bias-corrected and accelerated bootstrap (Efron 1987).

    Parameters
    ----------
    values : array_like, shape (n,)
        One an instance.
    alpha : float
        The interval has confidence 1 - alpha.

    Returns
    -------
    tuple of float
        Lower and upper limit; both NaN for fewer than two values, both the value itself where all are equal.
    """
    sample = np.sort(np.asarray(values, np.float64))
    if len(sample) < 2:
        return math.nan, math.nan
    if sample[0] == sample[-1]:
        return float(sample[0]), float(sample[0])
    from scipy import stats

    found = stats.bootstrap(
        (sample,),
        np.mean,
        n_resamples=RESAMPLES,
        vectorized=True,
        batch=max(1, (1 << 22) // len(sample)),
        confidence_level=1 - alpha,
        method="BCa",
        random_state=len(sample),
    ).confidence_interval
    return float(found.low), float(found.high)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for their number by Holm's (1979) step-down rule, in the order given.

    NaN, a test that could not be made, stays NaN and does not count.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    >>> holm([0.01, float("nan"), 0.03])
    [0.02, nan, 0.03]
    """
    order = sorted((index for index, p in enumerate(p_values) if not math.isnan(p)), key=lambda index: p_values[index])
    corrected, worst = [math.nan] * len(p_values), 0.0
    for place, index in enumerate(order):
        worst = max(worst, min(1.0, (len(order) - place) * p_values[index]))
        corrected[index] = worst
    return corrected


def superiority(baseline: ArrayLike, candidate: ArrayLike) -> float:
    """Probability that a run of the candidate costs less than one of the baseline, ties half: Vargha and Delaney's (2000) A.

    Cliff's (1993) delta is ``2 * A - 1``.

    Parameters
    ----------
    baseline, candidate : array_like
        Costs of the runs on one instance.

    Examples
    --------
    >>> superiority([10, 12], [9, 12])
    0.625
    """
    a, b = np.asarray(baseline, np.float64)[:, None], np.asarray(candidate, np.float64)[None, :]
    return float(((b < a).mean() + (b <= a).mean()) / 2)


def finite(differences: ArrayLike) -> NDArray[np.float64]:
    """Differences as an array; ValueError where there are none, or one is not finite."""
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"differences have shape {values.shape}; expected at least one, in one dimension")
    bad: Any = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(f"differences[{bad[0]}] is {values[bad[0]]}; expected a finite number")
    return values


def _plain(value: float, tiny: float) -> float:
    """Zero where only the order of a sum makes it differ from it."""
    return 0.0 if abs(value) <= tiny else value

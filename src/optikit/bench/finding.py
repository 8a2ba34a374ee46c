"""What a test of paired differences comes to, in a sentence: a difference with its interval, or what could not be shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .phrases import p_value, plural, short, with_interval
from .statistics import Estimate, detectable_difference

POWER = 0.8
"""With this power, the detectable difference would have been found."""


@dataclass(frozen=True)
class Finding:
    """One test of two solvers.

    Parameters
    ----------
    baseline, candidate : str
        Labels.
    differences : ndarray, shape (n,)
        One a unit, positive where the candidate is better.
    estimate : Estimate
        Of these.
    alpha : float
        Level of the test.
    unit : str
        "instance" or "seed".
    share : callable
        A difference as the share that is said.
    basis : str
        What that is a share of, where it is not the baseline.
    charged : bool
        Whether the differences are nothing but the charge for runs without a solution.
    """

    baseline: str
    candidate: str
    differences: NDArray[np.float64]
    estimate: Estimate
    alpha: float
    unit: str
    share: Callable[[float], float]
    basis: str = ""
    charged: bool = False

    @property
    def percent(self) -> tuple[float, float, float]:
        """Mean, lower and upper limit, positive where the candidate is better."""
        mean, low, high = (100 * self.share(x) for x in (self.estimate.value, self.estimate.low, self.estimate.high))
        return mean, low, high

    @property
    def detectable(self) -> float:
        """Per cent that would have been found with 80 % power; infinite with fewer than two units.

        NaN where no pair of runs has two solutions: the deviation of charges says nothing of objectives.
        """
        if self.charged:
            return math.nan
        n = len(self.differences)
        deviation = float(self.differences.std(ddof=1)) if n > 1 else math.inf
        shift = detectable_difference(deviation, n, self.alpha, POWER)
        return 100 * self.share(shift) if math.isfinite(shift) else math.inf

    @property
    def least(self) -> int:
        """As many units are needed for any p-value to reach alpha."""
        return math.ceil(math.log2(2 / self.alpha) - 1e-9)

    def __str__(self) -> str:
        if not self.differences.any():
            return f"{self.candidate} and {self.baseline} gave the same objectives: no difference at all"
        (mean, low, high), n = self.percent, len(self.differences)
        p = p_value(self.estimate.p, self.alpha)
        if self.estimate.p <= self.alpha:
            if mean > 0:
                return f"{self.candidate} is better by {with_interval(mean, low, high)}{self.basis}, {p}"
            return f"{self.candidate} is worse by {with_interval(-mean, -high, -low)}{self.basis}, {p}"
        better = self.candidate if mean >= 0 else self.baseline
        size, least, most = (abs(mean), *((low, high) if mean >= 0 else (-high, -low)))
        if n < self.least:
            spread = f", from {short(least)} % to {short(most)} % by {self.unit}" if n > 1 else ""
            return (
                f"nothing can be shown with {plural(n, self.unit)}: p cannot fall below {2 / 2**n:.2g}, and a level of "
                f"{100 * self.alpha:g} % takes at least {self.least} {self.unit}s; "
                f"{better} is better by {short(size)} %{self.basis} on average{spread}"
            )
        return (
            f"no difference can be shown between {self.candidate} and {self.baseline} "
            f"({with_interval(size, least, most)}{self.basis} in favour of {better}, {p}); {self._power()}"
        )

    def _power(self) -> str:
        if self.charged:
            return "what would have been found cannot be computed, for no pair of runs has two solutions"
        found = f"a difference of {short(self.detectable)} %" if math.isfinite(self.detectable) else "no difference of any size"
        return f"{found} would have been found with {100 * POWER:g} % power"

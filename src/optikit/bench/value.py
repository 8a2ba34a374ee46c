"""What a change is worth, in money or another unit that the user names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import UnsupportedError
from ..inputs.arguments import check_number
from ..inputs.keywords import Strict, refuse_unknown
from ..inputs.wording import shown
from .phrases import amount, plural
from .selection import Selection
from .statistics import Estimate, sign_flip


@dataclass(frozen=True)
class Value(Strict):
    """What the objective means: how much one unit of it is worth, and how often a problem is solved.

    Parameters
    ----------
    per_unit : float
        Worth of one unit of the objective: 0.35 where a kilometre costs 35 cents.
    unit : str
        The unit of that worth: ``"EUR"``, ``"kg CO2"``, ``"hours"``.
    times : float
        How many problems are solved in a period: 250 for one each working day of a year.
    period : str
        ``"year"``, for instance; empty where the worth of a single solve is meant.
    per_failure : float, optional
        What a run without a solution costs beyond the worst solution that was found of its instance. By default such runs
        have no price, and their pairs are left out, which is said.

    Examples
    --------
    >>> Value(per_unit=0.35, unit="EUR", times=250, period="year")
    Value(per_unit=0.35, unit='EUR', times=250, period='year', per_failure=None)
    """

    per_unit: float
    unit: str
    times: float = 1.0
    period: str = ""
    per_failure: float | None = None

    def __post_init__(self) -> None:
        for name in ("unit", "period"):
            if not isinstance(getattr(self, name), str):
                raise UnsupportedError(f"value.{name} is {shown(getattr(self, name))}; expected text")
        if not self.unit.strip():
            raise UnsupportedError("value.unit is empty; name the unit: 'EUR', for instance")
        check_number("value.per_unit", self.per_unit, 0)
        if check_number("value.times", self.times, 0) == 0:
            raise UnsupportedError("value.times is 0; expected how many problems are solved in a period")
        if self.per_failure is not None:
            check_number("value.per_failure", self.per_failure, 0)

    @classmethod
    def of(cls, given: Value | Mapping[str, Any] | None) -> Value | None:
        """A Value from itself, or from a mapping of its fields (as of a TOML file)."""
        if given is None or isinstance(given, cls):
            return given
        if not isinstance(given, Mapping):
            raise UnsupportedError(f"value is {shown(given)}; expected a Value, or a mapping of its fields")
        refuse_unknown("value", given, [field.name for field in fields(cls)])
        for name in ("per_unit", "unit"):
            if name not in given:
                raise UnsupportedError(f"value has no {name}; expected one, for instance {{'per_unit': 0.35, 'unit': 'EUR'}}")
        return cls(**given)


@dataclass(frozen=True)
class Worth:
    """What the candidate saves (or gains) a period over the baseline.

    Parameters
    ----------
    value : Value
        What was asked.
    estimate : Estimate
        In ``value.unit`` a ``value.period``, positive where the candidate is better; each instance counts the same.
    alpha : float
        Level at which it is told from nothing.
    left_out : int
        Pairs of runs that have no price, as one of them gave no solution.
    """

    value: Value
    estimate: Estimate
    alpha: float
    left_out: int

    @property
    def amount(self) -> str:
        """``"12,300 EUR [10,800, 14,100] a year"``, negative where the candidate costs more."""
        return self._amount(self.estimate.value, self.estimate.low, self.estimate.high)

    def _amount(self, mean: float, low: float, high: float) -> str:
        return amount(mean, low, high, self.value.unit) + (f" a {self.value.period}" if self.value.period else " a solve")

    def __str__(self) -> str:
        found, where = self.estimate, "where both gave a solution, " if self.left_out else ""
        if found.p > self.alpha:
            return f"{where}what that is worth cannot be told from nothing: {self.amount}"
        if found.value > 0:
            return f"{where}worth {self.amount}"
        return f"{where}costs {self._amount(-found.value, -found.high, -found.low)} more"

    @property
    def note(self) -> str | None:
        """A sentence on what has no price."""
        if not self.left_out:
            return None
        pairs, have = plural(self.left_out, "pair"), "has" if self.left_out == 1 else "have"
        return f"{pairs} of runs {have} no price in {self.value.unit}, for want of a solution; set per_failure to count them."


def worth(selection: Selection, unit: str, value: Value, alpha: float) -> Worth | None:
    """Weigh the difference of two solvers' costs.

    Parameters
    ----------
    selection : Selection
        Of the baseline and the candidate, in this order.
    unit : {"instance", "seed"}
        What is averaged over last: the independent samples.
    value : Value
        The worth of the objective.
    alpha : float
        Level of the test.

    Returns
    -------
    Worth or None
        None where no pair of runs has a price.
    """
    runs, (baseline, candidate) = selection.runs, selection.solvers
    worst = runs["cost"].where(runs["found"]).groupby(runs["instance"]).transform("max")
    money = value.per_unit * runs["cost"].where(runs["found"])
    if value.per_failure is not None:
        money = money.fillna(value.per_unit * worst + value.per_failure)
    pairs = runs.assign(money=money).pivot(index=["instance", "seed"], columns="solver", values="money")
    saved = (pairs[baseline] - pairs[candidate]).dropna()
    if saved.empty:
        return None
    estimate = sign_flip(value.times * saved.groupby(unit).mean().to_numpy(), alpha)
    return Worth(value, estimate, alpha, len(pairs) - len(saved))

"""Whether one solver is better than another, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..inputs.keywords import strict
from .differences import by_instance, by_seed, direction, of_baseline
from .evidence import Evidence, check_level
from .finding import POWER as POWER
from .finding import Finding
from .phrases import plural
from .rank_tests import SignedRanks, wilcoxon
from .selection import PENALTY, frames_of, select, undone_of
from .statistics import Estimate, bootstrap_mean, holm, sign_flip, superiority
from .value import Value, Worth, worth

if TYPE_CHECKING:
    import pandas as pd

OF_BOTH = " of the mean size of both objectives"
"""What a difference is said in per cent of, where a share of the baseline means nothing."""


@strict
def compare(
    runs: Any,
    baseline: str,
    candidate: str,
    *,
    traces: pd.DataFrame | None = None,
    value: Value | Mapping[str, Any] | None = None,
    alpha: float = 0.05,
    budget: str | None = None,
    penalty: float = PENALTY,
) -> Comparison:
    """Compare two solvers on the instances and seeds that both have run at the same budget.

    Parameters
    ----------
    runs : Runs or DataFrame
        With columns of `bench.schema.RUN_COLUMNS`; ``solver``, ``instance`` and ``objective`` will do.
    baseline, candidate : str
        Labels: what is live, and what is new.
    traces : DataFrame, optional
        With the columns of `bench.schema.TRACE_COLUMNS`, for pictures against time.
    value : Value or mapping, optional
        What the objective is worth.
    alpha : float
        Level of the test; intervals have confidence 1 - alpha.
    budget : str, optional
        As in the frame, ``"time=10"``; by default the longest that both have.
    penalty : float
        A run without a solution is charged the worst objective that either solver found on its instance, and this share of
        it on top.

    Returns
    -------
    Comparison
        With the verdict first.

    Raises
    ------
    UnknownSolverError, UnsupportedError
        See `bench.selection.select`.

    Examples
    --------
    >>> import pandas as pd
    >>> live, new = [100, 210, 330, 405, 520, 610], [98, 204, 322, 401, 501, 600]
    >>> runs = pd.DataFrame({"solver": ["live"] * 6 + ["new"] * 6, "instance": list("abcdef") * 2, "objective": live + new})
    >>> compare(runs, "live", "new").verdict
    'new is better by 2.3 % [1.0, 3.7], p = 0.031 (6 instances, 1 seed each)'
    """
    alpha = check_level(alpha)
    chosen = Value.of(value)
    frame, traces, labels = frames_of(runs, traces, (baseline, candidate))
    selection = select(frame, labels, budget, penalty, undone_of(runs, labels))
    unit = "instance" if len(selection.instances) > 1 else "seed"
    return Comparison(
        selection=selection,
        traces=traces,
        alpha=alpha,
        worth=None if chosen is None else worth(selection, unit, chosen, alpha),
        value=chosen,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Evidence):
    """A candidate against a baseline; `compare` makes it.

    The unit is the instance: seeds are averaged within each, for both solvers, and the differences of these means are tested,
    one an instance. (With one instance alone, the unit is the seed, and the verdict speaks of that instance.) How differences
    are made relative, `bench.differences` says; in sentences and tables they are said in per cent of the baseline.

    Parameters
    ----------
    selection : Selection
        The runs of the two.
    traces : DataFrame or None
        Their improvements.
    alpha : float
        Level of the tests.
    worth : Worth or None
        In the user's unit, where there is a value.
    value : Value or None
        What one unit of the objective is worth.
    """

    worth: Worth | None
    value: Value | None

    @property
    def baseline(self) -> str:
        return self.selection.solvers[0]

    @property
    def candidate(self) -> str:
        return self.selection.solvers[1]

    @property
    def unit(self) -> str:
        """What counts as one independent sample: "instance", or "seed" where there is one instance only."""
        return "instance" if len(self.selection.instances) > 1 else "seed"

    @cached_property
    def instances(self) -> pd.DataFrame:
        """One row an instance: both mean objectives (of runs with a solution), the difference, in per cent too, and the failures.

        ``difference`` and ``percent`` are positive where the candidate is better; ``superiority`` is the share of pairs of runs
        that the candidate wins, ties half.
        """
        runs = self.selection.runs
        facts = runs.groupby("instance").agg({"problem_class": "first", "size": "first", "sense": "first", "seed": "nunique"})
        cells = runs.assign(failed=~runs["found"]).groupby(["instance", "solver"])
        objective, failed = cells["objective"].mean().unstack(), cells["failed"].sum().unstack()
        costs = {key: group.to_numpy() for key, group in cells["cost"]}
        difference = by_instance(runs, self.baseline, self.candidate)
        return facts.rename(columns={"seed": "seeds"}).assign(
            baseline=objective[self.baseline],
            candidate=objective[self.candidate],
            difference=difference,
            percent=[100 * self.of_baseline(d) for d in difference],
            superiority=[superiority(costs[name, self.baseline], costs[name, self.candidate]) for name in facts.index],
            baseline_failed=failed[self.baseline],
            candidate_failed=failed[self.candidate],
        )

    @cached_property
    def differences(self) -> pd.Series:
        """The relative difference of each unit, positive where the candidate is better."""
        if self.unit == "instance":
            return self.instances["difference"]
        return by_seed(self.selection.runs, self.baseline, self.candidate)

    @cached_property
    def estimate(self) -> Estimate:
        """Mean difference, its interval and p-value, all of one sign-flip test (`bench.statistics.sign_flip`)."""
        return sign_flip(self.differences.to_numpy(np.float64), self.alpha)

    @cached_property
    def where_both(self) -> Estimate | None:
        """The same test on the pairs of runs that both gave a solution; None where that is all of them, or none."""
        rest = self._differences_where_both
        return None if rest is None else sign_flip(rest.to_numpy(np.float64), self.alpha)

    @cached_property
    def _differences_where_both(self) -> pd.Series | None:
        runs = self.selection.runs
        both = runs.groupby(["instance", "seed"])["found"].transform("all")
        if both.all() or not both.any():
            return None
        return (by_instance if self.unit == "instance" else by_seed)(runs[both], self.baseline, self.candidate)

    @property
    def _only_charged(self) -> bool:
        """Whether no pair of runs has two solutions."""
        return self._differences_where_both is None and any(self.selection.failures.values())

    @property
    def percent(self) -> tuple[float, float, float]:
        """Mean, lower and upper limit in per cent of the baseline (see `basis`), positive where the candidate is better."""
        return self._finding(self.differences, self.estimate).percent

    def of_baseline(self, difference: float) -> float:
        """A difference as a share of the baseline (`bench.differences.of_baseline`), or of what `basis` says."""
        return of_baseline(difference, self._direction)

    @cached_property
    def _direction(self) -> int:
        runs = self.selection.runs
        measured = [by_instance(runs, self.baseline, self.candidate), self._differences_where_both]
        if self.unit == "seed":
            measured.append(by_seed(runs, self.baseline, self.candidate))
        return direction(runs, [d for part in measured if part is not None for d in part])

    @property
    def basis(self) -> str:
        """What differences are said in per cent of: the baseline, or the mean size of both objectives.

        The latter where objectives of both signs occur, or where the baseline is 0 and the candidate is not.
        """
        return self.baseline if self._direction else OF_BOTH.removeprefix(" of ")

    @property
    def detectable(self) -> float:
        """Per cent of the baseline that would have been found with 80 % power (`bench.finding.Finding.detectable`)."""
        return self._finding(self.differences, self.estimate).detectable

    @cached_property
    def signed_ranks(self) -> SignedRanks:
        """Wilcoxon's signed-rank test and the matched-pairs rank-biserial correlation of the differences."""
        return wilcoxon(self.differences.to_numpy(np.float64))

    @cached_property
    def superiority(self) -> tuple[float, float, float]:
        """Vargha and Delaney's A within instances, averaged over them, with its bootstrap interval; 0.5 is a draw."""
        shares = self.instances["superiority"].to_numpy(np.float64)
        return float(shares.mean()), *bootstrap_mean(shares, self.alpha)

    @property
    def wins(self) -> tuple[int, int, int]:
        """On how many units the candidate was better, equal and worse."""
        d = self.differences
        return int((d > 0).sum()), int((d == 0).sum()), int((d < 0).sum())

    @cached_property
    def by_class(self) -> pd.DataFrame:
        """The same test for each problem class, p-values corrected by Holm; one row where there is but one class."""
        import pandas as pd

        rows = []
        for name, group in self.instances.groupby("problem_class", sort=True):
            found = sign_flip(group["difference"].to_numpy(np.float64), self.alpha)
            low, mean, high = (100 * self.of_baseline(x) for x in (found.low, found.value, found.high))
            rows.append({"problem_class": name, "instances": len(group), "percent": mean, "low": low, "high": high, "p": found.p})
        frame = pd.DataFrame(rows).set_index("problem_class")
        return frame.assign(p_holm=holm(list(frame["p"])))

    @property
    def significant(self) -> bool:
        """Whether the difference is told from zero at the level alpha: 0 lies outside of the interval."""
        return self.estimate.p <= self.alpha

    @property
    def least_instances(self) -> int:
        """As many units are needed for any p-value to reach alpha."""
        return self._finding(self.differences, self.estimate).least

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or charged, in sentences."""
        said, rest = list(self.selection.notes), self._differences_where_both
        if rest is not None and self.where_both is not None:
            said.append(f"Where both gave a solution, {self._finding(rest, self.where_both)}.")
        elif self._only_charged:
            said.append("There is no instance and seed on which both gave a solution: the difference is nothing but the charge.")
        if not self._direction and self.differences.any():
            said.append(self._absolute())
        if self.value is not None and self.worth is None:
            said.append(f"No pair of runs has a price in {self.value.unit}: set per_failure to count runs without a solution.")
        elif self.worth is not None and self.worth.note:
            said.append(self.worth.note)
        return tuple(said)

    @property
    def statements(self) -> tuple[str, ...]:
        """The finding, runs without a solution first, and what it is worth."""
        place = "" if self.unit == "instance" else f"on {self.selection.instances[0]} alone, "
        found = f"{place}{self.failures()}{self._finding(self.differences, self.estimate)} ({self.sample})"
        return tuple(part for part in (found, str(self.worth or "")) if part)

    def failures(self) -> str:
        """How many runs gave no solution, as the beginning of the verdict, and that they are charged; empty where all did."""
        failures = self.selection.failures
        if not any(failures.values()):
            return ""
        total = len(self.selection.runs) // 2
        most, least = sorted(failures, key=lambda label: -failures[label])
        others = f"{failures[least]:,}" if failures[least] else "none"
        top = f", and {100 * self.selection.penalty:g} % on top" if self.selection.penalty else ""
        return (
            f"{most} gave no solution in {failures[most]:,} of {plural(total, 'run')}, {least} in {others}; "
            f"with each of these charged the worst objective found on its instance{top}, "
        )

    def _finding(self, differences: pd.Series, estimate: Estimate) -> Finding:
        basis = "" if self._direction else OF_BOTH
        values = differences.to_numpy(np.float64)
        return Finding(
            self.baseline, self.candidate, values, estimate, self.alpha, self.unit, self.of_baseline, basis, self._only_charged
        )

    def _absolute(self) -> str:
        """The difference in the objective's own unit, where a share of the baseline means nothing."""
        means = self.selection.runs.groupby(["instance", "solver"])["cost"].mean().unstack()
        difference = float((means[self.baseline] - means[self.candidate]).mean())
        better = self.candidate if difference >= 0 else self.baseline
        return (
            f"Objectives are of both signs, or 0 of {self.baseline}: per cent are{OF_BOTH}, at most 200. In the objective's own "
            f"unit {better} is better by {abs(difference):,.6g} on average."
        )

    def gate(self, tolerance: float = 0.0, **options: Any) -> Any:
        """Whether the candidate may pass; see `bench.decision.decide`."""
        from .decision import decide

        return decide(self, tolerance, **options)

    def to_frame(self) -> pd.DataFrame:
        """`instances`, as a copy."""
        return self.instances.copy()

"""Whether a candidate may pass: for continuous integration."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ..errors import UnsupportedError
from ..inputs.arguments import check_count, check_number
from ..inputs.keywords import keywords, refuse_unknown, strict
from ..inputs.wording import shown
from .comparison import Comparison, compare
from .differences import by_pair, direction, of_baseline
from .phrases import fixed, p_value, plural, with_interval
from .statistics import sign_flip


@dataclass(frozen=True, eq=False)
class Decision:
    """What a gate says.

    Parameters
    ----------
    passed : bool
        Whether the candidate may pass.
    reason : str
        Why, in a sentence.
    comparison : Comparison
        On which it rests.
    undecided : bool
        Whether there were too few runs to show any regression, however large.
    """

    passed: bool
    reason: str
    comparison: Comparison
    undecided: bool = False

    @property
    def exit_code(self) -> int:
        """0 if it passed, 1 if not: for the shell."""
        return 0 if self.passed else 1

    def report(self, path: str | os.PathLike[str]) -> Decision:
        """Write the comparison with the decision to ``path``, as `Comparison.report` does."""
        from .report import write

        write(self.comparison, path, [str(self).partition("\n")[0]])
        return self

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'refused'}: {self.reason}\n{self.comparison}"


def gate(runs: Any, baseline: str, candidate: str, tolerance: float = 0.0, **options: Any) -> Decision:
    """Refuse a candidate that is shown to be worse than the baseline.

    Parameters
    ----------
    runs : Runs or DataFrame
        Where the runs are.
    baseline, candidate : str
        Labels.
    tolerance : float
        So much worse it may be, as a share of the baseline: 0.01 is 1 %.
    **options
        ``prove``, ``max_failures`` and ``undecided`` of `decide`; the others go to `bench.comparison.compare`.

    Examples
    --------
    >>> import pandas as pd
    >>> live, new = [100, 210, 330, 405, 520, 610], [105, 214, 342, 411, 541, 630]
    >>> runs = pd.DataFrame({"solver": ["live"] * 6 + ["new"] * 6, "instance": list("abcdef") * 2, "objective": live + new})
    >>> gate(runs, "live", "new").exit_code
    1
    >>> gate(runs, "live", "new", tolerance=0.05).exit_code
    0
    """
    own = {name: options.pop(name) for name in keywords(decide) if name in options}
    refuse_unknown("gate", options, ["tolerance", *keywords(decide), *keywords(compare)])
    return decide(compare(runs, baseline, candidate, **options), tolerance, **own)


@strict
def decide(
    comparison: Comparison,
    tolerance: float = 0.0,
    *,
    prove: bool = False,
    max_failures: int | None = None,
    undecided: str = "refuse",
) -> Decision:
    """Decide by the interval of a comparison, so that verdict and decision never contradict each other.

    With fewer instances than can show anything (5 at a level of 5 %), pairs of runs take their place, one an instance and seed:
    were the two labels interchangeable, so would be the runs of each pair. What that shows holds on these instances alone, which
    is what a suite in continuous integration asks about.

    Parameters
    ----------
    comparison : Comparison
        Of candidate and baseline.
    tolerance : float
        The candidate is refused where the whole interval lies beyond this share of the baseline, on the side that is worse.
    prove : bool
        Refuse it too unless the whole interval lies on this side of the tolerance: it must be shown not to be worse (a test of
        non-inferiority), not merely fail to be shown worse.
    max_failures : int, optional
        In so many runs more than the baseline the candidate may be without a solution. By default it is refused where it is
        shown to fail more: by the sign-flip test of the failures on each instance, at the level of the comparison. With too few
        instances for any p-value to reach that level, pairs of runs are tested instead. A candidate that never gave a solution
        where the baseline always did is refused however few the runs.
    undecided : {"refuse", "pass"}
        What is done where even the pairs of runs are too few to show a regression, however large: such a gate could let anything
        through, and so it refuses unless told otherwise.

    Raises
    ------
    UnsupportedError
        For a tolerance that is no share of at least 0, or another word for ``undecided``.
    """
    if undecided not in ("refuse", "pass"):
        raise UnsupportedError(f"undecided is {shown(undecided)}; expected 'refuse' or 'pass'")
    tolerance = check_number("tolerance", tolerance, 0)
    if tolerance >= 1:
        raise UnsupportedError(f"tolerance is {tolerance:g}; expected a share of the baseline below 1: 0.01 is 1 %")
    if max_failures is not None:
        max_failures = check_count("max_failures", max_failures, 0)
    passed, reason = _judged(comparison, tolerance, prove, max_failures)
    if passed is None:
        return Decision(undecided == "pass" and not prove, reason, comparison, undecided=True)
    return Decision(passed, reason, comparison)


def _judged(comparison: Comparison, tolerance: float, prove: bool, max_failures: int | None) -> tuple[bool | None, str]:
    """Whether it may pass, and why; None: there are too few runs to tell."""
    failures = comparison.selection.failures
    more = failures[comparison.candidate] - failures[comparison.baseline]
    if more <= 0:
        return _by_interval(comparison, tolerance, prove)
    excess = f"{plural(more, 'run')} more without a solution than {comparison.baseline}"
    if max_failures is not None and more > max_failures:
        return False, f"{comparison.candidate} has {excess}; allowed: {max_failures}"
    p = failing_more(comparison)
    told = f"{p_value(p, comparison.alpha)}"
    if max_failures is None and p <= comparison.alpha:
        return False, f"{comparison.candidate} has {excess}, {told}"
    if max_failures is None and failures[comparison.baseline] == 0 and more == _runs_each(comparison):
        return False, f"{comparison.candidate} gave no solution at all, in {plural(more, 'run')}; {comparison.baseline} in each"
    passed, reason = _by_interval(comparison, tolerance, prove)
    return passed, f"{reason}; it has {excess}, {'allowed' if max_failures is not None else f'not told from chance: {told}'}"


def _runs_each(comparison: Comparison) -> int:
    return int((comparison.selection.runs["solver"] == comparison.candidate).sum())


def failing_more(comparison: Comparison) -> float:
    """p-value of "candidate and baseline are without a solution equally often", two-sided, by the sign-flip test.

    The unit is the instance; pairs of runs where there are fewer instances than can reach the level, since a candidate that fails
    in all runs on three instances is not to pass for their number.
    """
    runs = comparison.selection.runs
    few = len(comparison.selection.instances) < comparison.least_instances
    failed = (~runs["found"]).groupby([runs["instance"], *([runs["seed"]] if few else []), runs["solver"]]).mean().unstack()
    return sign_flip((failed[comparison.baseline] - failed[comparison.candidate]).to_numpy(), comparison.alpha).p


def _by_interval(comparison: Comparison, tolerance: float, prove: bool) -> tuple[bool | None, str]:
    name = comparison.candidate
    mean, low, high = comparison.percent
    limit = f"{100 * tolerance:.4g} %"
    allowed = f"; allowed: {limit}" if tolerance else ""
    if comparison.estimate.confidence < 1 - comparison.alpha - 1e-12:
        return _by_pairs(comparison, tolerance, prove)
    if high < -100 * tolerance:
        return False, f"{name} is worse by {with_interval(-mean, -high, -low)}{allowed}"
    if low > -100 * tolerance or (low == 0 and not tolerance):
        return True, f"{name} is not worse" + (f" by more than {limit}" if tolerance else "")
    doubt = f"{name} may be worse by up to {fixed(-low, 2)} %{allowed}"
    return (False, f"{doubt}: not shown to be good enough") if prove else (True, f"no regression can be shown, but {doubt}")


def _by_pairs(comparison: Comparison, tolerance: float, prove: bool) -> tuple[bool | None, str]:
    """The same decision by pairs of runs, on the few instances that there are; nothing about others follows."""
    name, runs = comparison.candidate, comparison.selection.runs
    differences = by_pair(runs, comparison.baseline, name)
    found = sign_flip(differences.to_numpy(), comparison.alpha)
    if found.confidence < 1 - comparison.alpha - 1e-12:
        return None, (
            f"{plural(found.n, 'pair')} of runs can show no regression, however large; at least {comparison.least_instances} are "
            "needed: add instances or seeds, or say that the undecided may pass"
        )
    towards = direction(runs, differences)
    mean, low, high = (100 * of_baseline(x, towards) for x in (found.value, found.low, found.high))
    here = f"on {'this instance' if comparison.unit == 'seed' else f'these {len(comparison.selection.instances)} instances'}"
    limit = f"{100 * tolerance:.4g} %"
    if high < -100 * tolerance:
        allowed = f"; allowed: {limit}" if tolerance else ""
        return False, f"{here} {name} is worse by {with_interval(-mean, -high, -low)}, {plural(found.n, 'pair')} of runs{allowed}"
    if prove:
        units = plural(comparison.estimate.n, comparison.unit)
        return False, f"{units} cannot prove anything; at least {comparison.least_instances} are needed"
    return True, f"{here} no regression" + (
        f" beyond {limit}" if tolerance else ""
    ) + f" can be shown by {plural(found.n, 'pair')} of runs"

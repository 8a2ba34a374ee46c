"""What comparison and ranking share: the runs selected, their traces, and what is drawn from both."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import UnsupportedError
from ..inputs.arguments import check_number
from ..inputs.keywords import strict
from .conditions import Conditions
from .gaps import gap_table
from .incumbents import Incumbents
from .phrases import plural, several
from .selection import Selection

if TYPE_CHECKING:
    import pandas as pd


def check_level(alpha: Any) -> float:
    """A level of significance, between 0 and 1."""
    alpha = check_number("alpha", alpha, 0)
    if not 0 < alpha < 1:
        raise UnsupportedError(f"alpha is {alpha:g}; expected a share between 0 and 1, such as 0.05")
    return float(alpha)


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """Runs that can be compared, with all that is derived from them.

    Parameters
    ----------
    selection : Selection
        The runs.
    traces : DataFrame or None
        Their improvements.
    alpha : float
        Level of the tests; intervals have confidence 1 - alpha.
    """

    selection: Selection
    traces: pd.DataFrame | None
    alpha: float

    @cached_property
    def incumbents(self) -> Incumbents:
        """The best cost of each run at each moment."""
        return Incumbents.of(self.selection, self.traces)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Gaps to the best value known, one row a solver, and the mean primal integral; see `bench.gaps.gap_table`."""
        runs = self.selection.runs.assign(integral=self.incumbents.primal_integral())
        integral = runs.groupby("solver")["integral"].mean()
        table = gap_table(self.selection, alpha=self.alpha)
        return table.assign(integral=table["solver"].map(integral))

    @cached_property
    def gaps_by_class(self) -> pd.DataFrame:
        """The same for each problem class."""
        return gap_table(self.selection, "problem_class", self.alpha)

    @cached_property
    def conditions(self) -> Conditions:
        """Machine, versions, commits, parameters, and what casts doubt on the comparison."""
        return Conditions.of(self.selection)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or charged, in sentences."""
        return self.selection.notes

    @property
    def statements(self) -> tuple[str, ...]:
        """What the verdict consists of: the finding first."""
        raise NotImplementedError

    @property
    def verdict(self) -> str:
        """The answer in a sentence."""
        return "; ".join(self.statements)

    @property
    def sample(self) -> str:
        """``"40 instances, 5 seeds each"``."""
        seeds = self.selection.runs.groupby("instance")["seed"].nunique()
        each = " each" if len(seeds) > 1 else ""
        return f"{plural(len(seeds), 'instance')}, {several((int(seeds.min()), int(seeds.max())), 'seed')}{each}"

    def failures(self) -> str:
        """How many runs gave no solution, in a sentence; empty where all did."""
        failures = self.selection.failures
        if not any(failures.values()):
            return ""
        told = ", ".join(f"{count:,} of {label}" for label, count in reversed(failures.items()) if count)
        return f"without a solution, and charged for it: {told}, of {plural(len(self.selection.runs) // len(failures), 'run')} each"

    def plot(self, kind: str, path: str | os.PathLike[str] | None = None, **options: Any) -> Any:
        """A picture, saved where ``path`` is given; see `bench.plot.draw` for the kinds and their options."""
        from .plot import draw_evidence

        return draw_evidence(kind, self, path, **options)

    @strict
    def report(self, path: str | os.PathLike[str]) -> Any:
        """Write the report: one self-contained page for ``.html``, the text of a pull request for ``.md``; returns itself."""
        from .report import write

        write(self, path)
        return self

    def __str__(self) -> str:
        return "\n".join([self.verdict, *(f"- {note}" for note in (*self.notes, *self.conditions.warnings))])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.verdict}>"

    def _repr_html_(self) -> str:
        from html import escape

        told = "".join(f"<li>{escape(note)}</li>" for note in (*self.notes, *self.conditions.warnings))
        return f"<p><b>{escape(self.verdict)}</b></p>" + (f"<ul>{told}</ul>" if told else "")

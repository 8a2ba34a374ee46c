"""How far runs lie from a reference, at their end and on the way: what tuning makes small."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.run import Callback, Progress
from .plan import Task

CHECKPOINTS = (0.25, 0.5, 0.75, 1.0)
"""Shares of a run's budget at which a trial is held against the others."""

NO_SOLUTION = 1.0
"""Loss of a run that has no solution yet: as bad as one of twice the reference."""


@dataclass(frozen=True)
class Losses:
    """Objectives of any instance as losses: relative to a reference, such that smaller is better.

    Parameters
    ----------
    reference, sign : mapping of str to float
        By the instance's name.
    before : float
        Mean loss of the solver as it was given.
    """

    reference: Mapping[str, float]
    sign: Mapping[str, int]
    before: float = math.nan

    def of(self, instance: str, objective: float | None) -> float:
        if objective is None or not math.isfinite(objective):
            return NO_SOLUTION
        reference = self.reference[instance]
        return min(NO_SOLUTION, self.sign[instance] * (objective - reference) / (abs(reference) or 1.0))


def reference_losses(frame: Any) -> Losses:
    """The best known value of each instance; where there is none, the mean objective of the runs given."""
    reference, sign = {}, {}
    for name, runs in frame.groupby("instance"):
        best = runs["best_known"].iloc[0]
        mean = runs["objective"].mean()
        reference[str(name)] = float(best if math.isfinite(best) else mean if math.isfinite(mean) else 1.0)
        sign[str(name)] = 1 if runs["sense"].iloc[0] == "min" else -1
    losses = Losses(reference, sign)
    each = [losses.of(run.instance, run.objective) for run in frame.itertuples()]
    return dataclasses.replace(losses, before=sum(each) / len(each))


class Checkpoints(Callback):
    """Tells a trial of its loss at the checkpoints of a run, and ends the run where the trial is hopeless."""

    def __init__(self, trial: Any, step: int, task: Task, losses: Losses, losses_before: Sequence[float]) -> None:
        self.trial, self.step, self.task, self.losses, self.done = trial, step, task, losses, losses_before
        self.ahead = list(enumerate(CHECKPOINTS))
        self.hopeless = False

    def on_tick(self, progress: Progress) -> bool:
        return self.reached(self._share(progress), progress.objective)

    def _share(self, progress: Progress) -> float:
        """How much of the budget is used up."""
        stop = self.task.stop
        shares = [0.0]
        if stop.time:
            shares.append(progress.seconds / stop.time)
        if stop.iterations:
            shares.append(progress.iterations / stop.iterations)
        return max(shares)

    def reached(self, share: float, objective: float | None) -> bool:
        """Report the checkpoints up to this share of the budget; whether the trial is to end."""
        while self.ahead and share >= self.ahead[0][1] and not self.hopeless:
            place, _ = self.ahead.pop(0)
            losses = [*self.done, self.losses.of(self.task.instance, objective)]
            self.trial.report(sum(losses) / len(losses), len(CHECKPOINTS) * self.step + place)
            self.hopeless = self.trial.should_prune()
        return self.hopeless

    def replay(self, record: Mapping[str, Any]) -> bool:
        """The same for a run that was done before, from its trace."""
        for place, share in list(self.ahead[:-1]):
            known = [point for point in json.loads(record["trace"] or "[]") if self._share_at(point) <= share]
            if self.reached(CHECKPOINTS[place], known[-1][2] if known else None):
                return True
        return self.reached(1.0, record["objective"])

    def _share_at(self, point: Sequence[Any]) -> float:
        stop = self.task.stop
        timed = float(point[0]) / stop.time if stop.time else 0.0
        counted = int(point[1]) / stop.iterations if stop.iterations else 0.0
        return max(timed, counted)

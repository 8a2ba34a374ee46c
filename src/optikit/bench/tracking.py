"""Runs of a suite in MLflow: a callback of `Suite.run`."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, StoreError
from ..inputs.installed import is_installed
from ..inputs.keywords import strict
from .plan import Plan, Task

if TYPE_CHECKING:
    from .runs import Runs

log = logging.getLogger("optikit")

BATCH = 1000
"""Metrics that MLflow takes in one request."""

LONGEST = 500
"""Characters of a parameter that every version of MLflow takes."""


class MLflow:
    """Keeps a suite in MLflow: one run for the suite, and below it one for each solver.

    A solver's run has its parameters, code and commit, the objective of each of its solves over time (one metric a solve, its step
    in milliseconds), and, at the end, means over all of them. The suite's run has the report as an artifact. A suite that is
    resumed goes on in the same runs.

    What MLflow refuses on the way does not end the suite: it is logged as a warning, and the runs are in the store all the same.

    Parameters
    ----------
    tracking_uri : str, optional
        ``"sqlite:///mlflow.db"``, ``"http://server:5000"``, ...; by default MLflow's own.
    experiment : str, optional
        By default the suite's name.
    artifact_location : str, optional
        Where the artifacts of a new experiment go; by default MLflow's own.
    report : bool
        Whether the report is made and kept.

    Raises
    ------
    MissingExtraError
        If MLflow is not installed.
    StoreError
        (From `Suite.run`, before the first run.) If the tracking server cannot be reached, or refuses.

    Examples
    --------
    >>> suite.run(callbacks=[MLflow("sqlite:///mlflow.db")])  # doctest: +SKIP
    """

    @strict
    def __init__(
        self,
        tracking_uri: str | None = None,
        experiment: str | None = None,
        *,
        artifact_location: str | None = None,
        report: bool = True,
    ) -> None:
        if not is_installed("mlflow"):
            raise MissingExtraError('MLflow is not installed; pip install "optikit[mlflow]"')
        self.tracking_uri, self.experiment, self.artifact_location, self.report = (
            tracking_uri,
            experiment,
            artifact_location,
            report,
        )
        self._client: Any = None
        self._run_of: dict[str, str] = {}  # label -> MLflow's id
        self._logged: dict[str, set[str]] = {}
        self._broken = False

    # -- what `Suite.run` tells ------------------------------------------------------------

    def on_start(self, plan: Plan) -> None:
        """Make, or find, the runs of the suite and of its solvers."""
        from mlflow.tracking import MlflowClient

        self._broken, self._several = False, len({task.budget for task in plan.tasks}) > 1
        try:
            self._client = MlflowClient(tracking_uri=self.tracking_uri)
            experiment = self._experiment(self.experiment or plan.suite)
            self._suite = self._find(experiment, plan.plan_id, "") or self._make(experiment, plan, plan.suite, None)
            first = {task.label: task for task in reversed(plan.tasks)}
            for label, task in first.items():
                found = self._find(experiment, plan.plan_id, label) or self._make(experiment, plan, label, task)
                self._run_of[label] = found
                self._logged[label] = set(self._client.get_run(found).data.metrics)
        except Exception as error:
            raise StoreError(f"MLflow at {self.tracking_uri or 'its default place'}: {' '.join(str(error).split())}") from error

    def on_run(self, task: Task, record: Mapping[str, Any]) -> None:
        """Log one run."""
        trace = [point[:1] + point[2:3] for point in json.loads(record.get("trace") or "[]")]
        self._safely(self._solve, task.label, task.instance, task.seed, task.budget, record["started_at"], trace)

    def on_end(self, runs: Runs) -> None:
        """Log what was done before, the means, and the report."""
        self._safely(self._summary, runs)

    # -- how it is kept -------------------------------------------------------------------

    def _safely(self, method: Any, *arguments: Any) -> None:
        if self._broken:
            return
        try:
            method(*arguments)
        except Exception as error:
            self._broken = True
            log.warning("MLflow takes no more of this suite (its runs are in the store): %s", " ".join(str(error).split()))

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(name, artifact_location=self.artifact_location))

    def _find(self, experiment: str, plan_id: str, label: str) -> str | None:
        """The run of this plan and label, from an earlier call."""
        wanted = f"tags.optikit_plan = '{plan_id}'"
        for run in self._client.search_runs([experiment], filter_string=wanted):
            if run.data.tags.get("optikit_label") == label:
                self._client.update_run(run.info.run_id, status="RUNNING")
                return str(run.info.run_id)
        return None

    def _make(self, experiment: str, plan: Plan, name: str, task: Task | None) -> str:
        from mlflow.entities import Param

        tags = {"optikit_plan": plan.plan_id, "optikit_label": "" if task is None else name, "commit": plan.commit}
        if task is None:
            given = json.loads(plan.definition)
            parameters = {"seeds": given["seeds"], "budgets": given["budgets"], "instances": given["instances"]}
        else:
            tags |= {"mlflow.parentRunId": self._suite, "code": task.code}
            own = json.loads(task.identity["parameters"])
            parameters = {"solver": task.identity["solver_name"], "n_jobs": task.n_jobs, **own}
        run = self._client.create_run(experiment, run_name=name, tags=tags)
        listed = [Param(key, str(value)[:LONGEST]) for key, value in parameters.items()]
        self._client.log_batch(run.info.run_id, params=listed)
        return str(run.info.run_id)

    def _solve(self, label: str, instance: str, seed: int, budget: str, started: float, trace: list[list[float]]) -> None:
        from mlflow.entities import Metric

        key = _key(f"objective/{instance}/{f'{budget}/' if self._several else ''}seed {seed}")
        if key in self._logged[label]:
            return
        self._logged[label].add(key)
        points = [
            Metric(key, objective, int(1000 * (started + seconds)), int(1000 * seconds))
            for seconds, objective in trace
            if objective is not None
        ]
        for begin in range(0, len(points), BATCH):
            self._client.log_batch(self._run_of[label], metrics=points[begin : begin + BATCH])

    def _summary(self, runs: Runs) -> None:
        frame = runs.to_frame()
        traces = {run_id: group[["seconds", "objective"]].to_numpy().tolist() for run_id, group in runs.traces().groupby("run_id")}
        for row in frame.itertuples():
            trace = traces.get(row.run_id, [])
            self._solve(row.solver, row.instance, row.seed, row.budget, row.started_at.timestamp(), trace)
        for label, done in frame.groupby("solver"):
            run = self._run_of[str(label)]
            distance = ((done["objective"] - done["best_known"]) / done["best_known"].abs()).where(done["best_known"] != 0)
            means = {
                "runs": len(done),
                "errors": (done["status"] == "error").sum(),
                "oversubscribed": done["oversubscribed"].sum(),
                "seconds_mean": done["seconds"].mean(),
                "distance_to_best_known_mean": distance.where(done["sense"] == "min", -distance).mean(),
                "gap_mean": done["gap"].mean(),
            }
            for name, value in means.items():
                if value == value:  # not NaN: there may be no best known values, or no bounds
                    self._client.log_metric(run, name, float(value))
            self._client.set_terminated(run)
        with tempfile.TemporaryDirectory() as folder:
            if self.report and frame["solver"].nunique() > 1:
                path = os.path.join(folder, "report.html")
                runs.report(path)
                self._client.log_artifact(self._suite, path)
            path = os.path.join(folder, "runs.csv")
            frame.to_csv(path, index=False)
            self._client.log_artifact(self._suite, path)
        self._client.set_terminated(self._suite)


def _key(text: str) -> str:
    """A name that MLflow takes for a metric."""
    return re.sub(r"[^\w\-. /]", "_", text)

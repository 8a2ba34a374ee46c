"""Suites in a real MLflow: in its database, and in its store of files."""

import logging
import subprocess
import sys

import pytest

import optikit as ok
from optikit.bench import MLflow, Suite
from optikit.errors import StoreError
from tests.bench.toys import Napping, problems
from tests.core.toy import Shuffling

pytest.importorskip("mlflow", reason="the extra mlflow is not installed")


@pytest.fixture(params=["database", "files"])
def uri(request, tmp_path, monkeypatch):
    if request.param == "database":
        return f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # in maintenance since MLflow 3, but still there
    return (tmp_path / "mlruns").as_uri()


def suite(**options) -> Suite:
    given = {"instances": problems(6), "seeds": 2, "stop": ok.Stop(iterations=10), "name": "tracked"} | options
    solvers = {"few": Shuffling(), "again": {"solver": Shuffling(), "pause": 0.001}}
    return Suite(solvers=solvers, best_known={f"choose-{k}": k + 1.0 for k in range(6)}, **given)


def runs_of(uri: str, experiment: str = "tracked") -> dict:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    return {run.data.tags["optikit_label"]: run for run in client.search_runs([found.experiment_id])}


def test_parameters_metrics_over_time_and_the_report_are_kept(uri, tmp_path):
    from mlflow.tracking import MlflowClient

    tracker = MLflow(uri, artifact_location=(tmp_path / "artifacts").as_uri())
    runs = suite().run(tmp_path / "runs.db", callbacks=[tracker])
    kept = runs_of(uri)
    assert set(kept) == {"", "few", "again"}
    assert {run.info.status for run in kept.values()} == {"FINISHED"}
    assert kept["few"].data.params == {"solver": "shuffling", "n_jobs": "1", "pause": "0.0"}
    assert kept["few"].data.tags["mlflow.parentRunId"] == kept[""].info.run_id
    assert kept[""].data.params["budgets"] == "['iterations=10']"

    frame, traces = runs.to_frame(), runs.traces()
    client = MlflowClient(tracking_uri=uri)
    for row in frame[frame["solver"] == "few"].itertuples():
        history = client.get_metric_history(kept["few"].info.run_id, f"objective/{row.instance}/seed {row.seed}")
        trace = traces[traces["run_id"] == row.run_id]
        told = sorted((point.step, point.value) for point in history)
        assert told == sorted((int(1000 * seconds), value) for seconds, value in zip(trace["seconds"], trace["objective"]))
        assert row.objective in [value for _, value in told]
    few = frame[frame["solver"] == "few"]
    distance = ((few["objective"] - few["best_known"]) / few["best_known"]).mean()
    assert kept["few"].data.metrics["distance_to_best_known_mean"] == pytest.approx(distance)
    assert kept["few"].data.metrics["runs"] == 12
    artifacts = {item.path for item in client.list_artifacts(kept[""].info.run_id)}
    assert artifacts == {"report.html", "runs.csv"}
    page = client.download_artifacts(kept[""].info.run_id, "report.html", str(tmp_path))
    with open(page) as file:
        assert "few" in file.read()


def test_a_suite_that_is_resumed_goes_on_in_the_same_runs(uri, tmp_path):
    class Interrupt:
        count = 0

        def on_run(self, task, record):
            self.count += 1
            if self.count == 5:
                raise KeyboardInterrupt

    location = (tmp_path / "artifacts").as_uri()
    with pytest.raises(KeyboardInterrupt):
        suite().run(tmp_path / "runs.db", callbacks=[MLflow(uri, artifact_location=location), Interrupt()])
    assert {run.info.status for run in runs_of(uri).values()} == {"RUNNING"}
    suite().run(tmp_path / "runs.db", callbacks=[MLflow(uri, report=False)])
    kept = runs_of(uri)
    assert set(kept) == {"", "few", "again"}
    assert {run.info.status for run in kept.values()} == {"FINISHED"}
    for label in ("few", "again"):
        assert sum(key.startswith("objective/") for key in kept[label].data.metrics) == 12


def test_runs_done_before_are_tracked_too(uri, tmp_path):
    suite().run(tmp_path / "runs.db")
    tracker = MLflow(uri, "chosen name", artifact_location=(tmp_path / "artifacts").as_uri(), report=False)
    suite().run(tmp_path / "runs.db", callbacks=[tracker])
    kept = runs_of(uri, "chosen name")
    assert sum(key.startswith("objective/") for key in kept["few"].data.metrics) == 12


def test_names_and_budgets_that_mlflow_does_not_take_are_spelled_otherwise(tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    tracker = MLflow(uri, artifact_location=(tmp_path / "artifacts").as_uri(), report=False)
    given = {"cvrp/x:size=20,seed=1": problems(1)["choose-0"]}
    solvers = {"nap": Napping(seconds=0.0, log="")}
    Suite(given, solvers, seeds=1, time_limit=[10, 20], name="tracked").run(tmp_path / "runs.db", callbacks=[tracker])
    keys = {key for key in runs_of(uri)["nap"].data.metrics if key.startswith("objective/")}
    assert keys == {f"objective/cvrp/x_size_20_seed_1/time_{limit}/seed 0" for limit in (10, 20)}


def test_a_server_that_is_not_there_is_said_before_the_first_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(StoreError, match=r"MLflow at http://127.0.0.1:1: "):
        suite().run(tmp_path / "runs.db", callbacks=[MLflow("http://127.0.0.1:1")])


def test_a_server_that_fails_on_the_way_does_not_end_the_suite(tmp_path, monkeypatch, caplog):
    tracker = MLflow(f"sqlite:///{tmp_path / 'mlflow.db'}", artifact_location=(tmp_path / "artifacts").as_uri())
    count = []

    def solve(self, *arguments):
        count.append(arguments)
        if len(count) == 3:
            raise OSError("the line is dead")

    monkeypatch.setattr(MLflow, "_solve", solve)
    # Of our own logger: MLflow's migrations may set up the root logger anew.
    logging.getLogger("optikit").addHandler(caplog.handler)
    try:
        runs = suite().run(tmp_path / "runs.db", callbacks=[tracker])
    finally:
        logging.getLogger("optikit").removeHandler(caplog.handler)
    assert len(runs) == 24
    assert len(count) == 3
    assert "MLflow takes no more of this suite (its runs are in the store): the line is dead" in caplog.text


def test_mlflow_missing_is_a_missing_extra():
    code = """
import sys
sys.modules["mlflow"] = None
import optikit as ok
try:
    ok.bench.MLflow()
except ok.errors.MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'MLflow is not installed; pip install "optikit[mlflow]"'

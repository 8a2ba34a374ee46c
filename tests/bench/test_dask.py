"""The same suite on a cluster of several worker processes, one of which is killed."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass

import pytest

import optikit as ok
from optikit.bench import Runs, Suite
from optikit.bench import cluster as cluster_module
from optikit.errors import EngineError
from tests.bench.edited import run_edited
from tests.bench.toys import Napping, naps, problems
from tests.core.toy import Shuffling

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
joblib = pytest.importorskip("joblib")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def store(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


def test_a_cluster_gives_the_answers_of_one_process(client, store, tmp_path):
    suite = Suite(problems(3), {"shuffle": Shuffling()}, seeds=4, stop=ok.Stop(iterations=30))
    with joblib.parallel_config(backend="dask"):
        spread = suite.run(store).to_frame()
    alone = suite.run(tmp_path / "alone.db").to_frame()
    assert len(spread) == 12
    for column in ("run_id", "objective", "iterations", "status", "code"):
        assert spread[column].tolist() == alone[column].tolist()


@dataclass(frozen=True)
class Telling(Napping):
    """Says in which process and thread it runs, and how many threads libraries may start there."""

    mark: str = ""

    def _run(self, problem, run):
        with open(self.mark, "a") as file:
            file.write(f"{os.getpid()} {threading.get_ident()} {os.environ['OMP_NUM_THREADS']}\n")
        return super()._run(problem, run)


def test_runs_go_to_several_workers_with_pinned_threads(client, store, tmp_path):
    mark = tmp_path / "mark"
    suite = Suite(problems(3), {"telling": Telling(seconds=0.3, mark=str(mark))}, seeds=3, time_limit=60, n_jobs=3)
    with joblib.parallel_config(backend="dask"):
        suite.run(store)
    told = [line.split() for line in mark.read_text().splitlines()]
    processes = {int(process) for process, _, _ in told}
    assert len(processes) > 1
    assert os.getpid() not in processes
    assert {threads for _, _, threads in told} == {"3"}


def test_a_worker_that_is_killed_loses_and_doubles_no_run(client, store, tmp_path):
    log = tmp_path / "log"
    killed = []
    workers = client.run(os.getpid)

    class Kill:
        count = 0

        def on_run(self, task, record):
            self.count += 1
            busy = [address for address, tasks in client.processing().items() if tasks]
            if self.count >= 4 and busy and not killed:
                os.kill(workers[busy[0]], signal.SIGKILL)
                killed.append(busy[0])

    with joblib.parallel_config(backend="dask"):
        runs = naps(3, 6, log, 0.3).run(store, callbacks=[Kill()])
    assert killed
    frame = runs.to_frame()
    assert len(frame) == frame["run_id"].nunique() == 18
    assert set(frame["status"]) == {"optimal"}
    times = Counter(log.read_text().splitlines())
    assert len(times) == 18


def test_a_cluster_of_one_thread_does_the_runs_itself(store, tmp_path):
    """joblib would do them where the suite was started."""
    mark = tmp_path / "mark"
    local = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0")
    with local as cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        Suite(problems(1), {"telling": Telling(seconds=0.01, mark=str(mark))}, seeds=2, time_limit=60).run(store)
    threads = {line.split()[1] for line in mark.read_text().splitlines()}
    assert len(threads) == 1
    assert str(threading.get_ident()) not in threads


def test_a_runner_of_a_cluster_that_is_killed_is_resumed_on_another(store, tmp_path):
    log = tmp_path / "log"
    log.touch()
    code = f"""
import joblib
from distributed import Client, LocalCluster
from tests.bench.toys import naps
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as cluster, Client(cluster):
        with joblib.parallel_config(backend="dask"):
            naps(2, 6, {str(log)!r}, 0.3).run({store!r})
"""
    script = tmp_path / "runner.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])}
    runner = subprocess.Popen([sys.executable, str(script)], env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    while len(log.read_text().splitlines()) < 4:
        assert runner.poll() is None
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    before = Runs(store).to_frame()
    assert 0 < len(before) < 12
    runs = naps(2, 6, log, 0.3).run(store, n_jobs=2)
    assert len(runs) == 12
    again = runs.to_frame().set_index("run_id").loc[before["run_id"]]
    assert again["started_at"].tolist() == before["started_at"].tolist()


def test_a_cluster_that_loses_all_its_workers_is_not_waited_for_without_end(store, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 0.2)
    local = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0")

    class Leave:
        count = 0

        def on_run(self, task, record):
            self.count += 1
            if self.count == 2:
                local.scale(0)

    with local, distributed.Client(local), joblib.parallel_config(backend="dask", wait_for_workers_timeout=0.2):
        with pytest.raises(
            EngineError, match=r"has had no worker for 0.2 s; .*; (\d+) of 12 runs are in sqlite.*run the suite again"
        ):
            naps(3, 4, tmp_path / "log", 0.05).run(store, callbacks=[Leave()])
        assert 2 <= len(Runs(store)) < 12
        with pytest.raises(EngineError, match=r"has no worker after 0.2 s; start workers.*\d+ of 12 runs are in"):
            naps(3, 4, tmp_path / "log", 0.05).run(store)
    assert len(naps(3, 4, tmp_path / "log", 0.0).run(store)) == 12


def test_a_client_that_is_closed_is_named(store, tmp_path):
    local = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0")
    with local, distributed.Client(local) as client, joblib.parallel_config(backend="dask"):
        client.close()
        with pytest.raises(EngineError, match=r"its client is closed.*make a new Client of it; 0 of 2 runs are in"):
            naps(1, 2, tmp_path / "log").run(store)


class Ended:
    """A future whose result is, or raises, one thing after the other."""

    status = "finished"

    def __init__(self, key, outcomes):
        self.key, self.outcomes = key, list(outcomes)

    def add_done_callback(self, tell):
        tell(self)

    def result(self, timeout):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


class Cluster:
    def __init__(self, *futures):
        self.futures, self.cancelled = list(futures), []

    def submit(self, *_, **__):
        return self.futures.pop(0)

    def ncores(self):
        return {"tcp://worker": 1}

    def cancel(self, futures):
        self.cancelled += futures


def test_a_result_that_died_with_its_worker_is_asked_for_again():
    cluster = Cluster(Ended("a", [TimeoutError(), {"run_id": "a"}]), Ended("b", [{"run_id": "b"}]))
    records = list(cluster_module.records_from(cluster, "ab", "", 1, [], {}))
    assert [record["run_id"] for record in records] == ["a", "b"]
    assert not cluster.cancelled


def test_an_error_of_the_cluster_is_not_taken_for_a_result_to_come():
    broken = Ended("a", [TimeoutError("of the run's own")])
    broken.status = "error"
    cluster = Cluster(broken)
    with pytest.raises(EngineError, match=r"gave up a run .TimeoutError: of the run's own."):
        list(cluster_module.records_from(cluster, "a", "", 1, [], {}))
    assert cluster.cancelled == [broken]


def test_workers_that_keep_what_was_edited_are_refused(tmp_path):
    """They import a module once, and their results would be kept as those of the file as it is now."""
    assert "edited_solver.py was edited after edited_solver was imported" in run_edited(tmp_path, "dask")
    assert (tmp_path / "log").read_text().splitlines() == ["first"] * 4

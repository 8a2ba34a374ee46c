"""Suites that are run: resumed, killed, shared by two runners, and left by their workers."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import optikit as ok
from optikit.bench import Runs, Store, Suite
from optikit.bench.claims import Claims, _born, _here, is_dead
from optikit.bench.execute import execute
from optikit.bench.runner import run_plan
from optikit.errors import EngineError, UnsupportedError
from tests.bench.edited import run_edited
from tests.bench.toys import Dying, Leaving, Napping, Raising, naps, problems
from tests.core.toy import Shuffling


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines()


def start(url: str, log: Path, count: int, seeds: int, seconds: float, n_jobs: int = 1) -> subprocess.Popen:
    """A runner in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.killed", url, str(log), *map(str, (count, seeds, seconds, n_jobs))]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def wait_for(log: Path, runs: int, runner: subprocess.Popen) -> None:
    while len(lines(log)) < runs:
        assert runner.poll() is None, runner.stderr.read().decode()
        time.sleep(0.02)


def kill(runner: subprocess.Popen) -> None:
    """The runner and its workers, all at once, as a machine that is switched off."""
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    runner.stderr.close()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_combination_is_run_once_and_recorded_with_its_evidence(url, n_jobs):
    budget, known = ok.Stop(iterations=20), {"choose-1": 2.0}
    runs = Suite(problems(2), {"shuffle": Shuffling()}, seeds=[3, 5], stop=budget, best_known=known).run(url, n_jobs)
    frame = runs.to_frame()
    assert sorted(zip(frame["instance"], frame["seed"])) == [(f"choose-{k}", seed) for k in (0, 1) for seed in (3, 5)]
    assert set(frame["solver"]) == {"shuffle"}
    assert set(frame["budget"]) == {"iterations=20"}
    assert (frame["iterations"] == 20).all()
    assert (frame["seconds"] > 0).all()
    assert frame["best_known"].dropna().tolist() == [2.0, 2.0]
    assert set(json.loads(frame["versions"][0])) == {"optikit", "python", "numpy"}
    for row in frame.itertuples():
        # The same problem, solver, seed and iterations outside of any suite: the same answer.
        problem = problems(2)[row.instance]
        again = Shuffling().solve(problem, stop=ok.Stop(iterations=20), seed=row.seed)
        assert row.objective == again.objective
        trace = runs.traces().query("run_id == @row.run_id")
        assert trace["objective"].tolist() == [point.objective for point in again.trace]
        assert runs.result(row.run_id, problem).solution == again.solution


def test_a_second_run_does_nothing(url, log):
    suite = naps(3, 2, log)
    first = suite.run(url).to_frame()
    assert len(lines(log)) == 6
    second = suite.run(url, n_jobs=2).to_frame()
    assert len(lines(log)) == 6
    assert first.equals(second)


def test_a_larger_suite_does_what_is_missing(url, log):
    naps(2, 2, log).run(url)
    runs = naps(3, 3, log).run(url)
    assert len(runs) == 9
    assert len(lines(log)) == len(set(lines(log))) == 9


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_killed_runner_loses_at_most_the_runs_in_flight(url, log, n_jobs):
    runner = start(url, log, 6, 5, 0.15, n_jobs)  # long enough for a busy server to store one meanwhile
    wait_for(log, 8, runner)
    kill(runner)
    before = Runs(url).to_frame().set_index("run_id")
    done = len(lines(log))
    assert done - n_jobs - 1 <= len(before) < 30
    runs = naps(6, 5, log, 0.15).run(url, n_jobs=2)
    after = runs.to_frame().set_index("run_id")
    assert len(after) == 30
    assert (after.loc[before.index, "started_at"] == before["started_at"]).all()  # none of them was done again
    twice = [run for run, times in Counter(lines(log)).items() if times > 1]
    assert len(lines(log)) == done + 30 - len(before)
    assert len(twice) == done - len(before)


def test_runs_of_a_dead_runner_wait_for_no_lease_on_the_same_machine(url, log):
    runner = start(url, log, 1, 4, 0.3)
    wait_for(log, 1, runner)
    kill(runner)
    plan = naps(1, 4, log, 0.3).plan()
    claims = Claims(Store(url), plan, lease=3600)
    taken = 0
    while claims.take() is not None:
        taken += 1
    assert taken == 4 - len(Runs(url))
    assert not claims.busy_elsewhere()


def test_a_runner_that_nobody_has_waited_for_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    owner = f"{_here()}|{child.pid}|{_born(child.pid)}|x"
    assert not is_dead(owner)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its entry stays
    assert is_dead(owner)
    child.communicate()


def test_runs_under_a_lease_are_left_to_their_runner_until_it_runs_out(url):
    plan = naps(1, 2).plan()
    store = Store(url)
    store.register(plan)
    first, second = Claims(store, plan, lease=3600), Claims(store, plan)
    mine = first.take()
    other = second.take()
    assert {mine.run_id, other.run_id} == {task.run_id for task in plan.tasks}
    assert second.take() is None
    assert second.busy_elsewhere()
    impatient = Claims(store, plan, lease=-1)
    assert impatient.take() is None
    first.give_back([mine])
    assert impatient.busy_elsewhere()
    assert impatient.take() == mine
    # That lease has run out as soon as it was given.
    assert second.busy_elsewhere()
    assert second.take() == mine


def test_a_run_at_which_runners_die_again_and_again_is_given_up(url):
    plan = naps(1, 1).plan()
    store = Store(url)
    store.register(plan)
    for _ in range(5):
        assert Claims(store, plan, lease=-1).take() is not None
    assert Claims(store, plan).take() is None
    frame = store.to_frame()
    assert frame["status"].tolist() == ["error"]
    assert "5 runners died" in frame["error"][0]
    assert run_plan(plan, store, retry_errors=True).to_frame()["status"].tolist() == ["optimal"]


def test_two_runners_share_a_store(url, log):
    Store(url)
    runners = [start(url, log, 5, 6, 0.03) for _ in range(2)]
    for runner in runners:
        _, said = runner.communicate()
        assert runner.returncode == 0, said.decode()
    assert len(lines(log)) == len(set(lines(log))) == 30
    assert len(Runs(url)) == 30


def test_a_runner_waits_for_the_runs_of_the_other(url, log):
    runner = start(url, log, 1, 2, 1.0)
    plan = naps(1, 2, log, 1.0).plan()
    while not Store(url).suites():
        time.sleep(0.05)
    runs = run_plan(plan, url)
    assert len(runs) == 2
    assert runner.wait() == 0
    runner.stderr.close()
    assert len(lines(log)) == len(set(lines(log))) == 2


def test_a_worker_that_dies_once_costs_nobody_a_run(url, log, tmp_path):
    solvers = {"nap": Napping(seconds=0.05, log=str(log)), "dying": Dying(mark=str(tmp_path / "mark"))}
    frame = Suite({"a": problems(1)["choose-0"]}, solvers, seeds=4, time_limit=60).run(url, n_jobs=2).to_frame()
    assert len(frame) == 8
    assert set(frame["status"]) == {"optimal"}


def test_a_run_that_kills_its_worker_is_an_error_and_the_others_are_done(url, log):
    solvers = {"nap": Napping(seconds=0.05, log=str(log)), "dying": Dying()}
    frame = Suite({"a": problems(1)["choose-0"]}, solvers, seeds=2, time_limit=60).run(url, n_jobs=2).to_frame()
    assert sorted(zip(frame["solver"], frame["status"])) == [("dying", "error")] * 2 + [("nap", "optimal")] * 2
    assert set(frame[frame["solver"] == "dying"]["error"]) == {
        "the worker process died of this run twice, the second time alone: killed by SIGKILL, which most often means that "
        "memory ran out"
    }


def test_a_solver_that_raises_is_an_error_and_the_others_are_done(url):
    suite = Suite(problems(1), {"raising": Raising(), "nap": Napping()}, seeds=2, time_limit=60)
    frame = suite.run(url).to_frame().set_index("solver")
    assert set(frame.loc["raising", "status"]) == {"error"}
    assert frame.loc["raising", "error"].str.contains("ZeroDivisionError: of a solver").all()
    assert frame.loc["raising", "objective"].isna().all()
    assert set(frame.loc["nap", "status"]) == {"optimal"}
    assert len(suite.run(url)) == 4


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_solver_that_leaves_is_an_error_and_the_others_are_done(url, n_jobs):
    """`sys.exit` of a solver, or the panic of an engine in Rust, is not that of the suite."""
    suite = Suite(problems(1), {"leaving": Leaving(), "nap": Napping()}, seeds=2, time_limit=60)
    frame = suite.run(url, n_jobs).to_frame().set_index("solver")
    assert frame.loc["leaving", "error"].str.contains("SystemExit: 3").all()
    assert set(frame.loc["nap", "status"]) == {"optimal"}


def test_ctrl_c_keeps_what_is_done_and_gives_the_rest_back(url, log):
    class Interrupt:
        told = 0

        def on_run(self, task, record):
            self.told += 1
            if self.told == 3:
                raise KeyboardInterrupt

    suite = naps(2, 4, log, 0.1)
    with pytest.raises(KeyboardInterrupt):
        suite.run(url, callbacks=[Interrupt()])
    done = len(lines(log))  # runs that follow each other so fast are told of a little later
    assert 3 <= done < 8
    assert len(Runs(url)) == done
    with Store(url).reading() as connection:
        states = Counter(row[0] for row in connection.exec_driver_sql("SELECT state FROM bench_runs"))
    assert states == {"done": done, "waiting": 8 - done}
    assert len(suite.run(url)) == 8
    assert len(lines(log)) == 8


def test_callbacks_are_told_of_each_run_and_of_the_end(url):
    told = []

    class Watch:
        def on_start(self, plan):
            told.append(("start", len(plan.tasks)))

        def on_run(self, task, record):
            told.append((task.label, record["status"]))

        def on_end(self, runs):
            told.append(("end", len(runs)))

    naps(1, 2).run(url, callbacks=[Watch()])
    assert told == [("start", 2), ("nap", "optimal"), ("nap", "optimal"), ("end", 2)]
    naps(1, 2).run(url, callbacks=Watch())
    assert told[-2:] == [("start", 2), ("end", 2)], "one alone is a list of one, and nothing was left to run"


def test_a_backend_that_gives_no_result_before_the_last_is_asked_for_few_at_a_time(url, log):
    """As that of Ray."""
    joblib = pytest.importorskip("joblib")
    from joblib._parallel_backends import ThreadingBackend

    class Late(ThreadingBackend):
        supports_return_generator = False

    joblib.register_parallel_backend("late", Late)
    with joblib.parallel_config(backend="late", n_jobs=2):
        runs = naps(2, 3, log).run(url)
    assert len(runs) == 6
    assert len(lines(log)) == 6


def test_a_backend_that_waits_for_the_dead_is_refused(tmp_path):
    joblib = pytest.importorskip("joblib")
    with (
        joblib.parallel_config(backend="multiprocessing", n_jobs=2),
        pytest.raises(UnsupportedError, match="'multiprocessing' waits for ever for the run of a worker that died; use 'loky'"),
    ):
        naps(1, 1).run(tmp_path / "runs.db")
    assert not (tmp_path / "runs.db").exists()


class ActorDiedError(Exception):
    """Of Ray, by its name."""


@pytest.mark.parametrize("deaths", [1, 3])
def test_a_worker_of_such_a_backend_that_dies_costs_nobody_a_run(url, log, deaths):
    """Ray gives the error in the place of the result."""
    joblib = pytest.importorskip("joblib")
    from joblib._parallel_backends import ThreadingBackend

    left = [deaths]

    def dying(*given):
        left[0] -= 1
        raise ActorDiedError

    class Mortal(ThreadingBackend):
        supports_return_generator = False

    name = "submit" if hasattr(ThreadingBackend, "submit") else "apply_async"  # before joblib 1.5
    plain = getattr(ThreadingBackend, name)
    setattr(Mortal, name, lambda self, func, callback=None: plain(self, dying if left[0] > 0 else func, callback))
    joblib.register_parallel_backend("mortal", Mortal)
    with joblib.parallel_config(backend="mortal", n_jobs=2):
        frame = naps(2, 3, log).run(url).to_frame()
    assert len(frame) == frame["run_id"].nunique() == 6
    assert len(lines(log)) - len(set(lines(log))) <= 1, "the other run of the handful is done again"
    given_up = frame[frame["status"] == "error"]
    assert len(given_up) <= deaths - 1
    assert all("twice, the second time alone" in error for error in given_up["error"])


class Misfit:
    on_run = 3


@pytest.mark.parametrize(
    ("callbacks", "said"),
    [
        ([5], r"callbacks\[0\] is 5; expected an object with on_start, on_run or on_end"),
        (5, r"callbacks\[0\] is 5; expected an object"),
        ("mlflow", r"callbacks\[0\] is 'mlflow'; expected an object"),
        ([Misfit()], r"callbacks\[0\].on_run is 3; expected a method"),
        ([Misfit], r"callbacks\[0\] is .*Misfit.*; pass an object of it"),
    ],
)
def test_what_cannot_be_told_of_anything_is_refused_before_the_first_run(tmp_path, callbacks, said):
    with pytest.raises(UnsupportedError, match=said):
        naps(1, 2).run(tmp_path / "runs.db", callbacks=callbacks)
    assert not (tmp_path / "runs.db").exists()


def test_a_solver_that_stands_twice_is_run_twice(url, log):
    nap = Napping(log=str(log))
    frame = Suite(problems(1), {"a": nap, "b": nap}, seeds=2, time_limit=60).run(url).to_frame()
    assert len(frame) == len(lines(log)) == 4
    assert frame["run_id"].is_unique


def test_a_run_is_of_the_version_of_its_code(url, log):
    def suite(code):
        return Suite(problems(1), {"nap": {"solver": Napping(log=str(log)), "code": code}}, seeds=2, time_limit=60)

    suite("1").run(url)
    assert len(suite("1").run(url)) == 2
    latest = suite("2").run(url)
    assert len(lines(log)) == 4
    assert set(latest.to_frame()["solver"]) == {"nap"}
    runs = Runs.of_suite(url)
    assert Counter(runs.to_frame()["solver"]) == {"nap": 2, "nap@1": 2}
    assert runs.resolve("nap@1") == "nap@1"
    assert runs.resolve("nap@2") == "nap"
    suite("1").run(url)  # back again: there is nothing to do, and it is the latest all the same
    assert Counter(Runs.of_suite(url).to_frame()["solver"]) == {"nap": 2, "nap@2": 2}


def test_what_a_suite_lacks_is_said_beside_the_verdict(url):
    """Killed halfway, it has a verdict on half of its runs."""

    class Stop:
        told = 0

        def on_run(self, task, record):
            self.told += 1
            if self.told == 6:
                raise KeyboardInterrupt

    suite = Suite(problems(4), {"live": Napping(), "new": Napping(seconds=0.02)}, seeds=2, time_limit=60)
    with pytest.raises(KeyboardInterrupt):
        suite.run(url, callbacks=[Stop()])
    runs = Runs.of_suite(url)
    live, new = (8 - int((runs.to_frame()["solver"] == label).sum()) for label in ("live", "new"))
    said = f"{live + new} runs of the suite, as it was last started, are not done: {live} of live, {new} of new."
    assert live
    assert new
    assert runs.compare("live", "new").notes[0] == runs.rank().notes[0] == said
    assert runs.gate("live", "new").comparison.notes[0] == said
    assert runs.undone(["live"]) == {"live": live}
    assert suite.run(url).undone() == {}
    assert Runs.of_suite(url).compare("live", "new").notes == ()


def test_workers_run_what_was_edited_and_imported_anew(tmp_path):
    """joblib takes its workers again, with the modules that they imported before."""
    run_edited(tmp_path, "loky")
    assert lines(tmp_path / "log") == ["first"] * 4 + ["then"] * 4


def test_a_worker_with_other_code_is_refused(monkeypatch):
    """Its results would be kept as those of the code here; where the user names the version, he answers for it."""
    (task,) = naps(1, 1).plan().tasks
    foreign = dataclasses.replace(task, hashed_by=-1)
    assert execute(foreign)["status"] == "optimal"
    with pytest.raises(EngineError, match=r"has other code for nap than the process that runs the suite \(\w+, not 123\)"):
        execute(dataclasses.replace(foreign, code="123"))
    assert execute(dataclasses.replace(foreign, code="123", hashed_by=0))["status"] == "optimal"

    def edited(*_):
        raise UnsupportedError("toys.py was edited after toys was imported")

    monkeypatch.setattr("optikit.bench.execute.code_version", edited)
    with pytest.raises(EngineError, match=r"toys.py was edited"):
        execute(dataclasses.replace(foreign, code="124"))
    younger = dataclasses.replace(foreign, code="125", hashed_at=1.0)  # the worker is: what it has imported is what was planned
    assert execute(younger)["status"] == "optimal"
    suite = Suite(problems(1), {"nap": {"solver": Napping(), "code": "123"}}, seeds=1, time_limit=60)
    assert suite.plan().tasks[0].hashed_by == 0

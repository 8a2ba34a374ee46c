"""Tuning: it finds what is there to find, ends what is hopeless, and goes on where it was killed."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

import optikit as ok
from optikit.bench import Suite, tune
from optikit.bench.tuning import search_space
from optikit.core.run import Outcome, Run
from optikit.errors import StoreError, UnsupportedError
from optikit.inputs.ranges import parameter, ranges_of
from optikit.routing import HGS
from tests.core.toy import Choose, Chosen, Shuffling

optuna = pytest.importorskip("optuna", reason="the extra tune is not installed")


@dataclass(frozen=True)
class Dial(ok.Solver):
    """Comes nearer to the item numbered ``100 |dial - 0.7|`` with every iteration: dials near 0.7 are good from early on."""

    name: ClassVar[str] = "dial"
    solves: ClassVar[type[ok.Problem]] = Choose
    capabilities: ClassVar[ok.Capabilities] = ok.Capabilities(anytime=True, seeded=True)
    dial: float = parameter(0.1, least=0, most=1, tune=(0, 1))
    manner: str = parameter("plain", choices=("plain", "odd", "broken"), tune=("plain", "odd"))
    depth: int | None = parameter(None, least=1, tune=(1, 5))
    pause: float = 0.0
    log: str = ""

    def _run(self, problem: Choose, run: Run) -> Outcome:
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{self.dial} {problem.fingerprint} {run.seed}\n")
        goal = round(100 * abs(self.dial - 0.7)) + (5 if self.manner == "odd" else 0)
        found = Chosen((len(problem.cost) - 1,))
        while (reason := run.tick()) is None:
            run.iterations += 1
            found = Chosen((max(goal, len(problem.cost) - 1 - 10 * run.iterations),))
            run.improve(problem.evaluate(found), lambda found=found: found)
            time.sleep(self.pause)
        return Outcome(reason, found)


def suite(count: int = 3, seeds: int = 2, **options: Any) -> Suite:
    given = {f"choose-{k}": Choose((np.arange(200.0) + 100) * (k + 1), 1) for k in range(count)}
    return Suite(given, {"unused": Dial()}, seeds=seeds, stop=ok.Stop(iterations=20), name="dials", **options)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def store(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


def states(tuned) -> Counter:
    return Counter(trial.state.name for trial in tuned.optuna.get_trials(deepcopy=False))


def test_a_better_dial_is_found_and_hopeless_ones_end_early(store, log):
    tuned = tune(Dial(log=str(log)), suite(), 30, store=store, seed=1)
    # The mean objective of the solver as given is the reference: item 60 of 200, which cost 160 of the least 100.
    assert tuned.loss_before == 0
    assert tuned.loss <= (105 - 160) / 160
    assert abs(tuned.solver.dial - 0.7) <= 0.055
    assert tuned.solver.manner == "plain"
    assert tuned.solver.depth is None
    assert set(tuned.parameters) == {"dial"}
    done = states(tuned)
    assert done["COMPLETE"] + done["PRUNED"] == 30
    assert done["PRUNED"] > 0
    assert len(log.read_text().splitlines()) < 30 * 6
    # What was ended early was worse than the median of what was not.
    trials = tuned.optuna.get_trials(deepcopy=False)
    complete = [abs(t.params["dial"] - 0.7) for t in trials if t.state.name == "COMPLETE"]
    pruned = [abs(t.params["dial"] - 0.7) for t in trials if t.state.name == "PRUNED"]
    assert np.mean(pruned) > np.mean(complete)
    assert len(tuned.to_frame()) == 30


def test_a_second_call_goes_on_and_a_third_has_nothing_to_do(store, log):
    first = tune(Dial(log=str(log)), suite(), 6, store=store)
    assert sum(states(first).values()) == 6
    second = tune(Dial(log=str(log)), suite(), 12, store=store)
    done = log.read_text()
    assert sum(states(second).values()) == 12
    dials = [trial.params["dial"] for trial in second.optuna.get_trials(deepcopy=False)]
    assert len(set(dials)) == 12  # the second call proposes nothing that the first has
    third = tune(Dial(log=str(log)), suite(), 12, store=store)
    assert log.read_text() == done
    assert third.solver == second.solver


def test_a_killed_search_is_taken_up_and_no_run_is_done_twice(store, log):
    code = f"""
from optikit.bench import tune
from tests.bench.test_tuning import Dial, suite
tune(Dial(log={str(log)!r}, pause=0.01), suite(), 8, store={store!r})
"""
    runner = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stderr=subprocess.DEVNULL)
    while len(log.read_text().splitlines()) < 20:
        assert runner.poll() is None
        time.sleep(0.02)
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    tuned = tune(Dial(log=str(log), pause=0.01), suite(), 8, store=store)
    done = states(tuned)
    assert done["COMPLETE"] + done["PRUNED"] == 8
    assert done["FAIL"] == 1
    assert done["RUNNING"] == 0
    lost, again = (
        next(t for t in tuned.optuna.get_trials(deepcopy=False) if t.state.name == "FAIL"),
        Counter(log.read_text().splitlines()),
    )
    assert [t.params for t in tuned.optuna.get_trials(deepcopy=False)].count(lost.params) == 2
    assert sum(times > 1 for times in again.values()) <= 1  # the run under way


def test_trials_side_by_side(store, log):
    tuned = tune(Dial(log=str(log)), suite(), 9, store=store, n_jobs=2)
    done = states(tuned)
    assert done["COMPLETE"] + done["PRUNED"] == 9


def test_a_store_in_postgresql(postgres, log):
    tuned = tune(Dial(log=str(log)), suite(), 6, store=postgres)
    assert sum(states(tuned).values()) == 6
    assert len(tuned.store.runs("dials: as given")) == 6


def test_the_winner_is_held_against_what_was_given_with_seeds_that_no_trial_has_seen(store, log):
    given = suite()
    tuned = tune(Dial(log=str(log)), given, 12, store=store, seed=1)
    assert "This loss is optimistic" in str(tuned)
    assert f"tuned.check.run({store!r}).compare('before', 'tuned')" in str(tuned)
    assert set(tuned.check.seeds).isdisjoint(given.seeds)
    assert {one.label: one.solver for one in tuned.check.solvers} == {"before": Dial(log=str(log)), "tuned": tuned.solver}
    assert tuned.check.run(store).compare("before", "tuned").candidate == "tuned"
    entry = tomllib.loads(tuned.as_toml())["tuned"]
    assert entry.pop("solver") == tuned.solver.name
    assert entry == pytest.approx(tuned.parameters)


def test_nothing_better_gives_the_solver_back(store):
    tuned = tune(Dial(dial=0.7), suite(), 5, store=store, space={"dial": (0.0, 0.1)})
    assert tuned.solver == Dial(dial=0.7)
    assert tuned.parameters == {}
    assert "nothing better" in str(tuned)


def test_every_range_of_a_search_space_can_be_tried():
    for solver in (HGS(), Dial()):
        for name, allowed in ranges_of(solver).items():
            for value in allowed.tune:
                assert getattr(type(solver)(**{name: value}), name) == value


def test_the_search_space_of_hgs():
    space = search_space(HGS())
    assert {"neighbours", "removed", "blink", "cold"} <= set(space)
    assert "first_cycles" not in space  # None: HGS chooses by the size
    assert "first_cycles" in search_space(HGS(), ["first_cycles"])
    assert search_space(HGS(), {"neighbours": (5, 8)})["neighbours"].tune == (5, 8)
    assert type(search_space(HGS(), {"neighbours": np.array([5, 8])})["neighbours"].tune[0]) is int  # as JSON takes it


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (["neighbors"], r"hgs has no option 'neighbors'; did you mean 'neighbours'\?"),
        ({"neighbours": (0, 5)}, r"space.neighbours is \(0, 5\); expected \(least, most\)"),
        ({"neighbours": (5, 2)}, r"space.neighbours is \(5, 2\); expected \(least, most\)"),
        ({"neighbours": 3}, r"space.neighbours is 3; expected \(least, most\)"),
        ({"neighbours": ()}, r"space.neighbours is \(\); expected"),
        ({"neighbours": (5.5, 8)}, r"space.neighbours is \(5.5, 8\); expected .*: the parameter is an int"),
        ({"neighbours": (5, float("inf"))}, r"space.neighbours is \(5, inf\); expected"),
        ({"cold": (0, 1)}, r"space.cold is \(0, 1\); expected .*: it is tried by orders of magnitude"),
        (["islands"], r"hgs does not declare where to look for islands; say it: space=\{'islands': \(least, most\)\}"),
        ([], r"space is empty"),
    ],
)
def test_a_search_space_that_makes_no_sense_is_refused(space, said):
    with pytest.raises(UnsupportedError, match=said):
        search_space(HGS(), space)


def test_choices_that_are_none_are_refused():
    with pytest.raises(UnsupportedError, match=r"space.manner is \('plain', 'loud'\)"):
        search_space(Dial(), {"manner": ("plain", "loud")})


def test_what_cannot_be_tuned_is_refused(store, tmp_path):
    with pytest.raises(UnsupportedError, match="shuffling declares no parameters to tune; name them"):
        tune(Shuffling(), suite(), store=store)
    with pytest.raises(UnsupportedError, match="'auto' is chosen anew for each instance"):
        tune("auto", suite(), store=store)
    with pytest.raises(UnsupportedError, match="pruner is 5; expected one of Optuna's"):
        tune(Dial(), suite(), store=store, pruner=5)
    with pytest.raises(UnsupportedError, match="trials is 0"):
        tune(Dial(), suite(), 0, store=store)
    with pytest.raises(StoreError, match="there is no folder"):
        tune(Dial(), suite(), store=f"sqlite:///{tmp_path}/nowhere/x.db")


def test_optuna_missing_is_a_missing_extra(store):
    code = """
import sys
sys.modules["optuna"] = None
import optikit as ok
try:
    ok.bench.tune("hgs", None)
except ok.errors.MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'tune needs optuna; pip install "optikit[tune]"'


def test_ranges_refuse_what_is_outside():
    with pytest.raises(UnsupportedError, match=r"dial is 1.5; expected a number from 0 to 1"):
        Dial(dial=1.5)
    with pytest.raises(UnsupportedError, match=r"dial is nan; expected a number from 0 to 1"):
        Dial(dial=float("nan"))
    with pytest.raises(UnsupportedError, match=r"depth is 0; expected a number >= 1"):
        Dial(depth=0)
    with pytest.raises(
        UnsupportedError, match=r"manner is 'plane'; did you mean 'plain'\?; expected one of 'plain', 'odd', 'broken'"
    ):
        Dial(manner="plane")
    with pytest.raises(ValueError, match="expected a part of what the parameter may be"):
        parameter(3, least=1, most=5, tune=(0, 4))

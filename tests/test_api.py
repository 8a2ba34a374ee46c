"""The public functions at their door: what makes no sense is refused in a sentence, and one failure costs nothing else."""

import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import optikit as ok
from optikit import Status, Stop, StopReason
from optikit.core import registry
from optikit.errors import InvalidSolutionError, OptikitError, UnknownSolverError, UnsupportedError
from optikit.routing import VRP, Routes
from optikit.routing.vrp.files import read_solution, write_solution
from tests.core.toy import Choose, Chosen, Claiming, Shuffling, Sorting

VRP_OF_FIVE = VRP.from_coordinates([(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2)], [0, 3, 4, 2, 5], 8)
PROBLEM = Choose(np.array([5.0, 1.0, 4.0, 2.0]), 2)

NONSENSE = {
    "problem": [
        (lambda: ok.solve(None), "problem is a NoneType; expected a Problem"),
        (lambda: ok.compare(None), "problem is a NoneType"),
        (lambda: ok.lower_bound(None), "problem is a NoneType"),
        (lambda: ok.explain(None), "problem is a NoneType"),
        (lambda: ok.formulate(None, "cpsat"), "problem is a NoneType"),
        (lambda: ok.solve_many(VRP_OF_FIVE), r"problems is a VRP; expected several: solve_many\(\[problem, ...\]\)"),
        (lambda: ok.solve_many(5), "problems is an int; expected several"),
        (lambda: ok.solve_many([VRP_OF_FIVE, None]), r"problems\[1\] is None; expected a Problem"),
    ],
    "solver": [
        (lambda: ok.solve(VRP_OF_FIVE, None), "solver is None; expected a name"),
        (lambda: ok.compare(VRP_OF_FIVE, 5), "solvers is 5; expected names"),
        (lambda: ok.compare(VRP_OF_FIVE, [5]), "solver is 5"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings", "nope"]), "no solver 'nope' for VRP"),
    ],
    "options": [
        (lambda: ok.solve(VRP_OF_FIVE, "hgs", options={1: 3}), "hgs has no option 1"),
        (lambda: ok.solve(VRP_OF_FIVE, seed="a"), "seed is 'a'; expected an int >= 0"),
        (lambda: ok.solve_many([VRP_OF_FIVE], seed="a"), "seed is 'a'"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings"], seed="a"), "seed is 'a'"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings"], n_jobs=0), "n_jobs is 0"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings"], callbacks=[5]), r"callbacks\[0\] is 5"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings"], memory_limit=0), r"memory_limit \(bytes\) is 0"),
        (lambda: ok.routing.HGS().solve(VRP_OF_FIVE, timelimit=1), "solve has no option 'timelimit'; did you mean 'time_limit'"),
        (lambda: ok.warmup(["vrp"]), r"there is no problem \['vrp'\]; .*known: tsp, vrp"),
        (lambda: ok.Result.from_json(ok.solve(VRP_OF_FIVE, "savings").to_json(), 5), "result is of another problem"),
        (lambda: ok.compare(VRP_OF_FIVE, ["savings"], options=3), "options is 3; expected a mapping"),
        (lambda: ok.solve_many([VRP_OF_FIVE], n_jobs=0), "n_jobs is 0; expected an int >= 1, or -1"),
        (lambda: ok.solve_many([VRP_OF_FIVE], n_jobs=1.5), "n_jobs is 1.5"),
        (lambda: ok.solve(VRP_OF_FIVE, "hgs", n_jobs=10**9), "n_jobs is 1000000000; expected an int of at most"),
        (lambda: ok.solve(VRP_OF_FIVE, memory_limit=2**70), r"memory_limit \(bytes\) is .*; expected an int of at most"),
    ],
    "stop": [
        (
            lambda: ok.solve(VRP_OF_FIVE, time_limit=1e300),
            r"Stop.time is 1e\+300; expected a number of at most 1e\+09; leave it out",
        ),
        (
            lambda: ok.solve(VRP_OF_FIVE, time_limit=10**400),
            "Stop.time is an int of 1329 bits; expected a number that a float can hold",
        ),
        (lambda: ok.compare(VRP_OF_FIVE, ["hgs"], time_limit=float("nan")), "Stop.time is nan"),
        (lambda: Stop(iterations=2**70), "Stop.iterations is 1180591620717411303424; expected an int of at most 1e"),
        (lambda: Stop(stall=2**70), "Stop.stall is .* at most"),
        (lambda: Stop(gap=10**400), "Stop.gap is an int of 1329 bits"),
        (lambda: Stop(target=10**400), "Stop.target is an int of 1329 bits"),
    ],
    "file": [
        (lambda: ok.read(b"a.vrp"), "path is b'a.vrp'; expected the name of a file"),
        (lambda: ok.read(None), "path is None"),
        (lambda: ok.read(5), "path is 5"),
        (lambda: ok.read("a.vrp", format=5), "format is 5; known: "),
        (lambda: ok.read(""), "path is empty; expected the name of a file"),
        (lambda: VRP.read(""), "path is empty"),
        (lambda: VRP.read(None), "path is None"),
        (lambda: ok.routing.TSP.read(5), "path is 5"),
        (lambda: ok.scheduling.JobShop.read(None), "path is None"),
        (lambda: ok.assignment.LinearAssignment.read(None), "path is None"),
        (lambda: ok.read("a\0.vrp"), r"path is 'a\\x00.vrp'; no file has a name with a zero byte"),
        (lambda: VRP_OF_FIVE.plot(Routes.of([[0, 1], [2], [3]]), "a\0.png"), "zero byte"),
        (lambda: write_solution(VRP_OF_FIVE, Routes.of([[0, 1], [2], [3]]), b"a.sol"), "path is b'a.sol'"),
        (lambda: read_solution(VRP_OF_FIVE, None), "path is None"),
        (lambda: write_solution(VRP_OF_FIVE, None, "a.sol"), "expected a Routes for a VRP, got a NoneType"),
        (lambda: VRP_OF_FIVE.plot(Routes.of([[0, 1], [2], [3]]), ""), "path is empty"),
    ],
}


@pytest.mark.parametrize(("call", "complaint"), [case for cases in NONSENSE.values() for case in cases])
def test_arguments_that_make_no_sense_are_refused_in_a_sentence(call, complaint):
    with pytest.raises(OptikitError, match=complaint):
        call()


@pytest.mark.parametrize("solver", ["auto", "hgs", "savings", "exact"])
def test_the_longest_limits_are_taken(solver):
    """Nothing overflows on the way to an engine; the problem is proved at once, or the search ends by its iterations."""
    stop = Stop(time=1e9) | Stop(iterations=50) if solver == "hgs" else Stop(time=1e9)
    assert ok.solve(VRP_OF_FIVE, solver, stop=stop).objective is not None
    assert ok.solve(VRP_OF_FIVE, "hgs", stop=Stop(iterations=10**18, stall=50)).stop_reason is StopReason.STALLED


class TestCompare:
    def test_one_name_or_one_solver_is_a_list_of_one(self):
        assert list(ok.compare(PROBLEM, Sorting())) == ["Sorting()"]
        assert list(ok.compare(VRP_OF_FIVE, "savings")) == ["savings"]

    def test_a_solver_that_fails_does_not_lose_what_the_others_found(self):
        solvers = {
            "liar": Claiming(outcome=ok.core.run.Outcome(StopReason.TIME, Chosen((0,)))),
            "dead": Claiming(dies="killed by signal 6"),
            "silent": Claiming(),
            "sorting": Sorting(),
        }
        results = ok.compare(PROBLEM, solvers, time_limit=1)
        assert next(iter(results)) == "sorting"
        assert results["sorting"].objective == 3.0
        assert {label for label, result in results.items() if result.stop_reason is StopReason.FAILED} == {"liar", "dead", "silent"}
        assert results["liar"].message.startswith("SolverError: claiming returned a solution that the checker refuses")
        assert "AssertionError" in results["silent"].message
        assert ok.Result.from_json(results["liar"].to_json(), PROBLEM).status is Status.UNKNOWN

    def test_each_is_given_the_part_of_the_stop_that_it_honours(self):
        results = ok.compare(PROBLEM, {"a": Sorting(), "b": Shuffling()}, stop=Stop(iterations=10))
        assert (results["b"].iterations, results["b"].message) == (10, "")
        assert results["a"].objective == 3.0
        assert results["a"].message == "ran without Stop(iterations), which it does not honour"

    def test_a_start_that_none_can_take_is_refused(self):
        with pytest.raises(InvalidSolutionError):
            ok.compare(VRP_OF_FIVE, ["savings"], initial_solution=Routes.of([[0]]))


BROKEN = {
    "gone": ("nowhere.module:X", "ModuleNotFoundError: No module named 'nowhere'"),
    "noattr": ("math:X", "AttributeError: module 'math' has no attribute 'X'"),
    "function": ("math:sqrt", "<built-in function sqrt> is no Solver class with a name"),
    "isdict": ("builtins:dict", "<class 'dict'> is no Solver class"),
    "raises": ("optikit_broken:Raises", "ZeroDivisionError"),
    "nameless": ("optikit_broken:Nameless", "is no Solver class with a name"),
    "needs": ("optikit_broken:Needs", "TypeError: .* missing 1 required"),
}


@pytest.fixture
def broken_plug_ins(tmp_path, monkeypatch):
    """A distribution of which every entry point is broken in another way, as if it were installed."""
    information = tmp_path / "bad-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    lines = [f"VRP/{name} = {target}" for name, (target, _) in BROKEN.items()]
    (information / "entry_points.txt").write_text("\n".join(["[optikit.solvers]", *lines]))
    (tmp_path / "optikit_broken.py").write_text(
        textwrap.dedent(
            """
            from dataclasses import dataclass
            from typing import ClassVar
            from optikit import Solver

            class Raises(Solver):
                name = "raises"
                def __init__(self): 1 / 0
                def _run(self, problem, run): ...

            class Nameless(Solver):
                def _run(self, problem, run): ...

            @dataclass(frozen=True)
            class Needs(Solver):
                size: int
                name: ClassVar[str] = "needs"
                def _run(self, problem, run): ...
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("optikit_broken", None)


def test_kernels_are_made_ready_for_the_problems_that_are_named():
    ways = ok.warmup("generalized")
    assert ways
    assert all(kernel.startswith("optikit.assignment.generalized.") for kernel in ways)
    with pytest.raises(UnsupportedError, match=r"no problem 'vpr'; did you mean 'vrp'.*known: .*flowshop"):
        ok.warmup("vrp", "vpr")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plug_in_is_named_with_its_package(broken_plug_ins, name):
    target, complaint = BROKEN[name]
    with pytest.raises(UnsupportedError, match=complaint) as refused:
        ok.solve(VRP_OF_FIVE, name)
    assert f"the solver {name!r} of the package 'bad' (entry point {target!r}) cannot be loaded" in str(refused.value)
    offer = next(offer for offer in VRP_OF_FIVE.solvers() if offer.name == name)
    assert not offer.supported
    assert "'bad'" in offer.reason


def test_broken_plug_ins_do_not_hide_a_name_that_is_not_there(broken_plug_ins):
    with pytest.raises(UnknownSolverError, match="no solver 'nope' for VRP"):
        registry.find(VRP, "nope")


SCRIPT = """
exec(open(sys.argv[1]).read().partition("def main()")[0])

if __name__ == "__main__":
    pairs = np.array([(u, v) for u in range(6) for v in range(u)])
    problem = MaxCut(pairs, np.ones(len(pairs)))
    for solver in ("auto", "one_flip", OneFlip()):
        results = ok.solve_many([problem, problem], solver, stop=ok.Stop(iterations=20), n_jobs=2)
        print([(result.objective, result.bound, type(result.problem) is MaxCut) for result in results])
"""


def test_a_problem_class_of_a_script_is_solved_in_other_processes(tmp_path):
    """What stands in ``__main__`` cannot be imported there: the menu and the bound go along."""
    path = tmp_path / "script.py"
    path.write_text("import sys\n" + SCRIPT)
    example = Path(__file__).parents[1] / "examples" / "own_problem.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, path, example], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    # The complete graph of six vertices: three on each side.
    assert done.stdout.splitlines() == [str([(9.0, 15.0, True)] * 2)] * 3


def test_nothing_is_written_to_the_screen_by_a_failure(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ok.compare(PROBLEM, {"dead": Claiming(dies="x")}, time_limit=1)
    assert capsys.readouterr() == ("", "")


class _Interrupt:
    """A callback that presses Ctrl-C at the first improvement, once."""

    pressed = False

    def on_improvement(self, progress):
        if not self.pressed:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def ctrl_c():
    # CP-SAT, called directly by another test, leaves SIGINT with its default action, which ends the process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield _Interrupt()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_after_ctrl_c_no_further_problem_is_begun(ctrl_c):
    first, *others = ok.solve_many([VRP_OF_FIVE] * 3, "hgs", stop=Stop(iterations=10**9), callbacks=ctrl_c)
    assert (first.stop_reason, first.solution is None) == (StopReason.CANCELLED, False)
    assert {(result.stop_reason, result.iterations) for result in others} == {(StopReason.CANCELLED, 0)}


def test_after_ctrl_c_no_further_solver_is_begun(ctrl_c):
    results = ok.compare(VRP_OF_FIVE, ["hgs", "cpsat"], time_limit=60, callbacks=ctrl_c)
    assert [result.stop_reason for result in results.values()] == [StopReason.CANCELLED] * 2
    assert results["cpsat"].solution is None


def test_ctrl_c_that_somebody_else_handles_ends_nothing(ctrl_c):
    heard = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    results = ok.solve_many([VRP_OF_FIVE] * 2, "hgs", stop=Stop(iterations=20), callbacks=ctrl_c)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert heard == [signal.SIGINT]
    assert {result.stop_reason for result in results} == {StopReason.ITERATIONS}


def test_what_does_not_pickle_is_refused_where_it_is_to_be_sent():
    with pytest.raises(UnsupportedError, match=r"cannot be sent to another process \(TypeError: cannot pickle '_thread.lock'"):
        ok.solve_many([VRP_OF_FIVE] * 2, "savings", n_jobs=2, callbacks=[ok.CancelToken()])


def test_numpys_ints_count_jobs():
    assert len(ok.solve_many([VRP_OF_FIVE], "savings", n_jobs=np.int64(4))) == 1

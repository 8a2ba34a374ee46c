"""The template method: deadline, capabilities, check, Result."""

import threading
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import optikit as ok
from optikit import Problem, Solver, Status, Stop, StopReason, Violation
from optikit.core.registry import Entry
from optikit.core.result import TracePoint
from optikit.core.run import Outcome, Run
from optikit.errors import EngineError, InvalidSolutionError, SolverError, UnsupportedError
from optikit.testing import check_problem, check_result, check_solver

from . import toy
from .toy import Choose, Chosen, Claiming, Shuffling, Sorting

PROBLEM = Choose(np.array([5.0, 1.0, 4.0, 2.0]), 2)
MAXIMIZE = PROBLEM.replace(maximize=True)
BEST = Chosen((1, 3))


def test_the_toy_obeys_the_laws_of_problems():
    check_problem(PROBLEM, [BEST, Chosen((0, 2))], [Chosen((0,)), Chosen((1, 1))])


@pytest.mark.parametrize("problem", [PROBLEM, MAXIMIZE])
@pytest.mark.parametrize("solver", [Sorting(), Shuffling()])
def test_the_toys_obey_the_laws_of_solvers(solver, problem):
    check_solver(solver, problem, seconds=0.3)


def test_optimal_is_derived_from_the_bound():
    result = Sorting().solve(PROBLEM)
    assert (result.status, result.stop_reason, result.objective, result.bound) == (Status.OPTIMAL, StopReason.PROVEN, 3.0, 3.0)
    check_result(PROBLEM, result)


def test_a_claim_of_proof_without_a_bound_is_downgraded():
    result = Claiming(outcome=Outcome(StopReason.PROVEN, BEST)).solve(PROBLEM)
    assert (result.status, result.stop_reason) == (Status.FEASIBLE, StopReason.EXHAUSTED)


def test_a_closed_gap_is_a_proof_whatever_the_engine_says():
    result = Claiming(outcome=Outcome(StopReason.TIME, BEST, bound=3.0)).solve(PROBLEM)
    assert (result.status, result.stop_reason) == (Status.OPTIMAL, StopReason.PROVEN)


def test_an_infeasible_answer_is_a_defect():
    with pytest.raises(SolverError, match="checker refuses"):
        Claiming(outcome=Outcome(StopReason.TIME, Chosen((0,)))).solve(PROBLEM)


def test_a_bound_that_excludes_the_answer_is_a_defect():
    with pytest.raises(SolverError, match="contradicts the objective"):
        Claiming(outcome=Outcome(StopReason.TIME, BEST, bound=3.5)).solve(PROBLEM)
    with pytest.raises(SolverError, match="contradicts the objective"):
        Claiming(outcome=Outcome(StopReason.TIME, Chosen((0, 2)), bound=8.5)).solve(MAXIMIZE)


def test_infeasible_needs_to_be_said_and_not_contradicted():
    result = Claiming(outcome=Outcome(StopReason.PROVEN, infeasible=True)).solve(PROBLEM)
    assert (result.status, result.stop_reason) == (Status.INFEASIBLE, StopReason.PROVEN)
    with pytest.raises(SolverError, match="no solution, but one passed"):
        Claiming(outcome=Outcome(StopReason.PROVEN, infeasible=True)).solve(PROBLEM, initial_solution=BEST)


@dataclass(frozen=True)
class Rounding(Solver):
    """Reports what it found in numbers that are off in the last digits."""

    name: ClassVar[str] = "rounding"
    solves: ClassVar[type[Problem]] = Choose
    off: float = 1e-13

    def _run(self, problem, run):
        for items in ((0, 2), (0, 1), (1, 3)):
            run.iterations += 1
            found = Chosen(items)
            run.improve(problem.evaluate(found) - self.off, lambda found=found: found)
        run.iterations = 1000
        return Outcome(StopReason.ITERATIONS, BEST)


@pytest.mark.parametrize("off", [1e-13, -1e-13, 0.0])
def test_the_trace_keeps_every_improvement_and_gains_none(off):
    result = Rounding(off=off).solve(PROBLEM, stop=Stop(time=9))
    check_result(PROBLEM, result)
    assert [point.iterations for point in result.trace] == [1, 2, 3]
    assert [point.objective for point in result.trace] == pytest.approx([9, 6, 3], abs=1e-12)
    assert result.trace[-1].objective == result.objective == 3.0


def test_an_improvement_that_its_solution_does_not_have_is_a_defect():
    with pytest.raises(SolverError, match=r"reported a solution of 2\.0, and kept none better than 3\.0"):
        Rounding(off=1.0).solve(PROBLEM, stop=Stop(time=9))


def test_an_answer_that_was_never_reported_is_told_when_it_comes():
    seen = []
    result = Claiming(outcome=Outcome(StopReason.TIME, BEST)).solve(PROBLEM, callbacks=[lambda p: seen.append(p.objective)])
    assert seen == [point.objective for point in result.trace] == [3.0]


def test_a_better_solution_that_was_reported_is_not_lost():
    class Forgetful(Rounding):
        def _run(self, problem, run):
            super()._run(problem, run)
            return Outcome(StopReason.ITERATIONS, Chosen((0, 2)))

    result = Forgetful(off=0.0).solve(PROBLEM, stop=Stop(time=9))
    assert (result.solution, result.objective) == (BEST, 3.0)


def test_a_conformance_kit_that_sees_a_trace_that_was_made_up(monkeypatch):
    """What an earlier version did: the last point anew, at the end of the run, and those that are not worse deleted."""

    def settle(run, objective, solution):
        run.trace = [point for point in run.trace if point.objective > objective]
        run.trace.append(TracePoint(run.seconds, run.iterations, objective, run.bound))

    check_solver(Rounding(), PROBLEM, seconds=1)
    monkeypatch.setattr(Run, "settle", settle)
    with pytest.raises(AssertionError, match="the same iteration"):
        check_solver(Rounding(), PROBLEM, seconds=1)


def test_a_start_that_is_a_result_gives_its_solution():
    start = Shuffling().solve(PROBLEM, stop=Stop(iterations=1))
    assert Shuffling().solve(PROBLEM, stop=Stop(iterations=0), initial_solution=start).solution == start.solution
    empty = Claiming(outcome=Outcome(StopReason.TIME)).solve(PROBLEM)
    with pytest.raises(InvalidSolutionError, match=r"a result without a solution \(unknown\)"):
        Shuffling().solve(PROBLEM, initial_solution=empty)


def test_ctrl_c_before_the_search_returns_the_start():
    class Interrupt(ok.Callback):
        def on_start(self, progress):
            raise KeyboardInterrupt

    result = Shuffling().solve(PROBLEM, initial_solution=BEST, callbacks=[Interrupt()])
    check_result(PROBLEM, result)
    assert (result.stop_reason, result.solution, result.objective) == (StopReason.CANCELLED, BEST, 3.0)


def test_a_start_that_meets_the_bound_is_the_answer(monkeypatch):
    monkeypatch.setattr(toy, "BOUND", lambda problem: 3.0, raising=False)
    result = Shuffling().solve(PROBLEM, time_limit=60, initial_solution=BEST)
    assert (result.status, result.stop_reason, result.iterations) == (Status.OPTIMAL, StopReason.PROVEN, 0)
    result = Shuffling().solve(PROBLEM, time_limit=60)
    assert (result.status, result.stop_reason, result.objective) == (Status.OPTIMAL, StopReason.PROVEN, 3.0)


def test_in_a_tiny_unit_the_tolerance_of_a_proof_ends_no_search(monkeypatch):
    """A bound within 1e-9 is a proof by its definition; a search goes on as long as the gap is one."""
    tiny = PROBLEM.replace(cost=1e-12 * PROBLEM.cost)
    monkeypatch.setattr(toy, "BOUND", lambda problem: 0.0, raising=False)
    assert Shuffling().solve(tiny, stop=Stop(iterations=200)).iterations == 200


def test_the_nearest_solution_comes_with_its_violations():
    result = Claiming(outcome=Outcome(StopReason.TIME, nearest=Chosen((0,)))).solve(PROBLEM)
    assert result.status is Status.UNKNOWN
    assert [v.rule for v in result.violations] == ["count"]
    assert "1 items instead of 2" in str(result)


def test_a_dead_engine_keeps_the_start():
    result = Claiming(dies="killed by signal 6").solve(PROBLEM, initial_solution=Chosen((0, 2)))
    assert (result.status, result.stop_reason, result.objective) == (Status.FEASIBLE, StopReason.FAILED, 9.0)
    assert "signal 6" in result.message


def test_a_worse_answer_than_the_start_is_not_returned():
    result = Claiming(outcome=Outcome(StopReason.TIME, Chosen((0, 2)))).solve(PROBLEM, initial_solution=BEST)
    assert result.solution == BEST


def test_a_start_that_is_infeasible_or_foreign_is_refused():
    with pytest.raises(InvalidSolutionError, match="1 items instead of 2"):
        Sorting().solve(PROBLEM, initial_solution=Chosen((0,)))
    with pytest.raises(InvalidSolutionError, match="expected a Chosen"):
        Sorting().solve(PROBLEM, initial_solution=ok.routing.Routes.of([[0]]))


def test_stops_that_are_not_honoured_are_refused():
    with pytest.raises(UnsupportedError, match=r"does not honour Stop\(iterations\)"):
        Sorting().solve(PROBLEM, stop=Stop(iterations=3))


def test_no_stop_is_ten_seconds_for_a_search_and_none_for_an_exact_solver():
    from optikit.core.solver import complete_stop

    assert complete_stop(Shuffling(), None, None)[0] == Stop(time=10.0)
    assert "ten" not in complete_stop(Sorting(), None, None)[1]
    assert complete_stop(Sorting(), None, None)[0] == Stop()


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop(time=0.05), StopReason.TIME),
        (Stop(iterations=4), StopReason.ITERATIONS),
        (Stop(stall=500), StopReason.STALLED),
        (Stop(target=6.0), StopReason.TARGET),
    ],
)
def test_each_criterion_ends_the_solve(stop, reason):
    result = Shuffling().solve(PROBLEM, stop=stop | Stop(iterations=100_000))
    assert result.stop_reason is reason


def test_a_token_cancels_from_another_thread():
    token = ok.CancelToken()
    timer = threading.Timer(0.1, token.cancel)
    timer.start()
    result = Shuffling(pause=0.001).solve(PROBLEM, time_limit=60, callbacks=[token])
    assert result.stop_reason is StopReason.CANCELLED
    assert result.objective is not None


def test_a_callback_that_returns_true_cancels():
    seen = []

    def stop_at_first(progress):
        seen.append(progress.objective)
        return True

    result = Shuffling().solve(PROBLEM, time_limit=60, callbacks=[stop_at_first])
    assert result.stop_reason is StopReason.CANCELLED
    assert len(seen) == 1


@pytest.mark.parametrize("event", ["on_start", "on_improvement", "on_tick", "on_end"])
def test_what_a_callback_raises_reaches_the_caller(event):
    """Also what would otherwise say that an engine has died, and also where the solver makes a failure of its own of it."""
    raised = EngineError("the engine of whoever watches")

    def fail(progress):
        raise raised

    watcher = ok.Callback()
    setattr(watcher, event, fail)
    for solver in (Shuffling(), Rewording()):
        with pytest.raises(EngineError) as caught:
            solver.solve(PROBLEM, stop=Stop(iterations=3), callbacks=[watcher])
        assert caught.value is raised


@dataclass(frozen=True)
class Rewording(Shuffling):
    """Takes whatever dies inside it for its engine."""

    def _run(self, problem: Choose, run: Run) -> Outcome:
        try:
            return super()._run(problem, run)
        except EngineError as error:
            raise EngineError(f"shuffling: {error}") from None


def test_ctrl_c_returns_the_best_so_far():
    def interrupt(progress):
        raise KeyboardInterrupt

    result = Shuffling().solve(PROBLEM, time_limit=60, callbacks=[interrupt])
    assert result.stop_reason is StopReason.CANCELLED
    assert result.objective is not None


def test_the_clock_starts_before_the_setup():
    class Slow(ok.Callback):
        def on_start(self, progress):
            time.sleep(0.2)

    result = Shuffling().solve(PROBLEM, time_limit=0.1, callbacks=[Slow()])
    assert result.iterations == 0
    assert result.stop_reason is StopReason.TIME


def test_options_change_parameters_and_unknown_ones_are_refused():
    assert Shuffling().solve(PROBLEM, stop=Stop(iterations=1), options={"pause": 0.001}).parameters == {"pause": 0.001}
    with pytest.raises(UnsupportedError, match="did you mean 'pause'"):
        Shuffling().solve(PROBLEM, stop=Stop(iterations=1), options={"paus": 1})


@pytest.mark.parametrize("n_jobs", [0, -2, 1.5, True, "2"])
def test_n_jobs_is_checked(n_jobs):
    with pytest.raises(UnsupportedError, match="n_jobs is"):
        Sorting().solve(PROBLEM, n_jobs=n_jobs)


def test_two_threads_solve_at_once():
    results = {}
    threads = [
        threading.Thread(
            target=lambda seed=seed: results.setdefault(seed, Shuffling().solve(PROBLEM, stop=Stop(iterations=50), seed=seed))
        )
        for seed in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, result in results.items():
        assert result.solution == Shuffling().solve(PROBLEM, stop=Stop(iterations=50), seed=seed).solution


class TestMenu:
    @pytest.fixture(autouse=True)
    def _menu(self, monkeypatch):
        entries = (
            Entry("dying", f"{__name__}:Dying", rule=lambda features, time, jobs: features["size"] == 4),
            Entry("sorting", f"{toy.__name__}:Sorting", rule=lambda features, time, jobs: features["size"] < 10, why="few items"),
            Entry("shuffling", f"{toy.__name__}:Shuffling", rule=lambda features, time, jobs: True),
            Entry("broken", "no.such.module:Solver"),
        )
        monkeypatch.setattr(toy, "SOLVERS", entries, raising=False)

    def test_auto_goes_on_when_an_engine_dies_and_says_so(self):
        result = ok.solve(PROBLEM, time_limit=5)
        assert result.solver == "sorting"
        assert "dying failed: out of memory" in result.message
        assert "auto chose sorting: few items" in result.message

    def test_where_the_data_decide_no_solver_is_named(self, monkeypatch):
        monkeypatch.setattr(toy, "IMPOSSIBLE", lambda problem: ["4 items cannot give 9"], raising=False)
        result = ok.solve(PROBLEM.replace(count=9), time_limit=5)
        assert (result.status, result.stop_reason, result.solver) == (Status.INFEASIBLE, StopReason.PROVEN, "none")
        assert result.message == "4 items cannot give 9: seen from the data, no solver ran"

    def test_auto_obeys_rules_and_stops(self):
        assert ok.solve(Choose(np.arange(12.0), 2), stop=Stop(iterations=3)).solver == "shuffling"
        assert ok.solve(Choose(np.arange(5.0), 2), stop=Stop(iterations=3)).solver == "shuffling"

    def test_an_unknown_name_lists_the_known_ones(self):
        with pytest.raises(LookupError, match=r"did you mean 'sorting'\?; known: auto, dying, sorting"):
            ok.solve(PROBLEM, "sortin")

    def test_a_broken_entry_is_listed_with_its_reason(self):
        offers = {offer.name: offer for offer in PROBLEM.solvers()}
        assert offers["sorting"].supported
        assert "cannot be loaded: ModuleNotFoundError" in offers["broken"].reason

    def test_unknown_arguments_are_refused_by_name(self):
        for call in (lambda **o: ok.compare(PROBLEM, **o), lambda **o: ok.solve_many([PROBLEM], **o)):
            with pytest.raises(UnsupportedError, match=r"no option 'sed'; did you mean 'seed'\?"):
                call(sed=1)
        with pytest.raises(UnsupportedError, match=r"lower_bound has no option 'timelimit'; did you mean 'time_limit'\?"):
            ok.lower_bound(PROBLEM, "sorting", timelimit=1)

    def test_compare_orders_by_objective(self):
        results = ok.compare(PROBLEM, ["shuffling", "sorting"], time_limit=0.05)
        assert min(results.values(), key=lambda r: r.objective).objective == next(iter(results.values())).objective

    def test_solve_many_keeps_order_and_seeds(self):
        problems = [Choose(np.arange(4.0) * k, 2) for k in range(1, 5)]
        alone = ok.solve_many(problems, Shuffling(), stop=Stop(iterations=5), seed=3)
        side_by_side = ok.solve_many(problems, Shuffling(), stop=Stop(iterations=5), seed=3, n_jobs=2)
        assert [r.solution for r in alone] == [r.solution for r in side_by_side]
        assert [r.seed for r in alone] == [3, 4, 5, 6]


class Dying(Claiming):
    name = "dying"

    def _run(self, problem, run):
        raise toy.EngineError("out of memory")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"stop": 5}, "stop is 5; expected a Stop"),
        ({"callbacks": 5}, r"callbacks\[0\] is 5; expected a Callback"),
        ({"callbacks": [ok.Callback]}, "pass an object of it"),
        ({"callbacks": [None]}, r"callbacks\[0\] is None"),
        ({"memory_limit": "1GB"}, r"memory_limit \(bytes\) is '1GB'"),
        ({"memory_limit": -1}, r"memory_limit \(bytes\) is -1"),
        ({"options": ["pause"]}, "options is .*; expected a mapping"),
        ({"options": {"pause": "x"}}, "pause is 'x'; expected float"),
        ({"options": {"pause": None}}, "pause is None; expected float"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
    ],
)
def test_arguments_of_the_call_are_refused_by_name(arguments, complaint):
    with pytest.raises(UnsupportedError, match=complaint):
        Shuffling().solve(PROBLEM, **arguments)


def test_numpy_numbers_are_numbers():
    stop = Stop(time=np.float32(5), iterations=np.int64(3))
    result = Shuffling().solve(PROBLEM, stop=stop, seed=np.int64(2), n_jobs=np.int32(1), options={"pause": np.float64(0)})
    assert result.iterations == 3
    assert ok.Result.from_json(result.to_json(), PROBLEM).solution == result.solution


def test_one_watcher_needs_no_list_and_numpys_true_stops():
    result = Shuffling().solve(PROBLEM, time_limit=60, callbacks=lambda progress: np.float64(1.0) > 0)
    assert result.stop_reason is StopReason.CANCELLED


@pytest.mark.parametrize("verdict", [True, None, (), (Violation("count", "two are chosen"),)])
def test_a_checker_that_gives_no_report_is_not_taken_for_one(verdict):
    class Odd(Choose):
        def check(self, solution):
            return verdict

    with pytest.raises(SolverError, match=r"Odd.check returned .*; expected a CheckReport"):
        Shuffling().solve(Odd(PROBLEM.cost, PROBLEM.count), stop=Stop(iterations=1))


def test_ctrl_c_while_setting_up_keeps_the_start(monkeypatch):
    def interrupted(problem):
        raise KeyboardInterrupt

    monkeypatch.setattr("optikit.core.solver.cheap_bound", interrupted)
    result = Shuffling().solve(PROBLEM, time_limit=60, initial_solution=BEST)
    assert (result.stop_reason, result.solution) == (StopReason.CANCELLED, BEST)


def test_an_error_of_the_objectives_own_size_proves_nothing():
    problem = Choose(PROBLEM.cost, 2)
    object.__setattr__(problem, "error", 10.0)
    result = Claiming(outcome=Outcome(StopReason.PROVEN, BEST, bound=0.5)).solve(problem)
    assert result.status is Status.FEASIBLE


def test_a_subclass_keeps_the_menu(monkeypatch):
    monkeypatch.setattr(toy, "SOLVERS", (Entry("sorting", f"{toy.__name__}:Sorting"),), raising=False)

    class Special(Choose):
        pass

    assert [offer.name for offer in Special(np.arange(4.0), 2).solvers()] == ["sorting"]


def test_a_tampered_result_is_refused():
    text = Sorting().solve(PROBLEM).to_json()
    with pytest.raises(ValueError, match=r"objective is 2.5, but the solution evaluates at 3\.0"):
        ok.Result.from_json(text.replace("3.0", "2.5"), PROBLEM)
    with pytest.raises(ValueError, match="not the JSON of a result"):
        ok.Result.from_json("[1, 2]")
    with pytest.raises(ValueError, match="not the JSON of a result"):
        ok.Result.from_json("{")


def test_the_cheap_bound_takes_no_options():
    with pytest.raises(UnsupportedError, match="no time_limit; name a solver"):
        ok.lower_bound(ok.routing.VRP.from_coordinates([(0, 0), (1, 1)], [0, 1], 1), time_limit=1)


def test_a_start_that_is_a_result_of_another_problem_is_refused():
    stop = Stop(iterations=1)
    result = Shuffling().solve(PROBLEM, stop=stop)
    other = Choose([*PROBLEM.cost[:-1], 1000.0], PROBLEM.count)
    with pytest.raises(InvalidSolutionError, match=r"a result of another problem; to try its solution, give result\.solution"):
        Shuffling().solve(other, stop=stop, initial_solution=result)
    assert Shuffling().solve(other, stop=stop, initial_solution=result.solution).solution is not None

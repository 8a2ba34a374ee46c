"""Two solvers side by side, on fakes that play what they are told."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

import optikit as ok
from optikit import CancelToken, Capabilities, Solver, Status, Stop, StopReason
from optikit.core.registry import Entry, candidates
from optikit.core.run import Outcome, Run
from optikit.errors import EngineError, UnsupportedError
from optikit.kernels.control import ITERATIONS, LIMIT, STOP, Control
from optikit.search.drive import drive
from optikit.search.portfolio import Portfolio
from optikit.search.suggestions import Suggestions
from optikit.testing import check_result, check_solver
from tests.core.toy import Choose, Chosen, Shuffling, Sorting


class Items(Choose):
    """A `Choose` whose menu is below."""


PROBLEM = Items([float(item) for item in range(100)], 1)
"""Item i costs i: the best is item 0."""

SEARCH = Capabilities(anytime=True, seeded=True, start=True)
EXACT = Capabilities(exact=True, bounds=True, anytime=True, start=True, deterministic=False, stops=frozenset({"time"}))


@dataclass(frozen=True)
class Playing(Solver):
    name: ClassVar[str] = "playing"
    solves: ClassVar[type[Choose]] = Items
    capabilities: ClassVar[Capabilities] = SEARCH
    play: Any = None

    def _run(self, problem, run):
        return self.play(run)


@dataclass(frozen=True)
class Proving(Playing):
    name: ClassVar[str] = "proving"
    capabilities: ClassVar[Capabilities] = EXACT


@dataclass(frozen=True)
class Both(Portfolio):
    name: ClassVar[str] = "both"
    solves: ClassVar[type[Choose]] = Items
    backend: str = "sorting"
    pair: Any = None

    def _pair(self, problem, time_limit):
        return self.pair or super()._pair(problem, time_limit)


@dataclass(frozen=True)
class ItemShuffling(Shuffling):
    solves: ClassVar[type[Choose]] = Items
    pause: float = 0.001


@dataclass(frozen=True)
class ItemSorting(Sorting):
    solves: ClassVar[type[Choose]] = Items
    capabilities: ClassVar[Capabilities] = EXACT


SOLVERS = (
    Entry("sorting", ItemSorting, rule=lambda features, time_limit, n_jobs: features["size"] < 10),
    Entry("both", Both, rule=lambda features, time_limit, n_jobs: n_jobs >= 2),
    Entry("shuffling", ItemShuffling, rule=lambda features, time_limit, n_jobs: True),
)


def found(run: Run, item: int) -> Chosen:
    solution = Chosen((item,))
    run.improve(float(item), lambda: solution)
    return solution


def until(run: Run, done: Callable[[], bool] = lambda: False) -> StopReason | None:
    """Live on, as an engine does, until it is told to stop or has what it waits for."""
    while not done():
        reason = run.tick()
        if reason is not None:
            return reason
        threading.Event().wait(0.002)
    return None


def race(search, backend, problem=PROBLEM, **question):
    question.setdefault("time_limit", 20.0)
    result = Both(pair=(Playing(play=search), Proving(play=backend))).solve(problem, **question)
    check_result(problem, dataclasses.replace(result, parameters={}))
    return result


def idle(run):
    return Outcome(until(run), run.incumbent)


def test_a_proof_of_the_backend_ends_the_search():
    ended = []

    def search(run):
        found(run, 7)
        ended.append(until(run))
        return Outcome(ended[0], run.incumbent)

    result = race(search, lambda run: Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0))
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, 0.0, 0.0)
    assert ended == [StopReason.CANCELLED]
    assert "from proving" in result.message


def test_a_bound_of_one_and_a_solution_of_the_other_are_a_proof():
    def search(run):
        found(run, 3)
        return Outcome(until(run), run.incumbent)

    def backend(run):
        run.tighten(3.0)
        return Outcome(until(run))

    result = race(search, backend)
    assert (result.status, result.stop_reason, result.objective, result.bound) == (Status.OPTIMAL, StopReason.PROVEN, 3.0, 3.0)
    assert result.message == "the solution is from playing; the bound from proving"


def test_the_backend_starts_anew_from_the_search_s_best():
    starts = []

    def search(run):
        found(run, 5)
        return Outcome(until(run), run.incumbent)

    def backend(run):
        starts.append(run.initial_solution)
        if run.initial_solution is None:
            return Outcome(until(run), run.incumbent)
        return Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0)

    result = race(search, backend, time_limit=2.0)
    assert starts == [None, Chosen((5,))]
    assert result.status is Status.OPTIMAL


def test_it_does_not_start_anew_where_it_is_ahead():
    starts = []

    def search(run):
        found(run, 5)
        return Outcome(until(run), run.incumbent)

    def backend(run):
        starts.append(run.initial_solution)
        found(run, 4)
        return Outcome(until(run), run.incumbent)

    result = race(search, backend, time_limit=0.5)
    assert starts == [None]
    assert (result.objective, result.stop_reason) == (4.0, StopReason.TIME)


def test_no_start_of_the_backend_is_so_late_that_less_than_half_of_the_time_is_its_own():
    begun = []
    costs = iter(range(90, 0, -1))

    def search(run):
        while (reason := run.tick()) is None:
            found(run, next(costs, 1))
            threading.Event().wait(0.02)
        return Outcome(reason, run.incumbent)

    def backend(run):
        begun.append(run.seconds)
        return Outcome(until(run), run.incumbent)

    race(search, backend, time_limit=2.0)
    assert len(begun) >= 2
    assert max(begun) <= 1.0


def test_what_the_backend_finds_reaches_the_search():
    got = []

    def search(run):
        suggestions = next(callback for callback in run.callbacks if isinstance(callback, Suggestions))

        def taken():
            solution = suggestions.take()
            got.extend([solution] if solution is not None else [])
            return bool(got)

        until(run, taken)
        return Outcome(StopReason.EXHAUSTED, found(run, 1))

    def backend(run):
        found(run, 2)
        until(run, lambda: bool(got))
        return Outcome(StopReason.EXHAUSTED, run.incumbent)

    result = race(search, backend)
    assert got == [Chosen((2,))]
    assert (result.objective, result.stop_reason) == (1.0, StopReason.EXHAUSTED)


class Counting:
    """An island that takes over what it is given."""

    def __init__(self):
        self.control = Control.fresh()
        self.solution = Chosen((9,))

    def advance(self):
        slots = self.control.slots
        while slots[ITERATIONS] < min(slots[LIMIT], 100) and not slots[STOP]:
            slots[ITERATIONS] += 1

    def objective(self):
        return float(self.solution.items[0])

    def read(self):
        return self.solution

    def exhausted(self):
        return int(self.control.slots[ITERATIONS]) >= 100

    def receive(self, other):
        self.solution = min(self.solution, other.solution, key=PROBLEM.evaluate)

    def audit(self):
        return None

    def admit(self, solution):
        self.solution = solution


def test_drive_gives_suggestions_to_the_first_island_and_the_exchange_passes_them_on():
    suggestions = Suggestions()
    suggestions.suggest(Chosen((8,)))
    suggestions.suggest(Chosen((4,)))
    islands = [Counting(), Counting()]
    run = Run(PROBLEM, Stop(), callbacks=[suggestions])
    drive(run, islands, epoch=10)
    assert [island.solution for island in islands] == [Chosen((4,))] * 2
    assert suggestions.take() is None
    assert run.objective == 4.0


def test_a_suggestion_that_has_fallen_behind_leads_no_search_away():
    suggestions = Suggestions()
    suggestions.suggest(Chosen((9,)))
    island = Counting()
    island.admit = None
    drive(Run(PROBLEM, Stop(), callbacks=[suggestions]), [island], epoch=10)
    assert suggestions.take() is None


@pytest.mark.parametrize("dying", ["search", "backend"])
@pytest.mark.parametrize("error", [EngineError("no licence"), RuntimeError("no licence")])
def test_the_death_of_one_leaves_the_other(dying, error):
    def dies(run):
        raise error

    def lives(run):
        until(run, lambda: run.seconds > 0.05)
        return Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0)

    result = race(*((dies, lives) if dying == "search" else (lives, dies)))
    assert (result.status, result.objective) == (Status.OPTIMAL, 0.0)
    assert "failed: no licence" in result.message


def test_the_death_of_both_is_a_failure():
    def dies(run):
        raise EngineError("no licence")

    result = race(dies, dies)
    assert (result.status, result.stop_reason) == (Status.UNKNOWN, StopReason.FAILED)
    assert "no licence" in result.message


def test_what_was_found_before_both_died_is_kept():
    def dies_late(run):
        found(run, 6)
        raise EngineError("no licence")

    def dies(run):
        raise EngineError("no memory")

    result = race(dies_late, dies)
    assert (result.status, result.stop_reason, result.objective) == (Status.FEASIBLE, StopReason.FAILED, 6.0)


def test_no_solution_is_proved_by_the_backend_alone():
    result = race(idle, lambda run: Outcome(StopReason.PROVEN, infeasible=True))
    assert (result.status, result.stop_reason) == (Status.INFEASIBLE, StopReason.PROVEN)


def test_a_solution_that_the_checker_refuses_is_the_failure_of_its_finder():
    def lies(run):
        run.improve(-1.0, lambda: Chosen((1, 2)))
        return Outcome(until(run), run.incumbent)

    def backend(run):
        until(run, lambda: run.seconds > 0.1)
        return Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0)

    result = race(lies, backend)
    assert (result.status, result.objective) == (Status.OPTIMAL, 0.0)
    assert [point.objective for point in result.trace] == [0.0]


@dataclass(frozen=True)
class Late(Playing):
    def _prepare(self, problem, run):
        threading.Event().wait(0.2)
        return super()._prepare(problem, run)


def test_a_search_whose_set_up_took_all_of_the_time_still_answers():
    """It is not told to stop before it has begun: the deadline is its own, too."""
    search = Late(play=lambda run: Outcome(StopReason.TIME, found(run, 7)))
    solver = Both(pair=(search, Proving(play=lambda run: Outcome(until(run)))))
    result = solver.solve(PROBLEM, time_limit=0.1)
    assert (result.objective, result.stop_reason) == (7.0, StopReason.TIME)


def test_who_does_not_obey_is_left_behind():
    release = threading.Event()

    def deaf(run):
        release.wait(30)
        return Outcome(StopReason.TIME)

    def search(run):
        found(run, 2)
        return Outcome(until(run), run.incumbent)

    result = race(search, deaf, time_limit=0.2)
    release.set()
    assert (result.objective, result.stop_reason) == (2.0, StopReason.TIME)


def test_callbacks_run_on_the_caller_s_thread_and_may_cancel():
    threads = set()

    def watch(progress):
        threads.add(threading.get_ident())
        return progress.objective <= 3

    def search(run):
        for item in (9, 3, 1):
            found(run, item)
            until(run, lambda: run.seconds > 0.05)
        return Outcome(until(run), run.incumbent)

    result = race(search, idle, callbacks=[watch])
    assert threads == {threading.get_ident()}
    assert result.stop_reason is StopReason.CANCELLED
    assert result.objective <= 3


def test_an_exception_of_a_callback_ends_both_and_is_raised():
    ended = []

    def watch(progress):
        raise ZeroDivisionError

    def search(run):
        found(run, 9)
        ended.append(until(run))
        return Outcome(ended[0], run.incumbent)

    with pytest.raises(ZeroDivisionError):
        race(search, idle, callbacks=[watch])
    assert ended == [StopReason.CANCELLED]


def test_a_token_and_a_target_end_both():
    token = CancelToken()

    def search(run):
        found(run, 9)
        token.cancel()
        return Outcome(until(run), run.incumbent)

    assert race(search, idle, callbacks=[token]).stop_reason is StopReason.CANCELLED
    token = CancelToken()
    assert race(search, idle, stop=Stop(target=9)).stop_reason is StopReason.TARGET


def test_without_a_limit_it_runs_to_the_proof():
    def search(run):
        found(run, 9)
        return Outcome(until(run), run.incumbent)

    def backend(run):
        if run.initial_solution is None:
            return Outcome(until(run), run.incumbent)
        return Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0)

    result = race(search, backend, time_limit=None)
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize(("n_jobs", "shares"), [(1, [1, 1]), (2, [1, 1]), (5, [2, 3])])
def test_the_threads_are_shared(n_jobs, shares):
    seen = {}

    def search(run):
        seen["search"] = run.n_jobs
        return Outcome(until(run))

    def backend(run):
        seen["backend"] = run.n_jobs
        until(run, lambda: "search" in seen)
        return Outcome(StopReason.PROVEN, Chosen((0,)), bound=0.0)

    race(search, backend, n_jobs=n_jobs)
    assert [seen["search"], seen["backend"]] == shares


def test_auto_takes_it_with_two_threads_and_its_search_is_auto_s_with_one():
    solver, _ = next(candidates(PROBLEM, 1.0, 2))
    assert isinstance(solver, Both)
    assert [type(partner) for partner in Both()._pair(PROBLEM, 1.0)] == [ItemShuffling, ItemSorting]
    small = Items([3.0, 1.0, 2.0], 1)
    assert [type(partner) for partner in Both()._pair(small, 1.0)] == [ItemShuffling, ItemSorting]


def test_a_name_that_is_not_on_the_menu_is_refused_with_those_that_are():
    with pytest.raises(UnsupportedError, match=r"no solver 'cpsat' for Items; known: auto, sorting, both, shuffling"):
        Both(backend="cpsat").solve(PROBLEM)


@pytest.mark.parametrize("problem", [PROBLEM, Items([4.0, 2.0, 9.0], 2, True)], ids=["min", "max"])
def test_laws(problem):
    result = check_solver(Both(), problem, seconds=2.0)
    assert result.objective == problem.evaluate(problem.optimum())
    assert ok.solve(problem, "both").status is Status.OPTIMAL

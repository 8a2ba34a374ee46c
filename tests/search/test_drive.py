"""The sliced loop on an island that can be seen through: it counts."""

import threading

import pytest

import optikit as ok
from optikit import Stop, StopReason
from optikit.core.run import Run
from optikit.errors import SolverError
from optikit.kernels.clock import now_ns
from optikit.kernels.control import DEADLINE, IMPROVED, ITERATIONS, LIMIT, STOP, Control
from optikit.search.drive import drive
from tests.core.toy import Choose, Chosen

PROBLEM = Choose([100.0 - item for item in range(101)], 1)
"""Item i costs 100 - i."""


class Counting:
    """Each iteration is one tick; the objective falls by one at the iterations listed."""

    def __init__(self, improves=(), *, fault=None, error=None, end=None):
        self.control = Control.fresh()
        self.improves, self.fault, self.error, self.end = set(improves), fault, error, end
        self.value = 100.0
        self.received = []
        self.threads = set()

    def advance(self):
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error
        slots = self.control.slots
        while slots[ITERATIONS] < slots[LIMIT] and not slots[STOP] and now_ns() < slots[DEADLINE]:
            slots[ITERATIONS] += 1
            if int(slots[ITERATIONS]) in self.improves:
                self.value -= 1
                slots[IMPROVED] = slots[ITERATIONS]
            if self.exhausted():
                return

    def objective(self):
        return self.value if self.control.slots[ITERATIONS] else None

    def read(self):
        return Chosen((100 - round(self.value),))

    def exhausted(self):
        return self.end is not None and int(self.control.slots[ITERATIONS]) >= self.end

    def receive(self, other):
        self.received.append((int(self.control.slots[ITERATIONS]), other))

    def audit(self):
        return self.fault


def run_of(**stop):
    return Run(PROBLEM, Stop(**stop), solver="counting")


def done(island):
    return int(island.control.slots[ITERATIONS])


def test_an_iteration_budget_is_met_exactly():
    island, run = Counting(), run_of(iterations=12_345)
    assert drive(run, [island], epoch=1000) is StopReason.ITERATIONS
    assert done(island) == run.iterations == 12_345


def test_a_budget_is_shared_by_islands_to_the_last_iteration():
    islands, run = [Counting(), Counting(), Counting()], run_of(iterations=1_000)
    assert drive(run, islands, epoch=100, threads=2) is StopReason.ITERATIONS
    assert [done(island) for island in islands] == [334, 333, 333]


def test_a_stall_counts_from_the_last_improvement():
    island = Counting(improves=[10, 90])
    assert drive(run_of(stall=100), [island], epoch=1000) is StopReason.STALLED
    assert done(island) == 190


def test_the_deadline_ends_the_run():
    assert drive(run_of(time=0.05), [Counting()], epoch=1000) is StopReason.TIME


def test_a_deadline_that_has_passed_ends_it_at_once():
    island = Counting()
    assert drive(run_of(time=0.0), [island], epoch=1000) is StopReason.TIME
    assert done(island) == 0


def test_an_island_with_nothing_left_ends_the_run():
    assert drive(run_of(time=60.0), [Counting(end=50)], epoch=1000) is StopReason.EXHAUSTED


def test_exchange_happens_at_epochs_whatever_the_slices():
    islands = [Counting(), Counting()]
    drive(run_of(iterations=700), islands, epoch=100, threads=2)
    assert [at for at, _ in islands[0].received] == [100, 200, 300]
    assert all(other is islands[1] for _, other in islands[0].received)


def test_improvements_reach_callbacks_on_the_callers_thread():
    seen = []

    def note(progress):
        seen.append((progress.objective, threading.current_thread()))

    run = Run(PROBLEM, Stop(iterations=100), callbacks=[note], solver="counting")
    drive(run, [Counting(improves=[1, 2]), Counting()], epoch=10, threads=2)
    assert [thread for _, thread in seen] == [threading.current_thread()] * len(seen)
    assert seen[-1][0] == 98.0


class Rounding(Counting):
    """Adds up in numbers of its own, which differ from the problem's in the last digits."""

    def objective(self):
        return None if (value := super().objective()) is None else value * (1 - 1e-15) - 1e-13


def test_improvements_have_the_objective_that_the_problem_gives_them():
    run = run_of(iterations=100)
    drive(run, [Rounding(improves=[1, 2])], epoch=1000)
    assert [point.objective for point in run.trace] == [98.0]
    # A start that is as good is not improved upon.
    run = run_of(iterations=100)
    run.improve(98.0, lambda: Chosen((2,)))
    drive(run, [Rounding(improves=[1, 2])], epoch=1000)
    assert len(run.trace) == 1


def test_what_a_run_keeps_is_what_it_was_told():
    """The searches' own best may be better by their sums, and worse by the problem's."""

    class Turning(Rounding):
        def read(self):
            return Chosen((int(100 - self.value) if self.value > 98 else 0,))

    run = run_of(iterations=200)
    islands = [Turning(improves=[50, 150])]
    drive(run, islands, epoch=60)
    assert run.objective == PROBLEM.evaluate(run.incumbent) == 99.0


class Wandering(Counting):
    """Once it is at 98, it goes on among equals: items 2 and 3 cost the same."""

    def read(self):
        return Chosen((2 + int(self.control.slots[ITERATIONS]) % 2,))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("slices", [1, 7, 100])
def test_which_of_equal_solutions_is_kept_is_not_for_the_clock_to_say(exact, slices, monkeypatch):
    problem = Choose([100.0, 99.0, 98.0, 98.0], 1)
    monkeypatch.setattr(type(problem), "sums_are_exact", exact)
    run, islands = Run(problem, Stop(iterations=200), solver="counting"), [Wandering([2, 3]), Wandering([5, 6])]
    goals = iter([(slices, 100), (100, 100)])

    def slice_to(run, islands, crew, shares):
        for island, goal in zip(islands, next(goals)):
            island.control.slots[LIMIT], island.control.slots[DEADLINE] = goal, now_ns() + 10**10
            island.advance()

    monkeypatch.setattr("optikit.search.drive._slice", slice_to)
    drive(run, islands, epoch=10**6)
    assert run.objective == 98.0
    assert run.incumbent == islands[0].read()


def test_a_bound_that_proves_the_incumbent_ends_the_run():
    run = run_of(time=60.0)
    run.tighten(97.0)
    assert drive(run, [Counting(improves=[5, 50, 500])], epoch=1000) is StopReason.PROVEN
    assert run.objective == 97.0


def test_with_an_iteration_budget_a_proof_ends_the_run_at_the_same_iteration_every_time():
    for _ in range(3):
        island, run = Counting(improves=[5]), run_of(iterations=10**9)
        run.tighten(99.0)
        assert drive(run, [island], epoch=1_000) is StopReason.PROVEN
        assert done(island) == 1_000


def test_an_error_in_a_thread_reaches_the_caller_and_the_threads_end():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        drive(run_of(time=60.0), [Counting(error=ZeroDivisionError()), Counting()], epoch=10, threads=2)
    assert threading.active_count() == before


def test_audit_mode_raises_what_the_recount_finds(monkeypatch):
    drive(run_of(iterations=10), [Counting(fault="cost is 3, kept is 4")], epoch=10)
    monkeypatch.setenv("OPTIKIT_AUDIT", "1")
    with pytest.raises(SolverError, match="cost is 3, kept is 4"):
        drive(run_of(iterations=10), [Counting(fault="cost is 3, kept is 4")], epoch=10)


def test_ctrl_c_between_slices_keeps_the_best():
    class Interrupt(ok.Callback):
        def on_tick(self, progress):
            raise KeyboardInterrupt

    run = Run(PROBLEM, Stop(time=60), callbacks=[Interrupt()], solver="counting")
    assert drive(run, [Counting(improves=[5])], epoch=10) is StopReason.CANCELLED
    assert run.objective == 99.0


def test_one_island_needs_no_thread():
    island = Counting()
    drive(run_of(iterations=100), [island], epoch=10, threads=4)
    assert island.threads == {threading.current_thread().name}


class _Costly(Choose):
    """Evaluating takes three slices of the clock that the run reads."""

    clock = 0.0
    looks = 0

    def evaluate(self, solution):
        type(self).clock += 0.3
        type(self).looks += 1
        return super().evaluate(solution)


def test_costly_evaluation_takes_a_small_part_of_the_time_and_misses_nothing_at_the_end(monkeypatch):
    problem = _Costly([100.5 - item for item in range(101)], 1)
    island, slices = Counting(improves=range(1, 60)), 0
    run = Run(problem, Stop(iterations=60), solver="counting")

    def slice_of_one(*arguments):
        nonlocal slices
        slices += 1
        _Costly.clock += 0.1
        island.control.slots[LIMIT] = slices
        island.control.slots[DEADLINE] = now_ns() + 10**9
        island.advance()

    monkeypatch.setattr(Run, "seconds", property(lambda run: _Costly.clock))
    monkeypatch.setattr("optikit.search.drive._slice", slice_of_one)
    drive(run, [island], epoch=1000)
    assert slices == 60
    assert 2 <= _Costly.looks <= 5
    assert run.objective == problem.evaluate(island.read())

"""Ctrl-C at the worst moments: half-written states, and the answer that is just being checked."""

import signal

import pytest

from optikit import Status, Stop, StopReason, _interrupts
from optikit._interrupts import unbroken
from optikit.core.run import Run
from optikit.search.drive import drive
from tests.core.toy import Choose, Shuffling
from tests.search.test_drive import PROBLEM, Counting


@pytest.fixture(autouse=True)
def ctrl_c():
    # CP-SAT, called directly by another test, leaves SIGINT with its default action, which ends the process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def press():
    signal.raise_signal(signal.SIGINT)


class Torn(Counting):
    """Nobody may look while it writes."""

    whole = True

    def advance(self):
        super().advance()
        self.whole = False
        press()
        self.whole = True

    def read(self):
        assert self.whole
        press()
        return super().read()


class Impatient(Choose):
    """The user presses Ctrl-C while the answer is checked."""

    def check(self, solution):
        press()
        return super().check(solution)


@pytest.mark.parametrize("islands", [1, 2])
def test_a_search_is_not_cut_in_half(islands):
    run = Run(PROBLEM, Stop(time=60), solver="counting")
    searches = [Torn(improves=[5]), *(Counting() for _ in range(islands - 1))]
    assert drive(run, searches, epoch=1000, threads=1) is StopReason.CANCELLED
    assert searches[0].whole
    assert run.incumbent is not None
    assert run.objective == 99.0


def test_an_answer_is_checked_to_the_end():
    result = Shuffling().solve(Impatient([3.0, 1.0, 2.0], 1), stop=Stop(iterations=3))
    assert (result.status, result.stop_reason) == (Status.FEASIBLE, StopReason.ITERATIONS)
    assert result.solution is not None


def test_what_was_pressed_inside_is_raised_after_it():
    heard, done = [], []

    def body():
        with unbroken(lambda: heard.append(1)):
            press()
            press()
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        body()
    assert (heard, done) == ([1, 1], [1])
    with unbroken(raised=False):
        press()


def test_who_presses_again_after_a_while_is_not_made_to_wait(monkeypatch):
    monkeypatch.setattr(_interrupts, "PATIENCE", -1.0)
    done = []

    def body():
        with unbroken(raised=False):
            for count in range(2):
                press()
                done.append(count)

    with pytest.raises(KeyboardInterrupt):
        body()
    assert done == [0]

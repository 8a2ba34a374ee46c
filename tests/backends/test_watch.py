"""The watch over an engine's thread, with engines made for it."""

import threading

import pytest

from optikit.backends.watch import Watch
from optikit.core.result import StopReason

from .runs import make_run


def test_value_and_posts_in_order():
    got = []
    watch = Watch(make_run(), lambda: None, got.append, 1.0)

    def work():
        for number in range(5):
            watch.post(number)
        return "done"

    assert watch.call(work) == "done"
    assert got == [0, 1, 2, 3, 4]
    assert watch.reason is None


def test_exception_of_the_engine_is_raised():
    def work():
        raise OSError("the engine broke")

    with pytest.raises(OSError, match="the engine broke"):
        Watch(make_run(), lambda: None, lambda item: None, 1.0).call(work)


def test_an_engine_that_obeys_is_waited_for():
    stop = threading.Event()
    watch = Watch(make_run(time=0.05), stop.set, lambda item: None, 30.0)
    assert watch.call(lambda: stop.wait(30) and "obeyed") == "obeyed"
    assert watch.reason is StopReason.TIME
    assert not watch.left_behind


def test_an_engine_that_does_not_obey_is_left_behind():
    release = threading.Event()
    watch = Watch(make_run(time=0.05), lambda: None, lambda item: None, 0.1)
    assert watch.call(lambda: release.wait(30)) is None
    assert watch.left_behind
    release.set()


def test_one_that_was_left_behind_before_it_began_is_asked_until_it_stops():
    """An engine forgets what it is told before it has begun: CP-SAT does."""
    may_begin, begun, stopped = threading.Event(), threading.Event(), threading.Event()

    def interrupt():
        if begun.is_set():
            stopped.set()

    def work():
        may_begin.wait(30)
        begun.set()
        stopped.wait(30)

    watch = Watch(make_run(time=0.05), interrupt, lambda item: None, 0.1)
    assert watch.call(work) is None
    assert watch.left_behind
    may_begin.set()
    assert stopped.wait(20)


def test_ctrl_c_ends_it_as_cancelled():
    stop = threading.Event()

    def deliver(item):
        raise KeyboardInterrupt

    watch = Watch(make_run(), stop.set, deliver, 30.0)

    def work():
        watch.post("anything")
        stop.wait(30)
        return "best so far"

    assert watch.call(work) == "best so far"
    assert watch.reason is StopReason.CANCELLED

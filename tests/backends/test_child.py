"""The child process: frames, silence, last words, and that it never outlives us."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from optikit.backends.child import Child
from optikit.errors import EngineError

HERE = "tests.backends.children"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(ROOT, "src")
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([SOURCE, ROOT])}

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def runs(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until_gone(pid, seconds=20.0):
    until = time.monotonic() + seconds
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not runs(pid)


def test_messages_go_both_ways_and_prints_do_not_mix_in(capfd):
    matrix = np.arange(1_000_000).reshape(1000, 1000)
    with Child(f"{HERE}:echo") as child:
        for message in (None, "text", {"a": [1, 2.5]}, b"\0" * 100):
            child.send(message)
            assert child.receive(20) == ("echo", message)
        child.send(matrix)
        assert np.array_equal(child.receive(20)[1], matrix)
        assert child.receive(0.01) is None
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_large_message_does_not_wait_for_its_reader():
    """The caller's thread has callbacks, Ctrl-C and the clock to look after; a pipe holds some 64 kB."""
    with Child(f"{HERE}:sleep") as child:
        child.send(b"x" * 10_000_000)
        assert child.receive(60.0) == child.pid
        assert runs(child.pid), "it has not ended, and nobody waited for that"


def test_what_the_engine_reads_is_empty():
    with Child(f"{HERE}:read_stdin") as child:
        assert child.receive(20) == ""


def test_last_words_of_an_abort():
    with Child(f"{HERE}:abort") as child, pytest.raises(EngineError, match=r"SIGABRT: F0000 Check failed: capacity > 0"):
        child.receive(20)


def test_last_words_of_an_exception():
    with Child(f"{HERE}:stumble") as child, pytest.raises(EngineError, match=r"exit code 1: ValueError: a reason in plain words"):
        child.receive(20)


@linux
def test_close_ends_it():
    with Child(f"{HERE}:sleep") as child:
        pid = child.receive(20)
        assert pid == child.pid
        assert runs(pid)
    assert not runs(pid)


PARENT = """
import os, sys, time
from optikit.backends.child import Child
child = Child("tests.backends.children:start_another")
print(*child.receive(20), child._warden._process.pid, flush=True)
if sys.argv[1] == "forks" and os.fork() == 0:
    os.close(0)
    os.close(1)
    time.sleep(20)
    os._exit(0)
input()
"""


@linux
@pytest.mark.parametrize("how", ["alone", "forks"])
def test_it_dies_with_its_parent_and_so_does_what_it_started(how):
    """Also where a fork of the parent lives on, and with it the other ends of all pipes."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV)
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 3
    assert all(map(runs, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert all(map(wait_until_gone, pids))


@linux
def test_close_leaves_no_warden():
    with Child(f"{HERE}:sleep") as child:
        child.receive(20)
        warden = child._warden._process.pid
        assert runs(warden)
    assert not runs(warden)


def test_where_no_process_can_be_started_it_says_so(monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(EngineError, match="cannot be started: there is no Python interpreter"):
        Child(f"{HERE}:sleep")

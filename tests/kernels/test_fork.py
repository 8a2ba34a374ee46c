"""A fork while other threads of the parent compile, as servers do that fork their workers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORKED = """
import os, signal, threading
from optikit import _brisk
from optikit.kernels import jit
from tests.kernels.toys.clash import both

held, done = threading.Event(), threading.Event()

def compile():
    with jit._LOCK, jit._STARTING, _brisk.brisk._lock:
        held.set()
        done.wait()

thread = threading.Thread(target=compile)
thread.start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(30)  # ends it where it waits for a lock that nobody releases
    assert both(10) == both.using("python")(10)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_worker_does_not_wait_for_the_parents_threads():
    environment = os.environ | {"OPTIKIT_KERNELS": "python"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.stdout, done.stderr) == ("0\n", "")

"""Kernels that are compiled in a process of their own: nobody waits for it, and what it made is kept."""

import os
import subprocess
import sys
import textwrap
import time

import pytest

from optikit.kernels import store
from optikit.kernels.background import MakerProcess, MakerThread

pytest.importorskip("numba")

KERNELS = """
import os, time
from optikit.kernels.jit import i8, kernel

while "GATE" in os.environ and not os.path.exists(os.environ["GATE"]):
    time.sleep(0.01)

@kernel
def twice(x: i8) -> i8:
    return x + x
"""

# The process that compiles imports the module too, and stands before the gate until it is opened.
PROGRAM = """
import os, sys
from gated import twice
variant = twice["plain"]
os.environ["GATE"] = sys.argv[1]
print(variant.ready(0.0), variant._maker._process.pid)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a program beside the module ``gated``, and return what it printed."""
    (tmp_path / "gated.py").write_text(KERNELS)
    monkeypatch.setenv("OPTIKIT_KERNELS", "jit")

    def run(program, *arguments, cache):
        (tmp_path / "program.py").write_text(textwrap.dedent(program))
        done = subprocess.run(
            [sys.executable, "program.py", *map(str, arguments)],
            cwd=tmp_path, env={**os.environ, "OPTIKIT_CACHE_DIR": str(cache)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


def wait_for(what, seconds=120.0):
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    return what()


def runs(pid):
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_ends_before_its_kernel_and_the_next_one_finds_it(run, tmp_path):
    gate, cache = tmp_path / "gate", tmp_path / "cache"
    ready, _ = run(PROGRAM, gate, cache=cache)  # returns while the other process still stands at the gate
    assert ready == "False"
    assert not list(cache.glob("kernels/*.o"))
    gate.touch()
    assert wait_for(lambda: list(cache.glob("kernels/*.o")))
    program = """
    from gated import twice
    print(twice["plain"].ready(0.0), twice["plain"]._maker, twice(21))
    """
    assert run(program, cache=cache) == ["True", "None", "42"]


@pytest.mark.skipif(os.name == "nt", reason="asks POSIX whether a process runs")
def test_where_nothing_can_be_kept_the_process_ends_with_the_program(run, tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    gate = tmp_path / "gate"
    ready, pid = run(PROGRAM, gate, cache=blocker)
    assert ready == "False"
    assert wait_for(lambda: not runs(pid)), "it stands at a gate that nobody opens"


def test_a_program_that_waits_gets_the_kernel_although_nothing_can_be_kept(run, tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    program = """
    import sys
    from gated import twice
    print(twice["plain"].ready(120.0), twice(21), twice.way, "numba" in sys.modules)
    """
    assert run(program, cache=blocker) == ["True", "42", "jit", "False"]


def test_a_kernel_of_the_script_itself_is_made_on_a_thread(run, tmp_path):
    program = """
    from optikit.kernels.jit import i8, kernel

    @kernel
    def thrice(x: i8) -> i8:
        return 3 * x

    if __name__ == "__main__":
        print(thrice["plain"].ready(120.0), thrice(14), type(thrice["plain"]._maker).__name__)
    """
    assert run(program, cache=tmp_path / "cache") == ["True", "42", MakerThread.__name__]


def test_what_no_process_can_compile_is_refused_here(run, tmp_path):
    (tmp_path / "broken.py").write_text(
        "from optikit.kernels.jit import i8, kernel\n@kernel\ndef broken(x: i8) -> i8:\n    return x.upper()\n"
    )
    program = """
    from broken import broken
    try:
        broken["plain"].ready(120.0)
    except Exception as error:
        print(type(error).__name__, type(broken["plain"]._maker).__name__)
    """
    assert run(program, cache=tmp_path / "cache") == ["TypingError", MakerProcess.__name__]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks: there they compile side by side")
def test_one_process_at_a_time_compiles_a_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path))
    assert store.is_writable()
    code = """
from optikit.kernels import store
with store.alone("task", meanwhile=lambda: print("another is at it", flush=True)):
    print("alone", flush=True)
"""
    with store.alone("task", meanwhile=lambda: pytest.fail("nobody else is at it")):
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "another is at it\n"
        assert other.poll() is None
    assert other.communicate(timeout=60)[0] == "alone\n"

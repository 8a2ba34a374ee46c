"""What only fresh processes show: orders of import, and Ctrl-C."""

import itertools
import os
import signal
import subprocess
import sys

import pytest

from .test_child import ENV

for _name in ("ortools", "pulp", "highspy"):
    pytest.importorskip(_name, reason=f"{_name} is not installed")

SOLVE_ALL = """
import warnings
warnings.simplefilter("ignore")
import {}
import optikit as ok
vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
results = [ok.solve(vrp, name) for name in ("cpsat", "highs", "cbc")]
results.append(ok.solve(vrp, "ortools", time_limit=5, stop=ok.Stop(target=12)))
print([result.objective for result in results], {{result.stop_reason.name for result in results}} <= {{"PROVEN", "TARGET"}})
"""


def test_every_order_of_import():
    whole = {"ortools": "ortools.sat.python.cp_model, ortools.constraint_solver.pywrapcp"}
    started = {
        order: subprocess.Popen(
            [sys.executable, "-c", SOLVE_ALL.format(", ".join(whole.get(name, name) for name in order))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENV,
        )
        for order in itertools.permutations(("ortools", "pulp", "highspy"))
    }
    for order, process in started.items():
        out, complaints = process.communicate(timeout=120)
        assert (order, out.strip(), complaints) == (order, "[12.0, 12.0, 12.0, 12.0] True", "")


NOWHERE = """
import os, sys, tempfile
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
import optikit as ok
vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
print(ok.solve(vrp, sys.argv[1], time_limit=30, stop=ok.Stop(**eval(sys.argv[2]))).objective)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no folder that a process is in")
@pytest.mark.parametrize(
    ("solver", "stop"),
    [
        ("ortools", {"target": 12}),
        ("milp", {}),
        ("cbc", {}),
        ("highs", {}),
        ("cpsat", {}),
        ("savings", {}),
        ("hgs", {"target": 12}),
    ],
)
def test_a_working_folder_that_has_been_deleted_stops_nobody(solver, stop):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NOWHERE, solver, repr(stop)], capture_output=True, text=True, env=ENV, check=False
    )
    assert (done.stdout, done.stderr) == ("12.0\n", "")


INTERRUPTED = """
import sys
import optikit as ok
points = [(0, 0), *((i * 37 % 101, i * i * 13 % 97) for i in range(1, 31))]
vrp = ok.routing.VRP.from_coordinates(points, [0, *(3 + i % 7 for i in range(1, 31))], 25)
start = ok.routing.Routes.of([[i] for i in range(30)])
class Ready(ok.Callback):
    told = False
    def on_tick(self, progress):
        if progress.seconds > 1.0 and not self.told:
            self.told = True
            print("ready", flush=True)
result = ok.solve(vrp, sys.argv[1], time_limit=100, initial_solution=start, callbacks=[Ready()])
print(result.stop_reason.name, result.objective <= vrp.evaluate(start), bool(vrp.check(result.solution)), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_returns_the_best_so_far():
    names = ("cpsat", "highs", "cbc", "milp", "ortools")
    started = {
        name: subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV
        )
        for name in names
    }
    for process in started.values():
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
    for name, process in started.items():
        out, complaints = process.communicate(timeout=60)
        assert (name, out.strip(), complaints, process.returncode) == (name, "CANCELLED True True", "", 0)

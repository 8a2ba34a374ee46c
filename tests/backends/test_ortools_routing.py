"""OR-Tools routing in its child: statuses row by row, refusals, limits, and every way in which a program may be started."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from optikit.backends import ortools_routing
from optikit.backends.ortools_routing import STATUSES, RoutingSpec, read_status, solve_routing
from optikit.core.result import StopReason
from optikit.core.run import CancelToken
from optikit.errors import EngineError, UnsupportedError

from .runs import Broken, Threads, make_run
from .test_child import ENV, linux, runs, wait_until_gone

pytest.importorskip("ortools.constraint_solver.pywrapcp", reason="ortools is not installed")

P, T, C, E = StopReason.PROVEN, StopReason.TIME, StopReason.CANCELLED, StopReason.EXHAUSTED
NUMBER = {name: number for number, name in STATUSES.items()}
SEARCH = {"first_solution_strategy": "PATH_CHEAPEST_ARC", "local_search_metaheuristic": "GUIDED_LOCAL_SEARCH"}


def line(num_clients=6, capacity=3, parameters=SEARCH, vehicles=None):
    """Clients at 1, 2, 3, ... on a line with the depot at 0, each with demand 1."""
    place = np.arange(num_clients + 1)
    cost = np.abs(place[:, None] - place[None, :])
    load = np.minimum(place, 1)
    vehicles = vehicles or num_clients
    return RoutingSpec(cost, (load,), ((capacity,) * vehicles,), vehicles, parameters=parameters)


ROWS = [
    ("ROUTING_SUCCESS", [[1]], None, E, True),
    ("ROUTING_SUCCESS", [[1]], T, T, True),
    ("ROUTING_OPTIMAL", [[1]], None, E, True),  # of its own search: nothing is proved
    ("ROUTING_PARTIAL_SUCCESS_LOCAL_OPTIMUM_NOT_REACHED", [[1]], None, E, True),
    ("ROUTING_FAIL_TIMEOUT", None, None, T, False),
    ("ROUTING_FAIL_TIMEOUT", [[1]], C, C, True),
    ("ROUTING_FAIL", None, None, E, False),
    ("ROUTING_INFEASIBLE", None, None, E, False),  # likewise
    ("ROUTING_NOT_SOLVED", None, None, E, False),
]


@pytest.mark.parametrize(("status", "routes", "stopped", "reason", "found"), ROWS)
def test_status_table(status, routes, stopped, reason, found):
    answer = read_status(NUMBER[status], routes, make_run(), stopped)
    assert (answer.reason, answer.values is not None, answer.bound, answer.infeasible) == (reason, found, None, False)


@pytest.mark.parametrize("status", [NUMBER["ROUTING_INVALID"], 99])
def test_status_that_is_an_error(status):
    with pytest.raises(EngineError, match=r"ROUTING_INVALID|does not know"):
        read_status(status, None, make_run(), None)


def test_every_status_of_this_ortools_is_in_the_table():
    from ortools.constraint_solver import routing_enums_pb2

    assert {number: name for name, number in routing_enums_pb2.RoutingSearchStatus.Value.items()} == STATUSES


def test_best_routes_of_a_line_and_improvements_on_the_callers_thread():
    threads, seen, token = Threads(), [], CancelToken()
    best = [[1, 2, 3], [4, 5, 6]]  # the far three together and the near three together: twice 6 and twice 3

    def on_routes(routes):
        threads.on_tick(None)
        seen.append(sorted(sorted(route) for route in routes))
        if seen[-1] == best:
            token.cancel()  # it would search on

    answer = solve_routing(line(), make_run([threads, token], time=60.0), late=5.0, on_routes=on_routes)
    assert answer.reason is StopReason.CANCELLED
    assert sorted(sorted(route) for route in answer.values) == seen[-1] == best
    assert answer.versions["ortools"]
    assert threads.seen == {threading.get_ident()}


def test_a_search_without_metaheuristic_ends_by_itself():
    spec = line(parameters={"local_search_metaheuristic": "GREEDY_DESCENT"})
    answer = solve_routing(spec, make_run(time=60.0), late=5.0)
    assert answer.reason is E
    assert sorted(node for route in answer.values for node in route) == [1, 2, 3, 4, 5, 6]


def test_what_no_vehicle_holds_is_not_found():
    answer = solve_routing(line(capacity=0), make_run(time=5.0), late=5.0)
    assert answer.values is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"first_solution_strategy": "NO_SUCH"}, "first_solution_strategy.*PATH_CHEAPEST_ARC"),
        ({"solution_limit": "many"}, "solution_limit"),
    ],
)
def test_unknown_parameters_are_refused_by_name(parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        solve_routing(line(parameters=parameters), make_run(time=5.0), late=5.0)


def test_a_limit_that_is_over_before_it_has_started_is_said():
    answer = solve_routing(line(), make_run(time=0.001), late=0.1)
    assert (answer.reason, answer.values, answer.message) == (T, None, "the time was over before OR-Tools had started")


def test_cancel_token_kills_it_and_keeps_the_best():
    token = CancelToken()
    answer = solve_routing(line(), make_run([token], time=60.0), late=5.0, on_routes=lambda routes: token.cancel())
    assert answer.reason is C
    assert sorted(node for route in answer.values for node in route) == [1, 2, 3, 4, 5, 6]


def test_exception_of_a_callback_reaches_the_caller():
    with pytest.raises(ZeroDivisionError, match="user's callback"):
        solve_routing(line(), make_run([Broken()], time=60.0), late=5.0)


def test_a_child_that_aborts_is_an_engine_error(monkeypatch):
    child = ortools_routing.Child
    monkeypatch.setattr(ortools_routing, "Child", lambda target: child("tests.backends.children:abort"))
    with pytest.raises(EngineError, match=r"OR-Tools routing: the child process was ended by SIGABRT"):
        solve_routing(line(), make_run(time=60.0), late=5.0)


def test_a_child_that_is_late_is_killed(monkeypatch):
    started = []

    def sleeper(target):
        started.append(ortools_routing_child("tests.backends.children:sleep_after_ready"))
        return started[0]

    ortools_routing_child = ortools_routing.Child
    monkeypatch.setattr(ortools_routing, "Child", sleeper)
    answer = solve_routing(line(), make_run(time=2.0), late=0.2)
    assert (answer.reason, answer.values) == (T, [[1, 2, 3]])
    assert not runs(started[0].pid)


PROGRAM = """
import optikit as ok
vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
print("once")
print(ok.solve(vrp, "ortools", time_limit=50, stop=ok.Stop(target=12)).objective)
"""


@pytest.mark.parametrize("way", ["script without a main guard", "python -c", "stdin"])
def test_ways_to_start_a_program(way, tmp_path):
    given = None
    match way:
        case "script without a main guard":
            (tmp_path / "program.py").write_text(PROGRAM)
            command = [sys.executable, str(tmp_path / "program.py")]
        case "python -c":
            command = [sys.executable, "-c", PROGRAM]
        case _:
            command, given = [sys.executable, "-"], PROGRAM
    ended = subprocess.run(command, input=given, capture_output=True, text=True, env=ENV, cwd=tmp_path, timeout=60)
    assert (ended.stdout.split(), ended.stderr, ended.returncode) == (["once", "12.0"], "", 0)


@linux
def test_the_solving_child_dies_with_its_parent(tmp_path):
    program = """
import optikit as ok
from optikit.backends import ortools_routing
class Told(ortools_routing.Child):
    def send(self, message):
        super().send(message)
        if isinstance(message, float):
            print(self.pid, flush=True)
ortools_routing.Child = Told
vrp = ok.routing.VRP.from_coordinates([(i * i % 37, i * 7 % 31) for i in range(60)], [0] + [1] * 59, 9)
ok.solve(vrp, "ortools", time_limit=60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=ENV)
    pid = int(parent.stdout.readline())
    assert runs(pid)
    os.kill(parent.pid, 9)
    parent.communicate()
    assert wait_until_gone(pid)

"""CP-SAT: its table of statuses row by row, its parameters, and who is told what on which thread."""

import threading
import time

import pytest

from optikit.backends.cpsat import _set_parameters, read_status, solve_cpsat
from optikit.core.result import StopReason
from optikit.core.run import CancelToken
from optikit.errors import EngineError, UnsupportedError

from .runs import Broken, Threads, make_run

cp_model = pytest.importorskip("ortools.sat.python.cp_model", reason="ortools is not installed")


def knapsack(num_items=60):
    """A correlated knapsack with side conditions: minutes to prove, a moment to find solutions of."""
    model = cp_model.CpModel()
    take = [model.new_bool_var(f"take{i}") for i in range(num_items)]
    weight = [(7919 * i) % 997 + 500 for i in range(num_items)]
    for row in range(4):
        model.add(sum(weight[(i * (row + 3)) % num_items] * take[i] for i in range(num_items)) >= 300 * num_items + row)
    model.minimize(sum((weight[i] + 100 + i % 7) * take[i] for i in range(num_items)))
    return model, take


ROWS = [
    # status, solution, bound, stopped by -> reason, has values, bound, infeasible
    ("OPTIMAL", [3], 3.0, None, StopReason.PROVEN, True, 3.0, False),
    ("OPTIMAL", [3], 3.0, StopReason.TIME, StopReason.PROVEN, True, 3.0, False),
    ("FEASIBLE", [4], 3.0, StopReason.TIME, StopReason.TIME, True, 3.0, False),
    ("FEASIBLE", [4], 3.0, StopReason.GAP, StopReason.GAP, True, 3.0, False),
    ("FEASIBLE", [4], 3.0, None, StopReason.EXHAUSTED, True, 3.0, False),
    ("INFEASIBLE", [], 0.0, None, StopReason.PROVEN, False, None, True),
    ("UNKNOWN", [], 2.0, StopReason.CANCELLED, StopReason.CANCELLED, False, 2.0, False),
    ("UNKNOWN", [], -(2.0**62), StopReason.TIME, StopReason.TIME, False, None, False),
]


@pytest.mark.parametrize(("status", "solution", "bound", "stopped", "reason", "found", "proved", "infeasible"), ROWS)
def test_status_table(status, solution, bound, stopped, reason, found, proved, infeasible):
    answer = read_status(status, solution, bound, make_run(), stopped)
    assert (answer.reason, answer.values is not None, answer.bound, answer.infeasible) == (reason, found, proved, infeasible)


@pytest.mark.parametrize("status", ["MODEL_INVALID", "A_STATUS_OF_TOMORROW"])
def test_status_that_is_an_error(status):
    with pytest.raises(EngineError, match=r"no reason|does not know"):
        read_status(status, [], None, make_run(), None)


def test_an_end_just_before_the_limit_is_the_limit():
    run = make_run(time=1000.0)
    run.deadline = time.monotonic() + 5
    assert read_status("UNKNOWN", [], None, run, None).reason is StopReason.TIME
    run.deadline = time.monotonic() + 900
    assert read_status("UNKNOWN", [], None, run, None).reason is StopReason.EXHAUSTED


def test_optimum_values_and_bound():
    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 10, "x"), model.new_int_var(0, 10, "y")
    model.add(2 * x + 3 * y >= 12)
    model.minimize(3 * x + 4 * y)
    answer = solve_cpsat(model, make_run(), late=1.0)
    assert answer.reason is StopReason.PROVEN
    assert 3 * answer.values(x) + 4 * answer.values(y) == answer.bound == 16  # y = 4; x = 6 costs 18
    assert answer.versions["ortools"]


def test_infeasible():
    model = cp_model.CpModel()
    x = model.new_int_var(0, 1, "x")
    model.add(2 * x == 1)
    assert solve_cpsat(model, make_run(), late=1.0).infeasible


def test_invalid_model_is_refused_with_its_words():
    model = cp_model.CpModel()
    model.minimize(model.new_int_var(0, 2**62, "far"))
    with pytest.raises(EngineError, match="domain"):
        solve_cpsat(model, make_run(), late=1.0)


@pytest.mark.parametrize(
    "parameters", [{"nonsense": 1}, {"num_workers": "many"}, {"search_branching": "NO_SUCH"}, {"merge_from": 1}]
)
def test_unknown_parameters_are_refused_by_name(parameters):
    model, _ = knapsack(3)
    with pytest.raises(UnsupportedError, match=next(iter(parameters))):
        solve_cpsat(model, make_run(), late=1.0, parameters=parameters)


def test_every_parameter_that_would_harm_is_set():
    target = cp_model.CpSolver().parameters
    given = {"ignore_subsolvers": ["core"], "search_branching": "FIXED_SEARCH", "linearization_level": 2}
    _set_parameters(target, make_run(seed=2**40 + 5, n_jobs=3, memory_limit=256 * 2**20), given)
    assert (target.num_workers, target.catch_sigint_signal, target.max_memory_in_mb) == (3, False, 256)
    assert target.random_seed == (2**40 + 5) % (2**31 - 1)
    assert list(target.ignore_subsolvers) == ["core"]
    assert (target.search_branching, target.linearization_level) == (cp_model.FIXED_SEARCH, 2)


def test_improvements_and_bounds_arrive_on_the_callers_thread():
    model, take = knapsack(20)
    threads, objectives, bounds = Threads(), [], []

    def on_values(values):
        threads.on_tick(None)
        objectives.append(sum(values(x) for x in take))

    answer = solve_cpsat(model, make_run([threads], time=20.0), late=1.0, on_values=on_values, on_bound=bounds.append)
    assert objectives
    assert bounds
    assert max(bounds) <= answer.bound
    assert threads.seen == {threading.get_ident()}


def test_deadline_ends_it():
    model, _ = knapsack(200)
    answer = solve_cpsat(model, make_run(time=0.5), late=5.0)
    assert answer.reason is StopReason.TIME
    assert solve_cpsat(model, make_run(time=0.0), late=5.0).reason is StopReason.TIME


def test_cancel_token_ends_it():
    model, _ = knapsack(200)
    token = CancelToken()
    threading.Timer(0.3, token.cancel).start()
    assert solve_cpsat(model, make_run([token], time=60.0), late=5.0).reason is StopReason.CANCELLED


def test_exception_of_a_callback_reaches_the_caller_and_ends_the_engine():
    model, _ = knapsack(200)
    with pytest.raises(ZeroDivisionError, match="user's callback"):
        solve_cpsat(model, make_run([Broken()], time=60.0), late=5.0)
    assert not [thread for thread in threading.enumerate() if thread.name == "optikit-engine"]

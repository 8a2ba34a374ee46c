"""HiGHS, CBC and any other solver of PuLP: tables of statuses row by row, bounds, limits, and what they leave behind."""

import math
import os
import tempfile
import threading
import warnings

import pytest

from optikit.backends import cbc, highs, milp
from optikit.backends.cbc import Report, read_log, solve_cbc
from optikit.backends.highs import solve_highs
from optikit.backends.milp import Scaled, installed_solvers, solve_pulp
from optikit.core.result import StopReason
from optikit.core.run import CancelToken
from optikit.errors import EngineError, UnsupportedError

from .runs import Broken, Threads, make_run
from .test_child import wait_until_gone

pulp = pytest.importorskip("pulp", reason="pulp is not installed")


def any_solver(model, run, **options):
    name = next(name for name in installed_solvers() if name != "HiGHS")
    return solve_pulp(model, run, solver=name, **options)


ENGINES = []
if "HiGHS" in installed_solvers():
    ENGINES.append(pytest.param(solve_highs, id="highs"))
if cbc.find_cbc():
    ENGINES += [pytest.param(solve_cbc, id="cbc"), pytest.param(any_solver, id="pulp")]


def make_model(sense, rows, costs, category="Integer", constant=0.0, upper=10):
    model = pulp.LpProblem("model", sense)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        x = [pulp.LpVariable(f"x{i}", 0, upper, cat=category) for i in range(len(costs))]
    model += pulp.lpDot(costs, x) + constant
    for coefficients, relation, right in rows:
        left = pulp.lpDot(coefficients, x)
        model += left >= right if relation == ">=" else left <= right
    return model, x


def hard_model(num_items=80):
    """A market split (Cornuejols and Dawande 1999): no engine gets to the end of it."""
    rows, costs = 6, []
    model = pulp.LpProblem("market", pulp.LpMinimize)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        x = [pulp.LpVariable(f"x{i}", 0, 1, cat="Binary") for i in range(num_items)]
        over = [pulp.LpVariable(f"o{r}", 0) for r in range(rows)]
        under = [pulp.LpVariable(f"u{r}", 0) for r in range(rows)]
    model += pulp.lpSum(over + under)
    for r in range(rows):
        costs = [(7919 * (i + 1) * (r + 2) + 31 * i * i) % 100 for i in range(num_items)]
        model += pulp.lpDot(costs, x) + under[r] - over[r] == sum(costs) // 2
    return model, x


# -- tables --------------------------------------------------------------------


@pytest.fixture
def scaled():
    return Scaled(make_model(pulp.LpMinimize, [([1.0], ">=", 1.0)], [2.0])[0])


P, T, G, C, E = StopReason.PROVEN, StopReason.TIME, StopReason.GAP, StopReason.CANCELLED, StopReason.EXHAUSTED

HIGHS_ROWS = [
    ("kOptimal", [1.0], 2.0, None, P, True, True, False),
    ("kOptimal", [1.0], 2.0, T, P, True, True, False),
    ("kModelEmpty", [], 0.0, None, P, True, True, False),
    ("kInfeasible", None, math.inf, None, P, False, False, True),
    ("kUnboundedOrInfeasible", None, None, None, E, False, False, False),
    ("kUnbounded", None, None, None, E, False, False, False),
    ("kTimeLimit", [1.0], 1.5, None, T, True, True, False),
    ("kTimeLimit", None, -math.inf, T, T, False, False, False),
    ("kInterrupt", [1.0], 1.5, C, C, True, True, False),
    ("kHighsInterrupt", None, 1.5, G, G, False, True, False),
    ("kIterationLimit", None, 1.5, None, E, False, True, False),
    ("kSolutionLimit", [1.0], 1.5, None, E, True, True, False),
    ("kObjectiveBound", [1.0], 1.5, None, E, True, True, False),
    ("kObjectiveTarget", [1.0], 1.5, None, E, True, True, False),
    ("kUnknown", [1.0], 2.0, None, E, True, False, False),
    ("kNotset", None, None, None, E, False, False, False),
]


@pytest.mark.parametrize(("status", "columns", "bound", "stopped", "reason", "found", "bounded", "infeasible"), HIGHS_ROWS)
def test_highs_table(scaled, status, columns, bound, stopped, reason, found, bounded, infeasible):
    answer = highs.read_status(status, columns, bound, scaled, make_run(), stopped)
    assert (answer.reason, answer.values is not None, answer.bound is not None, answer.infeasible) == (
        reason,
        found,
        bounded,
        infeasible,
    )


@pytest.mark.parametrize(
    "status", ["kLoadError", "kModelError", "kPresolveError", "kSolveError", "kPostsolveError", "kMemoryLimit", "kTomorrow"]
)
def test_highs_errors(scaled, status):
    with pytest.raises(EngineError, match=status[1:]):
        highs.read_status(status, None, None, scaled, make_run(), None)


def test_every_status_of_this_highs_is_in_the_table():
    highspy = pytest.importorskip("highspy", reason="highspy is not installed")
    known = {row[0] for row in HIGHS_ROWS}
    known |= {"kLoadError", "kModelError", "kPresolveError", "kSolveError", "kPostsolveError", "kMemoryLimit"}
    assert set(highspy.HighsModelStatus.__members__) <= known


CBC_ROWS = [
    ("Optimal - objective value 2", [1.0], Report("Optimal solution found", None, 2.0), None, P, True, True, False),
    (
        "Optimal - objective value 2",
        [1.0],
        Report("Optimal solution found (within gap tolerance)", 1.9, 2.0),
        None,
        P,
        True,
        True,
        False,
    ),
    ("Optimal - objective value 2", [1.0], Report("Stopped on time limit", 1.5, None), T, T, True, True, False),
    ("Optimal - objective value 2", [1.0], Report("", None, None), None, E, True, False, False),
    ("Infeasible - objective value 0", [0.0], Report("Problem proven infeasible", infeasible=True), None, P, False, False, True),
    (
        "Integer infeasible - objective value 0",
        [0.0],
        Report("Problem proven infeasible", infeasible=True),
        None,
        P,
        False,
        False,
        True,
    ),
    ("Integer infeasible - objective value 0", [0.0], Report("Stopped on time limit"), None, E, False, False, False),
    (
        "Integer infeasible - objective value 0",
        [0.0],
        Report("Problem proven infeasible", infeasible=True),
        T,
        T,
        False,
        False,
        False,
    ),
    ("Unbounded - objective value 0", [0.0], Report("Linear relaxation unbounded"), None, E, False, False, False),
    ("Stopped on time - objective value 2", [1.0], Report("Stopped on time limit", 1.5, 2.0), T, T, True, True, False),
    (
        "Stopped on time (no integer solution - continuous used) - objective value 2",
        [0.5],
        Report("Stopped on time limit", 1.5),
        T,
        T,
        False,
        True,
        False,
    ),
    ("Stopped on ctrl-c - objective value 2", [1.0], Report("User ctrl-c", 1.5, 2.0), C, C, True, True, False),
    ("Stopped on gap - objective value 2", [1.0], Report("Stopped on gap limit", 1.5, 2.0), None, G, True, True, False),
    ("Stopped on nodes - objective value 2", [1.0], Report("Stopped on node limit", 1.5, 2.0), None, E, True, True, False),
    ("", None, Report("", 1.5), T, T, False, True, False),
    ("Something else", [1.0], Report(""), None, E, False, False, False),
]


@pytest.mark.parametrize(("header", "columns", "report", "stopped", "reason", "found", "bounded", "infeasible"), CBC_ROWS)
def test_cbc_table(scaled, header, columns, report, stopped, reason, found, bounded, infeasible):
    answer = cbc.read_status(header, columns, report, scaled, make_run(), stopped)
    assert (answer.reason, answer.values is not None, answer.bound is not None, answer.infeasible) == (
        reason,
        found,
        bounded,
        infeasible,
    )


PULP_ROWS = [
    # PuLP's status and sol_status
    (1, 1, {"x0": 1.0}, True, None, P, True, True, False),
    (1, 1, {"x0": 1.0}, False, None, P, True, False, False),
    (1, 1, {"x0": 1.0}, True, T, T, True, False, False),  # "optimal" at the limit
    (1, 2, {"x0": 1.0}, True, None, E, True, False, False),
    (0, 0, {"x0": None}, True, T, T, False, False, False),
    (0, 2, {"x0": 1.0}, True, T, T, True, False, False),
    (-1, -1, {"x0": 0.0}, True, None, P, False, False, True),
    (-1, -1, {"x0": 0.0}, True, T, T, False, False, False),
    (-1, 0, {"x0": 0.0}, True, None, P, False, False, True),  # CBC's "integer infeasible"
    (-1, 0, {"x0": 0.0}, True, T, T, False, False, False),
    (-1, 2, {"x0": 0.0}, True, None, E, True, False, False),
    (-2, -2, {"x0": 0.0}, True, None, E, False, False, False),
    (-3, 0, {"x0": 0.0}, True, None, E, False, False, False),
]


@pytest.mark.parametrize(
    ("status", "sol_status", "values", "exact_gap", "stopped", "reason", "found", "bounded", "infeasible"), PULP_ROWS
)
def test_pulp_table(scaled, status, sol_status, values, exact_gap, stopped, reason, found, bounded, infeasible):
    answer = milp.read_status(status, sol_status, values, exact_gap, scaled, make_run(), stopped)
    assert (answer.reason, answer.values is not None, answer.bound is not None, answer.infeasible) == (
        reason,
        found,
        bounded,
        infeasible,
    )


def test_cbc_log():
    text = """Continuous objective value is 4.2 - 0.00 seconds
Cbc0010I After 0 nodes, 1 on tree, 12 best solution, best possible 9.5 (0.5 seconds)
Result - Stopped on time limit

Objective value:                12.00000000
Lower bound:                    10.251
Gap:                            0.17
"""
    report = read_log(text)
    assert (report.result, report.bound, report.objective, report.infeasible) == ("Stopped on time limit", 10.251, 12.0, False)
    assert read_log(text.partition("Result")[0]).bound == 9.5
    assert read_log("Problem is infeasible - 0.00 seconds\n").infeasible
    assert not read_log("Pre-processing says infeasible or unbounded\n").infeasible
    assert read_log("\nContinuous objective value is 1.5\nPre-processing says infeasible or unbounded\n").infeasible
    assert read_log("No match for nonsense - ? for list of commands\n").unknown == "nonsense"
    assert read_log("").bound is None


def test_scaling_keeps_the_model_and_gives_bounds_in_its_units():
    model, x = make_model(pulp.LpMinimize, [([1.0, 1.0], ">=", 1.0)], [3e-9, 5e-9], constant=7.0)
    before = dict(model.objective.items())
    scaled = Scaled(model)
    assert dict(model.objective.items()) == before
    assert 2**19 <= max(scaled.model.objective.values()) <= 2**21
    assert scaled.bound(4e-9 * scaled.factor) == pytest.approx(7 + 4e-9, abs=1e-16)
    assert scaled.bound(math.inf) is scaled.bound(None) is scaled.bound(-1e30) is None
    assert scaled.values([0.9999999, 0.4])(x[0]) == 1.0
    assert scaled.values([0.9999999, 0.4])(x[1]) == 0.4


# -- engines -------------------------------------------------------------------


@pytest.mark.parametrize("solve", ENGINES)
def test_optimum_of_both_senses(solve):
    # By hand: 3x + 2y >= 8 at cost 5x + 4y over the integers: (2, 1) costs 14, (1, 3) 17, (0, 4) 16, (3, 0) 15.
    model, x = make_model(pulp.LpMinimize, [([3.0, 2.0], ">=", 8.0)], [5.0, 4.0], constant=100.0)
    answer = solve(model, make_run(), late=5.0)
    assert (answer.reason, answer.values(x[0]), answer.values(x[1])) == (P, 2.0, 1.0)
    assert 114 - 1e-6 <= answer.bound <= 114
    # Its mirror: 3x + 2y <= 8 with profit 5x + 4y: (0, 4) gains 16, (2, 1) gains 14.
    model, x = make_model(pulp.LpMaximize, [([3.0, 2.0], "<=", 8.0)], [5.0, 4.0], constant=100.0)
    answer = solve(model, make_run(sense="max"), late=5.0)
    assert (answer.reason, answer.values(x[0]), answer.values(x[1])) == (P, 0.0, 4.0)
    assert 116 <= answer.bound <= 116 + 1e-6


@pytest.mark.parametrize("solve", ENGINES)
def test_two_facilities_whose_optimum_a_presolve_has_lost(solve):
    """By hand: x00 = x11 = 1 forces z = 1 and costs 1 - 2; the other permutation costs 0. HiGHS 1.14.0 calls 0 optimal."""
    model = pulp.LpProblem("two", pulp.LpMinimize)
    x = [pulp.LpVariable(f"x{index}", cat="Binary") for index in range(4)]
    z = pulp.LpVariable("z", lowBound=0)
    model += z - 2 * x[3]
    for first, second in ((0, 1), (2, 3), (0, 2), (1, 3)):
        model += x[first] + x[second] == 1
    model += z >= x[0] + x[3] - 1
    answer = solve(model, make_run(), late=5.0)
    assert answer.reason is P
    assert answer.values(x[3]) == 1.0
    assert -1 - 1e-6 <= answer.bound <= -1 + 1e-9


@pytest.mark.parametrize("solve", ENGINES)
def test_infeasible(solve):
    model, _ = make_model(pulp.LpMinimize, [([2.0, 2.0], ">=", 3.0), ([2.0, 2.0], "<=", 3.0)], [1.0, 1.0])
    answer = solve(model, make_run(), late=5.0)
    assert answer.infeasible
    assert answer.values is None


@pytest.mark.parametrize("solve", ENGINES)
def test_unbounded_is_no_answer(solve):
    model, _ = make_model(pulp.LpMinimize, [([1.0, 0.0], "<=", 3.0)], [1.0, -1.0], upper=None)
    answer = solve(model, make_run(), late=5.0)
    assert not answer.infeasible
    assert answer.bound is None


@pytest.mark.parametrize("solve", ENGINES)
def test_a_linear_program(solve):
    model, x = make_model(pulp.LpMinimize, [([3.0, 2.0], ">=", 8.0)], [5.0, 4.0], category="Continuous")
    answer = solve(model, make_run(), late=5.0)
    assert answer.bound == pytest.approx(40 / 3, abs=1e-6)
    assert answer.values(x[0]) == pytest.approx(8 / 3)


@pytest.mark.parametrize("solve", ENGINES)
def test_unknown_parameter_is_refused_by_name(solve):
    model, _ = make_model(pulp.LpMinimize, [([1.0], ">=", 1.0)], [2.0])
    with pytest.raises(UnsupportedError, match="nonsense"):
        solve(model, make_run(), late=5.0, parameters={"nonsense": 1})


@pytest.mark.parametrize("solve", ENGINES)
def test_deadline_ends_it_and_no_file_stays(solve, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    model, _ = hard_model()
    answer = solve(model, make_run(time=0.7), late=5.0)
    assert answer.reason is T
    assert os.listdir(tmp_path) == []
    assert solve(model, make_run(time=0.0), late=5.0).reason is T


@pytest.mark.parametrize("solve", ENGINES)
def test_cancel_token_ends_it(solve):
    token = CancelToken()
    threading.Timer(0.6, token.cancel).start()
    model, _ = hard_model()
    assert solve(model, make_run([token], time=60.0), late=5.0).reason is C


@pytest.mark.parametrize("solve", ENGINES)
def test_exception_of_a_callback_reaches_the_caller(solve):
    with pytest.raises(ZeroDivisionError, match="user's callback"):
        solve(hard_model()[0], make_run([Broken()], time=60.0), late=5.0)
    engines = [thread for thread in threading.enumerate() if thread.name == "optikit-engine"]
    for thread in engines:
        thread.join(30)  # it has been told, and ends where it next looks
    assert not any(thread.is_alive() for thread in engines)


@pytest.mark.skipif("HiGHS" not in installed_solvers(), reason="highspy is not installed")
def test_highs_tells_improvements_and_bounds_on_the_callers_thread():
    threads, found, bounds = Threads(), [], []
    model, x = hard_model(40)

    def on_values(values):
        threads.on_tick(None)
        found.append([values(variable) for variable in x])

    solve_highs(model, make_run([threads], time=1.5), late=5.0, on_values=on_values, on_bound=bounds.append)
    assert found
    assert all(value in (0.0, 1.0) for values in found for value in values)
    assert bounds
    assert threads.seen == {threading.get_ident()}


@pytest.mark.skipif("HiGHS" not in installed_solvers(), reason="highspy is not installed")
def test_highs_takes_another_number_of_threads_each_time():
    for n_jobs in (1, 2, 1):
        model, _ = make_model(pulp.LpMinimize, [([3.0, 2.0], ">=", 8.0)], [5.0, 4.0])
        assert solve_highs(model, make_run(n_jobs=n_jobs), late=5.0).reason is P


@pytest.mark.skipif("PULP_CBC_CMD" not in installed_solvers(), reason="PuLP's own CBC does not run on this platform")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_a_solver_of_pulp_has_found_is_not_lost(cancelled):
    """It is told a limit far beyond ours, so that only the interrupt can make it hand over what it has."""
    model, x = hard_model()
    token = CancelToken()
    if cancelled:
        threading.Timer(3.0, token.cancel).start()
    run = make_run([token], time=60.0 if cancelled else 3.0)
    answer = solve_pulp(model, run, solver="PULP_CBC_CMD", late=9.0, parameters={"timeLimit": 600})
    assert answer.reason is (C if cancelled else T)
    assert {answer.values(variable) for variable in x} <= {0.0, 1.0}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for CBC is a shell script")
def test_a_solver_of_pulp_that_ignores_everything_is_killed_and_the_answer_says_so(tmp_path):
    stubborn = tmp_path / "cbc"
    stubborn.write_text(f"#!/bin/sh\ntrap '' INT TERM\necho $$ > {tmp_path}/pid\nsleep 60 & echo $! >> {tmp_path}/pid\nwait\n")
    stubborn.chmod(0o755)
    run = make_run(time=2.0)
    answer = solve_pulp(hard_model()[0], run, solver="COIN_CMD", late=0.5, parameters={"path": str(stubborn)})
    assert (answer.reason, answer.values, answer.bound) == (T, None, None)
    assert "had to be killed" in answer.message
    for pid in (tmp_path / "pid").read_text().split():
        assert wait_until_gone(int(pid))


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for CBC is a shell script")
def test_cbc_that_ignores_everything_is_killed(tmp_path, monkeypatch):
    stubborn = tmp_path / "cbc"
    stubborn.write_text(f"#!/bin/sh\ntrap '' INT TERM\necho $$ > {tmp_path}/pid\nsleep 60 & echo $! >> {tmp_path}/pid\nwait\n")
    stubborn.chmod(0o755)
    monkeypatch.setattr(cbc, "find_cbc", lambda: str(stubborn))
    answer = solve_cbc(hard_model()[0], make_run(time=0.5), late=0.2)
    assert (answer.reason, answer.values, answer.bound) == (T, None, None)
    for pid in (tmp_path / "pid").read_text().split():
        assert wait_until_gone(int(pid))


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for CBC is a shell script")
def test_cbc_that_dies_is_an_engine_error(tmp_path, monkeypatch):
    broken = tmp_path / "cbc"
    broken.write_text("#!/bin/sh\necho segmentation of something\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(cbc, "find_cbc", lambda: str(broken))
    with pytest.raises(EngineError, match=r"code 3.*segmentation of something"):
        solve_cbc(hard_model()[0], make_run(time=5.0), late=0.2)

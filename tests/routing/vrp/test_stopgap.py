"""Routes where the time limit leaves none for a search."""

from __future__ import annotations

import sys

import optikit as ok
from optikit.routing import VRP, Routes
from optikit.routing.vrp import search
from optikit.routing.vrp.kernels.advance import advance

POINTS = [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)]
CROSS = VRP.from_coordinates(POINTS, [0, 1, 1, 1, 1], capacity=3)


def test_a_limit_that_leaves_no_time_for_a_search_gives_routes_all_the_same() -> None:
    for problem in (CROSS, VRP.from_matrix([[0, 2, 3], [4, 0, 5], [6, 7, 0]], [0, 1, 1], capacity=1)):
        result = ok.solve(problem, "hgs", time_limit=0.0)
        assert result.iterations == 0
        assert problem.check(result.solution)
        assert "first that came to hand" in result.message


def test_setting_up_and_first_routes_hand_over_the_interpreter_briefly(monkeypatch) -> None:
    """Beside a busy thread each reading of a file, and each import, would wait for five milliseconds."""
    seen = []
    for module, name in ((search, "in_haste"), (search, "usable_cpus")):
        function = getattr(module, name)

        def spied(*arguments, name=name, function=function):
            seen.append((name, sys.getswitchinterval() <= 1e-4))
            return function(*arguments)

        monkeypatch.setattr(module, name, spied)
    ok.solve(CROSS, "hgs", time_limit=0.0)
    assert seen == [("in_haste", True)]
    ok.solve(CROSS, "hgs", stop=ok.Stop(iterations=10))
    assert seen == [("in_haste", True)], "one thread needs no count of the CPUs"
    ok.solve(CROSS, "hgs", stop=ok.Stop(iterations=10), n_jobs=2)
    assert seen == [("in_haste", True), ("usable_cpus", True)]


def test_loading_kernels_is_put_off_once_where_it_would_come_too_late(monkeypatch) -> None:
    class FromTheCache:
        at_hand = False

        def __call__(self, *arguments):
            return advance["matrix"].using("python")(*arguments)

    monkeypatch.setattr(search, "advance", {"matrix": FromTheCache()})
    monkeypatch.setattr(search, "LOADING", 60.0)
    monkeypatch.setattr(search, "_put_off", set())
    limits = ok.Stop(time=30, iterations=20)
    late, next_time = (ok.solve(CROSS, "hgs", stop=limits) for _ in range(2))
    assert late.iterations == 0
    assert "first that came to hand" in late.message
    assert next_time.iterations == 20
    monkeypatch.setattr(FromTheCache, "at_hand", True)
    search._put_off.clear()
    assert ok.solve(CROSS, "hgs", stop=limits).iterations == 20


def test_auto_takes_the_exact_solver_where_it_has_the_time_to_prove():
    assert ok.solve(CROSS, time_limit=1).solver == "exact"
    assert ok.solve(CROSS, time_limit=1e-3).solver == "hgs"


def test_they_follow_a_ray_around_the_depot() -> None:
    problem = VRP.from_coordinates([POINTS[i] for i in (0, 3, 1, 4, 2)], [0, 1, 1, 1, 1], capacity=2)
    assert ok.solve(problem, "hgs", time_limit=0.0).solution.visits == ((2, 1), (3, 0))


def test_more_routes_than_vehicles_are_the_nearest_and_not_the_answer() -> None:
    problem = VRP.from_coordinates(POINTS, [0, 3, 2, 3, 2], capacity=5, num_vehicles=2)
    assert ok.solve(problem, "hgs", time_limit=0.0).solution is not None
    # Along the ray three stands beside three.
    tight = problem.replace(demand=[3, 2, 2, 3])
    result = ok.solve(tight, "hgs", time_limit=0.0)
    assert result.solution is None
    assert [violation.rule for violation in result.violations] == ["fleet"]


def test_a_start_is_kept() -> None:
    start = Routes.of([[3], [1, 0], [2]])
    assert ok.solve(CROSS, "hgs", time_limit=0.0, initial_solution=start).solution == start

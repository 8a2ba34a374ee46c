"""The adapters of peers obey the laws of solvers, and give answers that the checker accepts."""

import importlib

import numpy as np
import pytest

import optikit as ok
from optikit.core.result import StopReason
from optikit.routing import VRP

rng = np.random.default_rng(5)
POINTS = rng.integers(0, 100, (25, 2))
DEMAND = [0, *rng.integers(1, 9, 24)]


def vrps():
    planar = VRP.from_coordinates(POINTS, DEMAND, 30, rounding="nearest")
    floats = VRP.from_coordinates(POINTS + 0.25, [d / 4 for d in DEMAND], 7.5, num_vehicles=6)
    return {"rounded": planar, "floats": floats, "matrix": VRP.from_matrix(planar.network.matrix(), DEMAND, 30)}


def tsps():
    TSP = importlib.import_module("optikit.routing.tsp").TSP
    far = TSP.from_coordinates(POINTS * 1000, rounding="nearest")
    return {"near": TSP.from_coordinates(POINTS, rounding="nearest"), "far": far}


def shops():
    shop = importlib.import_module("optikit.scheduling.shop")
    jobs = [[(int(k), int(rng.integers(1, 20))) for k in rng.permutation(4)] for _ in range(5)]
    ways = [[{k: int(rng.integers(1, 20)) for k in range(3)} for _ in range(3)] for _ in range(5)]
    return {"job": shop.JobShop.from_jobs(jobs), "flexible": shop.FlexibleJobShop.from_jobs(ways)}


PEERS = {
    "pyvrp": ("pyvrp:PyVRP", vrps),
    "hygese": ("hgs_cvrp:HGSCVRP", vrps),
    "vroom": ("vroom:Vroom", vrps),
    "fast_tsp": ("fast_tsp:FastTSP", tsps),
    "elkai": ("elkai:Elkai", tsps),
    "pyjobshop": ("pyjobshop:PyJobShop", shops),
}


def peer(package: str) -> tuple[type[ok.Solver], dict[str, ok.Problem]]:
    pytest.importorskip(package, reason=f"the peer {package} is not installed: the extra peers")
    target, problems = PEERS[package]
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(f"benchmarks.peers.{module}"), name), problems()


@pytest.mark.parametrize("package", PEERS)
def test_a_peer_gives_a_feasible_answer_in_its_time(package):
    solver, problems = peer(package)
    for name, problem in problems.items():
        timed = {"time_limit": 1.0} if "time" in solver.capabilities.stops else {}
        result = ok.solve(problem, solver(), seed=3, **timed)
        assert result.solution is not None, (name, result)
        assert problem.check(result.solution)
        # A peer that is fed wrongly does not beat a simple heuristic.
        assert result.objective <= simple(problem), (name, result)


def simple(problem) -> float:
    """Savings, a dispatching rule, or the nearest neighbour."""
    if isinstance(problem, VRP):
        return ok.solve(problem, "savings").objective
    if hasattr(problem, "num_operations"):
        return ok.solve(problem, "spt").objective
    far = problem.network.matrix().astype(float)
    city, left = 0, set(range(1, len(far)))
    order = [city]
    while left:
        city = min(left, key=lambda other: far[city, other])
        left.remove(city)
        order.append(city)
    return problem.evaluate(problem.solution_type(order))


@pytest.mark.parametrize("package", PEERS)
def test_a_peer_in_a_suite(package, tmp_path):
    solver, problems = peer(package)
    name, problem = next(iter(problems.items()))
    target = f"{solver.__module__}:{solver.__name__}"
    suite = ok.bench.Suite({name: problem}, {package: target}, seeds=1, time_limit=1)
    frame = suite.run(tmp_path / "runs.db").to_frame()
    assert frame["status"].tolist() in (["feasible"], ["optimal"]), frame["error"][0]
    assert package in frame["versions"][0]


def test_pyvrp_tells_its_improvements():
    solver, problems = peer("pyvrp")
    result = ok.solve(problems["rounded"], solver(), stop=ok.Stop(iterations=50))
    assert result.stop_reason is StopReason.ITERATIONS
    assert result.iterations == 50
    values = [point.objective for point in result.trace]
    assert values == sorted(values, reverse=True)
    assert values[-1] == result.objective
    again = ok.solve(problems["rounded"], solver(), stop=ok.Stop(iterations=50))
    assert again.solution == result.solution


def test_fast_tsp_refuses_what_it_does_not_take():
    solver, _ = peer("fast_tsp")
    TSP = importlib.import_module("optikit.routing.tsp").TSP
    asymmetric = TSP.from_matrix([[0, 1, 2], [3, 0, 1], [1, 2, 0]])
    assert "symmetric" in solver().supports(asymmetric).reason
    path = TSP.from_coordinates(POINTS, rounding="nearest", closed=False)
    assert "closed" in solver().supports(path).reason

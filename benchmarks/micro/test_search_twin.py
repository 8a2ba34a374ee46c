"""The compiled search and its C++ twin: that they do the same work, and how fast.

    taskset -c 1 python -m pytest benchmarks/micro

``python -m benchmarks.micro.search_twin`` measures on larger instances and writes the table of the docs.
"""

from __future__ import annotations

import time

import pytest

from benchmarks.micro.search_twin import DECLARED, SOURCE, cold_start, random_problem
from benchmarks.micro.twin import BUILDS, Start, find_compiler, twins
from optikit.routing.vrp.arrays import CURSOR, NUM_ABSENT, PHASE
from optikit.routing.vrp.kernels.advance import advance
from optikit.routing.vrp.kernels.phases import DONE, SEARCH

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C++ compiler: install g++ or set CXX")

WARM, BUDGET = 5_000, 50_000


@pytest.fixture(scope="module")
def built():
    with twins(SOURCE, DECLARED) as both:
        yield both


@pytest.fixture(scope="module", params=["matrix", "planar"])
def warm(request, built) -> tuple[str, Start]:
    kind, start = cold_start(random_problem(300), WARM + BUDGET, as_matrix=request.param == "matrix")
    start.run(built[1][kind], WARM)
    return kind, start


@pytest.mark.parametrize("contender", ["optikit", *BUILDS])
@pytest.mark.parametrize("as_matrix", [True, False])
@pytest.mark.parametrize("fleet", [None, 19])  # 19 vehicles hold 94 % of the demand: clients stay absent
def test_all_do_the_same_work(built, contender, as_matrix, fleet):
    timed, counting = built
    problem = random_problem(400) if fleet is None else random_problem(400, num_vehicles=fleet)
    kind, start = cold_start(problem, 3_000, as_matrix=as_matrix)
    kernel = advance[kind] if contender == "optikit" else timed[contender][kind]
    for limit in (0, 1, 1_000, 4_000):  # the first stops after construction, the last at the end of the annealing cycle
        expected = start.copy()
        expected.run(counting[kind], limit)
        own = start.copy()
        own.run(kernel, limit)
        assert own.differences(expected) == []
        words = own.structures[2].words
        assert words[PHASE] == (DONE if limit == 4_000 else SEARCH)
        assert words[CURSOR] == 0
        assert (words[NUM_ABSENT] > 0) == (fleet is not None)
    assert counting.moves() > 0


@pytest.mark.benchmark(timer=time.thread_time, group="advance")
@pytest.mark.parametrize("contender", ["optikit", *BUILDS])
def test_speed(benchmark, built, warm, contender):
    kind, start = warm
    kernel = advance[kind] if contender == "optikit" else built[0][contender][kind]
    benchmark.group = f"advance, {kind}, {BUDGET:,} iterations"
    finished = []

    def setup():
        finished.append(start.copy())
        return (finished[-1], kernel), {}

    benchmark.pedantic(lambda own, contender: own.run(contender, WARM + BUDGET), setup=setup, rounds=5)
    expected = start.copy()
    expected.run(built[1][kind], WARM + BUDGET)
    assert finished[-1].differences(expected) == []

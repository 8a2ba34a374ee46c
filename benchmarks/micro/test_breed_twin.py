"""The compiled genetic search and its C++ twin do the same work; ``python -m benchmarks.micro.breed_twin`` measures it."""

from __future__ import annotations

import pytest

from benchmarks.micro.breed_twin import DECLARED, SOURCE, cold_start
from benchmarks.micro.search_twin import random_problem
from benchmarks.micro.twin import BUILDS, find_compiler, twins
from optikit.routing.vrp.genetic_arrays import BREAKS, CHILDREN, CURSOR, KEEPS, PHASE, SINCE_BEST
from optikit.routing.vrp.kernels.breed import PATIENCE, breed
from optikit.routing.vrp.kernels.phases import ADOPT, DESCEND

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C++ compiler: install g++ or set CXX")


@pytest.fixture(scope="module")
def built():
    with twins(SOURCE, DECLARED) as both:
        yield both


@pytest.mark.parametrize("contender", ["optikit", *BUILDS])
@pytest.mark.parametrize("problem", [random_problem(40), random_problem(60, num_vehicles=4)], ids=["free", "tight fleet"])
def test_all_do_the_same_work(built, contender, problem):
    timed, counting = built
    start = cold_start(problem)
    kernel = breed["matrix"] if contender == "optikit" else timed[contender]["matrix"]
    expected, own = start.copy(), start.copy()
    for limit in (0, 1, 20_000, 60_000, 70_000):
        if limit == 70_000:  # the families begin again with the next child
            for search in (expected, own):
                search.structures[2].words[SINCE_BEST] = PATIENCE
        expected.run(counting["matrix"], limit)
        own.run(kernel, limit)
        assert own.differences(expected) == []
        assert own.structures[1].words[PHASE] == DESCEND
        if limit == 60_000:
            words = own.structures[2].words
            assert words[CHILDREN] > 100  # of parents, more than a generation of them
            assert words[KEEPS] > 0
            assert words[BREAKS] > 0
    assert own.structures[2].words[CHILDREN] < 100
    assert counting.moves() > 0


@pytest.mark.parametrize("contender", ["optikit", *BUILDS])
def test_all_adopt_routes_alike(built, contender):
    timed, counting = built
    start = cold_start(random_problem(40))
    start.run(counting["matrix"], 10_000)
    start.structures[1].words[[PHASE, CURSOR]] = ADOPT, 0
    own = start.copy()
    start.run(counting["matrix"], 11_000)
    own.run(breed["matrix"] if contender == "optikit" else timed[contender]["matrix"], 11_000)
    assert own.differences(start) == []

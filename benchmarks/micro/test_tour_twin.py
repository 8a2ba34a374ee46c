"""The compiled search of the TSP and its C++ twin do the same work; ``python -m benchmarks.micro.tour_twin`` measures it."""

from __future__ import annotations

import pytest

from benchmarks.micro.tour_twin import DECLARED, SOURCE, cold_start, problems
from benchmarks.micro.twin import BUILDS, find_compiler, twins
from optikit.routing.tsp.arrays import PHASE
from optikit.routing.tsp.kernels.advance import KICK, advance

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C++ compiler: install g++ or set CXX")

PROBLEMS = dict(problems(400))


@pytest.fixture(scope="module")
def built():
    with twins(SOURCE, DECLARED) as both:
        yield both


@pytest.mark.parametrize("contender", ["optikit", *BUILDS])
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("stretch", [50_000, 20])
def test_all_do_the_same_work(built, monkeypatch, contender, name, closed, stretch):
    monkeypatch.setattr("optikit.routing.tsp.search.STRETCH", stretch)
    monkeypatch.setattr("optikit.routing.tsp.instance.COMPUTED_NODES", {"planar": 0, "points": 0, "globe": 0})
    timed, counting = built
    kind, start = cold_start(PROBLEMS[name].replace(closed=closed))
    kernel = advance[kind] if contender == "optikit" else timed[contender][kind]
    for limit in (0, 1, 2_000):  # the first stops after the descent
        expected, own = start.copy(), start.copy()
        expected.run(counting[kind], limit)
        own.run(kernel, limit)
        assert own.differences(expected) == []
        assert own.structures[2].words[PHASE] == KICK
    assert counting.moves() > 0

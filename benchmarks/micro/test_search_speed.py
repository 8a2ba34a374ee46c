"""How fast every compiled search is.

    taskset -c 1 python -m pytest benchmarks/micro/test_search_speed.py

``python -m benchmarks.micro.search_speed`` writes the table of the docs.
"""

from __future__ import annotations

import time

import pytest

import optikit as ok
from benchmarks.micro.search_speed import CASES, Case
from optikit.bench.execute import warm


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_speed(benchmark, case: Case):
    problem = case.problem
    warm(type(problem))
    benchmark.group = f"{case.solver}, {case.iterations:,} iterations"
    stop = ok.Stop(iterations=case.iterations)
    result = benchmark.pedantic(ok.solve, (problem, case.solver), {"stop": stop, "seed": 1}, rounds=3)
    assert result.iterations == case.iterations
    benchmark.extra_info["iterations per second"] = result.iterations / benchmark.stats.stats.median

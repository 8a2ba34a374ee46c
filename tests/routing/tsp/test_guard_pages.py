"""Compiled kernels of the TSP beside memory that must not be touched: an index too high or too low ends the process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pages are protected through POSIX's mprotect")

ROOT = Path(__file__).parents[3]

WALK = """
import faulthandler
import sys

faulthandler.enable()
sys.path.insert(0, sys.argv[1])
import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.kernels import guard as pages
from optikit.kernels.jit import Arrays, Variant, kernels_of
from optikit.routing import TSP
from optikit.routing.tsp import KERNELS, exact, instance
from optikit.routing.tsp.search import EAX, LinKernighan
from tests.strategies import tsps

side, few_nodes = sys.argv[2], exact.FEW_NODES
called, twins, plain = set(), {}, Variant.__call__


def twin_of(structure):
    '''The same in guarded memory, as it is now.'''
    if id(structure) not in twins:
        twins[id(structure)] = structure, pages.guard(structure, side)
    twin = twins[id(structure)][1]
    for name, field in type(structure).fields.items():
        if field.shape is not None:
            getattr(twin, name)[...] = getattr(structure, name)
    return twin


def guarded_call(variant, *args):
    called.add((variant.kernel.module, variant.kernel.__name__))
    result = plain(variant, *(twin_of(arg) if isinstance(arg, Arrays) else arg for arg in args))
    for structure in args:
        if isinstance(structure, Arrays):
            for name, field in type(structure).fields.items():
                if field.mutable:
                    getattr(structure, name)[...] = getattr(twins[id(structure)][1], name)
    return result


Variant.__call__ = guarded_call
needs_combs = TSP.from_coordinates(np.random.default_rng(2).random((40, 2)))
needs_lifts = ok.datasets.generate("atsp/stilt", size=40, seed=1)


@example(needs_combs, 1, True, True)
@example(needs_lifts, 1, True, True)
@given(tsps(min_cities=2, max_cities=int(sys.argv[4])), st.integers(0, 1000), st.booleans(), st.booleans())
@settings(max_examples=int(sys.argv[3]), deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def walk(problem, seed, computed, by_cuts):
    twins.clear()
    pages._LIVING.clear()
    instance.COMPUTED_NODES.update(dict.fromkeys(instance.COMPUTED_NODES, 0 if computed else 1000))
    for solver in (LinKernighan(neighbours=1 + seed % 8), EAX(population=2 + seed % 4)):
        ok.solve(problem, solver, stop=ok.Stop(iterations=20), seed=seed)
    ok.solve(problem, "held_karp", stop=ok.Stop(iterations=30))
    exact.FEW_NODES = 3 if by_cuts else few_nodes
    ok.solve(problem, "exact")


walk()
pages._LIVING.clear()
twins.clear()
ok.solve(TSP.from_coordinates(np.random.default_rng(3).random((400, 2))), EAX(population=8), stop=ok.Stop(iterations=40))
for module in KERNELS:
    for kernel in kernels_of(module):
        assert (module, kernel.__name__) in called, f"{module}.{kernel.__name__} was not walked"
print("walked", len(called))
"""


@pytest.mark.parametrize("side", ["end", "start"])
def test_no_input_makes_a_kernel_leave_its_arrays(side):
    examples, cities = (600, 40) if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else (40, 12)
    command = [sys.executable, "-c", WALK, str(ROOT), side, str(examples), str(cities)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "walked" in done.stdout

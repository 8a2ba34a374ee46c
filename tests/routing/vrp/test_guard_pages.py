"""Compiled kernels of the VRP beside memory that must not be touched: an index too high or too low ends the process."""

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optikit import Stop
from optikit.core.run import Run
from optikit.kernels.control import Control
from optikit.kernels import guard as pages
from optikit.kernels.guard import guard
from optikit.routing.vrp.arrays import Construction
from optikit.routing.vrp.genetic import Genetic
from optikit.routing.vrp.instance import make_instance, variant
from optikit.routing.vrp.kernels.insertion import WAITING, insert_all
from optikit.routing.vrp.island import Island
from optikit.routing.vrp.search import HGS
from tests.strategies import vrps

side = sys.argv[2]
cases = 0


@given(vrps(max_clients=12), st.integers(0, 1000))
@settings(max_examples=int(sys.argv[3]), deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def walk(problem, seed):
    global cases
    cases += 1
    pages._LIVING.clear()  # a process may hold so many pages only
    instance = guard(make_instance(problem, 100), side)
    island = Island(problem, HGS(child=48, population=3), instance, Run(problem, Stop(iterations=600), seed=seed), 0, 1)
    for name in ("state", "parameters", "random", "control"):
        setattr(island, name, guard(getattr(island, name), side))
    for limit in (1, 100, 600):
        island.control.slots[3] = limit
        island.advance()
    if variant(problem, instance) == "matrix" and instance.num_nodes >= 4 and not instance.dist[0]:
        genetic = Genetic(problem, instance, 2 + seed % 3)
        genetic.descent, genetic.families = guard(genetic.descent, side), guard(genetic.families, side)
        control = guard(Control.fresh(), side)
        for _ in range(90):  # two generations
            genetic.advance(island.random, control)
    clients = np.arange(1, instance.num_nodes, dtype=np.int32)
    building = Construction.empty(
        num_nodes=instance.num_nodes, num_segments=1, begin=np.array([0, len(clients)], np.int32), waiting=clients
    )
    building.words[WAITING] = -1
    assert insert_all[variant(problem, instance)](instance, guard(building, side), Control.fresh()) == 1


walk()
print("walked", cases)
"""


@pytest.mark.parametrize("side", ["end", "start"])
def test_no_input_makes_a_kernel_leave_its_arrays(side):
    examples = 600 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 60
    done = subprocess.run([sys.executable, "-c", WALK, str(ROOT), side, str(examples)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "walked" in done.stdout

"""A third party's solver, built and installed for real, is found by its entry point and obeys the laws."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="building the plug-in needs hatchling")
EXAMPLE = Path(__file__).parents[2] / "examples" / "own_solver"

TRY = """
import optikit as ok
from optikit.core import registry
from optikit.routing import VRP
from optikit.testing import check_solver

vrp = VRP.from_coordinates([(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2)], [0, 3, 4, 2, 5], 8)
offers = {offer.name: offer for offer in vrp.solvers()}
assert offers["nearest"].supported and offers["nearest"].about == "from optikit-nearest", offers.get("nearest")
result = ok.solve(vrp, "nearest")
assert result.solver == "nearest" and vrp.check(result.solution)
check_solver(registry.find(VRP, "nearest"), vrp)
assert "nearest" in ok.compare(vrp, ["nearest", "savings"], time_limit=1)
print(ok.solve(vrp, time_limit=0.2).solver)
"""


def test_a_plug_in_is_found_and_obeys_the_laws(tmp_path):
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run([*install, "--target", str(site), str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (site / "optikit_nearest.py").exists()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("exact", "hgs"), "auto does not choose a plug-in by itself"

"""The examples of the kernel layer, and what its import costs."""

import doctest
import importlib
import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["jit", "structure", "neighbours"])
def test_examples(name):
    module = importlib.import_module(f"optikit.kernels.{name}")
    results = doctest.testmod(module)
    assert results.attempted
    assert not results.failed


def test_importing_kernels_imports_no_compiler():
    code = """
import sys
import optikit.kernels.neighbours, optikit.kernels.control, optikit.kernels.rng
heavy = {"numba", "llvmlite", "scipy", "importlib.metadata", "tempfile", "subprocess"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""What is imported when, and what may import what."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import optikit
from optikit import _lazy

SOURCE = Path(optikit.__file__).parent
HEAVY = [
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "llvmlite",
    "ortools",
    "pulp",
    "highspy",
    "networkx",
    "matplotlib",
    "joblib",
    "rich",
    "click",
]

SLOW = ["numpy.ma", "importlib.metadata", "tempfile", "email"]
"""Take 5 to 25 ms, which a first solve by a short deadline does not have."""


def run_fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_optikit_loads_no_third_party_package():
    loaded = run_fresh(f"import sys, optikit; print([m for m in {HEAVY} if m in sys.modules])")
    assert loaded == "[]"


def test_solving_with_our_own_solver_loads_numpy_and_nothing_else():
    """From data to the Result, with kernels that need no compiling (run as plain Python here, so that no build is needed)."""
    code = f"""
import os, sys
os.environ["OPTIKIT_KERNELS"] = "python"
import optikit as ok
vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0), (5, 5)] * 5, [0] + [1] * 19, 4)
result = ok.solve(vrp, stop=ok.Stop(iterations=200), n_jobs=-1)
assert result.objective is not None
print([m for m in {HEAVY} if m in sys.modules and m != "numpy"], [m for m in {SLOW} if m in sys.modules])
"""
    assert run_fresh(code) == "[] []"


def test_public_names_are_imported_with_short_turns(tmp_path, monkeypatch):
    """Beside a busy thread the modules behind the first ``ok.solve`` would wait five milliseconds each."""
    (tmp_path / "shop_window").mkdir()
    (tmp_path / "shop_window" / "__init__.py").write_text("")
    (tmp_path / "shop_window" / "ware.py").write_text("import sys\nturn = sys.getswitchinterval()\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = sys.getswitchinterval()
    get, _ = _lazy.lazy_names("shop_window", {"turn": ".ware"})
    importlib.import_module("shop_window")
    assert get("turn") <= 1e-4
    assert sys.getswitchinterval() == before


def test_no_submodule_shadows_a_public_name():
    for info in pkgutil.walk_packages([str(SOURCE)], "optikit."):
        if info.name.endswith("__main__") or ".build" in info.name:
            continue
        importlib.import_module(info.name)
    for name in optikit.__all__:
        thing = getattr(optikit, name)
        is_module = optikit._HOME_OF[name] == f".{name}"
        assert callable(thing) != is_module, f"optikit.{name} is {thing!r}"


def test_every_public_name_is_listed():
    assert sorted(optikit.__all__) == optikit.__all__
    assert set(optikit.__all__) <= set(dir(optikit))
    with pytest.raises(AttributeError, match="has no attribute 'slove'"):
        _ = optikit.slove


def test_no_prints():
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            assert called != "print", f"{path.name}:{node.lineno} prints"


def test_file_names_say_what_is_inside():
    banned = {"utils", "helpers", "common", "base", "manager", "misc"}
    for path in SOURCE.rglob("*.py"):
        assert path.stem not in banned, path


def test_files_stay_short():
    for path in SOURCE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 450, f"{path.relative_to(SOURCE)} is too long"


def test_the_waist_is_thin():
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in (SOURCE / "core").glob("*.py")}
    expected = {"__init__", "check", "problem", "registry", "result", "run", "solution", "solver", "stop"}
    assert {name.removesuffix(".py") for name in lines} == expected
    assert sum(lines.values()) <= 1500, lines


def test_the_judge_imports_no_solver():
    for name in ("problem", "check", "solution"):
        for path in SOURCE.rglob(f"{name}.py"):
            if "core" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom | ast.Import):
                    module = getattr(node, "module", None) or ""
                    names = {module, *(alias.name for alias in node.names)}
                    for banned in ("kernels", "backends", "search", "numba", "ortools", "pulp"):
                        assert not any(banned in n.split(".") for n in names), f"{path}: {names}"

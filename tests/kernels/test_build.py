"""The library of kernels, and how it gets into the wheel."""

import ctypes
import importlib.util
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import optikit
from optikit.kernels import native
from optikit.kernels.build import discover, find_linker

pytest.importorskip("numba")
pytest.importorskip("hatchling")
pytestmark = pytest.mark.skipif(find_linker() is None, reason="no linker")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    """A project with nothing in it but the kernel layer and what that stands on."""
    source, package = Path(optikit.__file__).parent, tmp_path / "src" / "optikit"
    shutil.copytree(source / "kernels", package / "kernels")
    for name in ("_brisk.py", "_processes.py", "errors.py"):
        shutil.copy(source / name, package)
    (package / "__init__.py").write_text("")
    return tmp_path


def run_hook(root, version="standard"):
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    said = []
    app = SimpleNamespace(display_info=said.append, display_warning=said.append)
    hook = module.KernelBuildHook(str(root), {}, None, None, "", "wheel", app=app)
    data = {"force_include": {}, "pure_python": True}
    hook.initialize(version, data)
    return hook, data, said


def test_the_library_goes_into_the_wheel(root, monkeypatch):
    monkeypatch.delenv("OPTIKIT_BUILD_KERNELS", raising=False)
    hook, data, _ = run_hook(root)
    ((file, place),) = data["force_include"].items()
    assert place == f"optikit/_bin/{native.library_name()}"
    assert not data["pure_python"]
    assert data["tag"].startswith("py3-none-")
    if sys.platform.startswith("linux"):
        assert b"GLIBC_" not in Path(file).read_bytes()
        assert "linux" in data["tag"]
    library = ctypes.CDLL(file)
    assert hasattr(library, "ok_optikit_kernels_neighbours_query_tree_plain")
    hook.finalize("standard", data, "")
    assert not Path(file).exists()


def test_editable_installs_and_skips_stay_pure(root, monkeypatch):
    assert run_hook(root, "editable")[1] == {"force_include": {}, "pure_python": True}
    monkeypatch.setenv("OPTIKIT_BUILD_KERNELS", "skip")
    assert run_hook(root)[1] == {"force_include": {}, "pure_python": True}


def test_a_missing_linker_is_no_obstacle_unless_required(root, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    _, data, said = run_hook(root)
    assert data["pure_python"]
    assert "no C compiler" in said[0]
    monkeypatch.setenv("OPTIKIT_BUILD_KERNELS", "require")
    with pytest.raises(RuntimeError, match="no C compiler"):
        run_hook(root)


def test_discovery_goes_by_the_text():
    found = discover()
    assert "optikit.kernels.neighbours" in found
    assert "optikit.kernels.rng" not in found
    assert "tests.kernels.toys.churn" in discover("tests.kernels.toys")

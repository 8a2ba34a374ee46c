"""Compiled objects: kept by the hash of every source they were made from, and never trusted blindly."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from optikit.kernels import jit, native, store
from optikit.kernels.build import find_linker

from .toys.clash import both

pytest.importorskip("numba")


@pytest.fixture
def compiled():
    """The names of the modules that were compiled during the test."""
    names = []
    jit.on_compile.append(lambda module, folder: names.append(module))
    yield names
    jit.on_compile.pop()


def resolve():
    """Make both() anew, as another process would."""
    load = native.from_cache(jit.kernels_of(both.module), "plain")
    return load.entry(both.signature, native.symbol(both, "plain"))


def test_a_second_process_finds_the_object(monkeypatch, tmp_path, compiled):
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path))
    answers = [resolve()(10) for _ in range(2)]
    assert answers == [22_032_000] * 2
    assert compiled == [both.module]


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-7], lambda b: b[:20], lambda b: b"", lambda b: b[:-1] + b"?", lambda b: b"\x7fELF" * 100]
)
def test_a_spoiled_file_is_rebuilt(monkeypatch, tmp_path, compiled, spoil):
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path))
    resolve()
    (file,) = (tmp_path / "kernels").iterdir()
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))
    assert resolve()(10) == 22_032_000
    assert len(compiled) == 2
    assert len(file.read_bytes()) == len(whole)


def test_without_a_folder_kernels_stay_in_memory(monkeypatch, tmp_path):
    """A file stands where the folder should be, which refuses even root."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(blocker))
    assert resolve()(10) == 22_032_000
    assert not store.write("x.o", b"")
    assert store.read("x.o") is None


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path / "own"))
    assert store.folder() == str(tmp_path / "own" / "kernels")
    monkeypatch.delenv("OPTIKIT_CACHE_DIR")
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert store.folder() == str(tmp_path / "optikit" / "kernels")


PACKAGE = {
    "__init__.py": "",
    "constants.py": "STEP = 1\n",
    "helper.py": """
        from optikit.kernels.jit import inline
        @inline
        def bump(x):
            return x + 10
        """,
    "arrays.py": """
        from optikit.kernels.jit import Arrays, array, i8, scalar
        class Pair(Arrays):
            first = scalar(i8, "")
            second = scalar(i8, "")
        """,
    "kernels.py": """
        from optikit.kernels.jit import i8, kernel
        from .arrays import Pair
        from .constants import STEP
        from .helper import bump
        @kernel
        def go(p: Pair, x: i8) -> i8:
            return bump(x) + STEP + 100 * p.first
        """,
}
RUN = """
import json, sys
from optikit.kernels import native
if len(sys.argv) > 1:
    native.library_path = lambda: sys.argv[1]
from toypackage.arrays import Pair
from toypackage.kernels import go
answer = go(Pair(first=1, second=2), 1000)
print(json.dumps([answer, go.way, "numba" in sys.modules]))
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "toypackage"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_text(textwrap.dedent(text))
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("OPTIKIT_KERNELS", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # that of an edit in the same second, of the same length, counts as current
    return folder


def run(package, *arguments):
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=package.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_edit_of_any_source_compiles_anew(package):
    assert run(package) == [1111, "jit", True]
    assert run(package) == [1111, "jit", False]  # from the cache, without numba
    edits = [("helper.py", "10", "20", 1121), ("constants.py", "1", "2", 1122), ("kernels.py", "100", "200", 1222)]
    for file, old, new, answer in edits:
        text = (package / file).read_text()
        (package / file).write_text(text.replace(old, new))
        assert run(package) == [answer, "jit", True], file
    text = (package / "arrays.py").read_text()
    swapped = text.replace("first", "x").replace("second", "first").replace("x =", "second =")
    (package / "arrays.py").write_text(swapped)
    assert run(package) == [1222, "jit", True]
    assert run(package) == [1222, "jit", False]


@pytest.mark.skipif(find_linker() is None, reason="no linker")
def test_a_library_serves_only_the_sources_it_was_built_from(package):
    library = package.parent / native.library_name()
    built = subprocess.run(
        [sys.executable, "-m", "optikit.kernels.build", str(library), "--package", "toypackage"],
        cwd=package.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert run(package, str(library)) == [1111, "aot", False]
    (package / "helper.py").write_text((package / "helper.py").read_text().replace("10", "20"))
    assert run(package, str(library)) == [1121, "jit", True]


WITHOUT_NUMBA = """
import logging, sys
sys.modules["numba"] = None
logging.basicConfig(format="%(message)s", stream=sys.stdout)
from optikit.kernels import native
native.library_path = lambda: "nowhere"
from toypackage.arrays import Pair
from toypackage.kernels import go
p = Pair(first=1, second=2)
assert go(p, 1000) == go(p, 1000) == 1111
print(go.way)
"""


def test_without_numba_python_runs_and_says_so_once(package):
    done = subprocess.run([sys.executable, "-c", WITHOUT_NUMBA], cwd=package.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("optikit[jit]") == 1  # the log
    assert done.stderr.count("optikit[jit]") == 1  # the warning, for whoever has set up none
    assert done.stdout.endswith("python\n")


def test_sources_in_an_archive_compile_too(package):
    """Where there is no file, the bytes come from the loader."""
    import shutil

    archive = shutil.make_archive(str(package.parent / "archive"), "zip", package.parent, "toypackage")
    shutil.rmtree(package)
    code = f"import sys; sys.path.insert(0, {archive!r})\n{RUN}"
    for compiles in (True, False):
        done = subprocess.run([sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == [1111, "jit", compiles]


def test_users_of_numba_are_left_alone():
    """numba compiles the user's functions for the host as ever, after ours too."""
    code = """
import os
from tests.kernels.toys.clash import both
assert both.using("jit")(10) == 22032000
import numba, numpy
@numba.njit
def f(x):
    return max(x.sum(), 1.0)
assert f(numpy.ones(3)) == 3.0
assert numba.config.CPU_NAME is None and "NUMBA_CPU_NAME" not in os.environ
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_compilers_versions_are_those_of_their_metadata(monkeypatch):
    from importlib.metadata import version

    told = (version("numba"), version("llvmlite"))
    assert native._compiler_versions() == told
    # Where no installer left a folder, or two did, the metadata are asked.
    for names in ([], ["numba-0.1.dist-info", "numba-0.2.dist-info", "llvmlite-0.1.dist-info", "llvmlite-0.2.dist-info"]):
        monkeypatch.setattr(native, "os", SimpleNamespace(path=os.path, listdir=lambda place, names=names: names))
        assert native._compiler_versions() == told


@pytest.mark.parametrize(("forced", "at_hand"), [("jit", False), ("checked", False), ("python", True)])
def test_what_is_to_be_loaded_or_made_is_not_at_hand(monkeypatch, forced, at_hand):
    variant = both.variants["plain"]
    monkeypatch.setattr(variant, "way", None)
    monkeypatch.setenv("OPTIKIT_KERNELS", forced)
    assert variant.at_hand is at_hand
    monkeypatch.setattr(variant, "way", "jit")
    assert variant.at_hand

"""A cache folder for these tests alone, and a library of the toy kernels."""

import pytest

from optikit.kernels import native
from optikit.kernels.build import build_library, find_linker

from .toys import churn, clash, spin, variants


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory):
    """No test reads what an earlier run of the suite, or the user, has compiled."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("OPTIKIT_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def toy_library(tmp_path_factory):
    """The toy kernels as a shared library."""
    pytest.importorskip("numba")
    if find_linker() is None:
        pytest.skip("no linker")
    file = tmp_path_factory.mktemp("library") / native.library_name()
    build_library(file, [module.__name__ for module in (clash, churn, spin, variants)])
    return file


@pytest.fixture
def library(toy_library, monkeypatch):
    """The toys' library in the place of the wheel's, for one test: all others take the kernels that are to be shipped."""
    monkeypatch.setattr(native, "library_path", lambda: str(toy_library))
    native._library.cache_clear()
    yield toy_library
    native._library.cache_clear()


@pytest.fixture(params=["python", "jit", "aot", "checked"])
def way(request):
    """Each way of running a kernel that is at hand."""
    if request.param == "aot":
        request.getfixturevalue("library")
    elif request.param != "python":
        pytest.importorskip("numba")
    return request.param

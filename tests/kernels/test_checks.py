"""Indices out of range: refused by the checked way, fatal at a guard page, and never silent in tests."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from optikit.kernels.guard import guard, guarded
from optikit.kernels.jit import Unavailable
from optikit.kernels.python import CheckedView

from .toys.arrays import Bag
from .toys.churn import poke, ratio

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["compiled", "interpreted"])
def checked_poke(request, monkeypatch):
    """The checked way, as it is with numba and without."""
    if request.param == "compiled":
        pytest.importorskip("numba")
        return poke.using("checked")
    from optikit.kernels import jit

    return jit._python(poke.variants["plain"], CheckedView)


def bag():
    return Bag.empty(size=4, weight=0, mask=0)


@pytest.mark.parametrize("index", [-1, -4, 4, 5, 2**62, -(2**63)])
def test_indices_out_of_range_are_refused_by_name(checked_poke, index):
    b = bag()
    with pytest.raises(IndexError, match=rf"Bag.small\[{index}\]: it has 4 elements"):
        checked_poke(b, index, 1)
    assert not b.small.any()
    assert checked_poke(b, 3, 9) == 0  # a refusal leaves the structure usable
    assert checked_poke(b, 3, 0) == 9


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**62])
def test_values_that_do_not_fit_are_refused(checked_poke, value):
    with pytest.raises(OverflowError, match=rf"Bag.small\[2\] = {value} does not fit"):
        checked_poke(bag(), 2, value)


def test_division_by_zero_is_refused():
    pytest.importorskip("numba")
    with pytest.raises(ZeroDivisionError, match="ratio"):
        ratio.using("checked")(1, 0)


def test_without_numba_checked_is_interpreted(monkeypatch):
    from optikit.kernels import native

    def unavailable():
        raise Unavailable("no numba")

    monkeypatch.setattr(native, "_compiler_versions", unavailable)
    poke.variants["plain"]._calls.pop("checked", None)
    with pytest.raises(IndexError):
        poke.using("checked")(bag(), -1, 1)
    del poke.variants["plain"]._calls["checked"]


POKE = """
import sys
from optikit.kernels.guard import guard
from tests.kernels.toys.arrays import Bag
from tests.kernels.toys.churn import poke
side, index = sys.argv[1], int(sys.argv[2])
b = guard(Bag.empty(size=5, weight=0, mask=0), side)
poke.using("jit")(b, 0, 1)
poke.using("jit")(b, 4, 1)
poke.using("jit")(b, index, 1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected on POSIX only")
@pytest.mark.parametrize(("side", "index", "dies"), [("end", 5, True), ("start", -1, True), ("end", 3, False)])
def test_leaving_an_array_is_fatal_at_a_guard_page(side, index, dies):
    pytest.importorskip("numba")
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", POKE, side, str(index)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == dies, done.stderr
    if dies:
        assert "Fatal Python error" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected on POSIX only")
@pytest.mark.parametrize("side", ["end", "start"])
@pytest.mark.parametrize("shape", [0, 1, 4096, (3, 700)])
def test_guarded_arrays_are_ordinary_arrays(side, shape):
    x = guarded(shape, np.float64, side)
    assert x.flags.c_contiguous
    assert x.flags.aligned
    assert x.flags.writeable
    x += 1
    assert x.sum() == np.prod(shape)


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected on POSIX only")
def test_guarding_copies():
    b = Bag.empty(size=3, weight=1.5, mask=7, small=np.arange(3, dtype=np.int32))
    copy = guard(b)
    assert copy.small.tolist() == [0, 1, 2]
    assert copy.small is not b.small
    assert (copy.size, copy.weight, copy.mask) == (3, 1.5, 7)

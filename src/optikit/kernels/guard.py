"""Arrays against a page that cannot be touched, so that a compiled kernel which leaves its array dies on the spot.

For tests: bind a structure to such arrays, run the kernel in a child process with `faulthandler` enabled, once with
``side="end"`` (an index too high) and once with ``side="start"`` (a negative one).
"""

from __future__ import annotations

import ctypes
import math
import mmap
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from optikit.kernels.structure import Arrays

S = TypeVar("S", bound=Arrays)


def guarded(shape: int | tuple[int, ...], dtype: npt.DTypeLike, side: Literal["end", "start"] = "end") -> npt.NDArray[Any]:
    """An array of zeros that ends, or starts, at an inaccessible page.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : data-type
        With ``side="end"`` the array ends exactly at the page, so it must be a power of two in size.
    side : {"end", "start"}

    Returns
    -------
    numpy.ndarray
        C-contiguous and writeable. Its pages stay mapped for the life of the process.

    Raises
    ------
    OSError
        If the platform cannot protect pages.
    """
    dtype = np.dtype(dtype)
    shape = (shape,) if isinstance(shape, int) else shape
    size = math.prod(shape) * dtype.itemsize
    page = mmap.PAGESIZE
    inside = max(1, -(-size // page)) * page
    pages = mmap.mmap(-1, inside + page)
    _LIVING.append(pages)
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    _protect(start + inside if side == "end" else start, page)
    offset = inside - size if side == "end" else page
    return np.frombuffer(pages, dtype, math.prod(shape), offset).reshape(shape)


def guard(structure: S, side: Literal["end", "start"] = "end") -> S:
    """A copy of a structure, each of its arrays in guarded memory.

    Examples
    --------
    ``advance["matrix"](guard(instance), guard(state), control, 1000)``
    """
    members = {}
    for name, field in type(structure).fields.items():
        members[name] = value = getattr(structure, name)
        if field.shape is not None:
            members[name] = guarded(value.shape, value.dtype, side)
            members[name][...] = value
    return type(structure)(**members)


_LIVING: list[mmap.mmap] = []  # never unmapped: a stray access should always hit a page of ours


def _protect(address: int, size: int) -> None:
    if not hasattr(mmap, "PROT_READ"):
        raise OSError("pages cannot be protected on this platform")
    libc = ctypes.CDLL(None, use_errno=True)
    no_access = 0  # PROT_NONE
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), no_access):
        raise OSError(ctypes.get_errno(), "mprotect failed")

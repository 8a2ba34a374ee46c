"""What a kernel was compiled from, as a hash: every file that it reaches, wherever that lies."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optikit.kernels.link import reach, uses
from optikit.kernels.structure import Dtype

if TYPE_CHECKING:
    from types import FunctionType

    from optikit.kernels.jit import Kernel

# The files that decide what a given source compiles to.
_TOOLCHAIN = ("structure.py", "link.py", "compile.py", "gates.py", "numba_types.py")


def module_fingerprint(kernels: Sequence[Kernel]) -> bytes:
    """sha256 of all that decides what the kernels of one module compile to, apart from versions and platform.

    It covers the toolchain, the signatures with the layout of their structures, the variants, the source file of
    every function within reach, and the value of every constant within reach (which may come from yet another file).
    """
    digest = hashlib.sha256()
    here = os.path.dirname(__file__)
    for name in _TOOLCHAIN:
        digest.update(_source(os.path.join(here, name), __name__))
    functions: dict[FunctionType, None] = {}
    for kernel in kernels:
        variants = {name: sorted(variant.flags.items()) for name, variant in sorted(kernel.variants.items())}
        digest.update(repr((_layout(kernel), variants)).encode())
        functions.update(dict.fromkeys(reach(kernel.function)))
    files = {(f.__module__, f.__code__.co_filename) for f in functions}
    for module, path in sorted(files):
        digest.update(module.encode() + b"\0" + _source(path, module) + b"\0")
    constants = {f"{f.__module__}.{name} = {value!r}" for f in functions for name, value in uses(f) if _is_constant(value)}
    digest.update("\n".join(sorted(constants)).encode())
    return digest.digest()


def code_fingerprint(kernels: Sequence[Kernel]) -> bytes:
    """sha256 of the functions as this process holds them.

    A file may be edited after it was imported: what this process then compiles must not be kept under the hash of the
    new file alone.
    """
    digest = hashlib.sha256()
    for function in dict.fromkeys(f for kernel in kernels for f in reach(kernel.function)):
        code = function.__code__
        held = (function.__module__, code.co_name, code.co_code, code.co_consts, code.co_names, function.__defaults__)
        digest.update(repr(held).encode())
    return digest.digest()


def _layout(kernel: Kernel) -> tuple[object, ...]:
    parameters = [
        repr(kind) if isinstance(kind, Dtype) else (kind.__name__, [(f, f.mutable) for f in kind.fields.values()])
        for kind in kernel.signature.parameters.values()
    ]
    return kernel.__name__, parameters, repr(kernel.signature.returns)


def _is_constant(value: object) -> bool:
    return isinstance(value, int | float)


def _source(path: str, module: str) -> bytes:
    """The bytes of a source file, also of one inside an archive; nothing where there is none (a notebook, a .pyc)."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        loader = getattr(sys.modules.get(module), "__loader__", None)
        try:
            data = loader.get_data(path)  # type: ignore[union-attr]
        except (AttributeError, OSError):
            return b""
    return data.replace(b"\r\n", b"\n")

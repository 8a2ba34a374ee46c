"""Compiled kernels: found in the wheel's library or in the user's cache, called through ctypes.

Nothing here imports numba; the cache's objects are loaded by llvmlite, which is imported only for them. The C ABI of an
entry is one pointer to the table of each structure and the other arguments by value.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from optikit._brisk import brisk
from optikit.errors import UnsupportedError
from optikit.kernels import store
from optikit.kernels.fingerprint import code_fingerprint, module_fingerprint
from optikit.kernels.structure import FAULT_SLOTS, Arrays, Dtype

if TYPE_CHECKING:
    from optikit.kernels.jit import Kernel, Signature

CTYPES: dict[str, Any] = {"i8": ctypes.c_int64, "u8": ctypes.c_uint64, "f8": ctypes.c_double}

# Called with the dotted name of a kernel module and the cache folder when it starts to compile, which takes seconds.
on_compile: list[Callable[[str, str], None]] = []


class Unavailable(UnsupportedError, RuntimeError):  # noqa: N818 - a state of affairs, not a fault
    """A way of running kernels that is not at hand here; the message says why."""


class Code(Protocol):
    """Where an entry's machine code lies."""

    def entry(self, signature: Signature, symbol: str) -> Callable[..., Any]: ...


def symbol(kernel: Kernel, variant: str) -> str:
    """The name of an entry in a library or an object."""
    return f"ok_{kernel.__module__.replace('.', '_')}_{kernel.__name__}_{variant}"


def fingerprint_symbol(module: str) -> str:
    """The name of the 32 bytes that tell from which sources a library's entries of a module were made."""
    return f"ok_{module.replace('.', '_')}_fingerprint"


def platform_name() -> str:
    """Operating system and processor, as in ``linux-x86_64``; the stem of a library's file name."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "unknown")
    machine = machine.lower()
    return f"{system}-{ {'amd64': 'x86_64', 'arm64': 'aarch64'}.get(machine, machine) }"


def library_name() -> str:
    """The file name of this platform's library in ``optikit/_bin``."""
    return platform_name() + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def library_path() -> str:
    """Where this platform's library belongs."""
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), "_bin", library_name())


@cache
def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(library_path())
    except OSError:
        return None


def from_library(kernels: Sequence[Kernel], variant: str) -> Code:
    """The library's code of a kernel module, if it was made from these very sources."""
    library = _library()
    if library is None:
        raise Unavailable(f"no library of kernels for {platform_name()}")
    module = kernels[0].__module__
    try:
        made_from = (ctypes.c_ubyte * 32).in_dll(library, fingerprint_symbol(module))
    except ValueError:
        raise Unavailable(f"{module} is not in the library of kernels") from None
    if bytes(made_from) != module_fingerprint(kernels):
        raise Unavailable(f"{module} has changed since the library of kernels was built")

    def address(name: str) -> int:
        try:
            return ctypes.cast(library[name], ctypes.c_void_p).value or 0
        except AttributeError:
            raise Unavailable(f"{name} is not in the library of kernels") from None

    return _Plain(address)


def from_cache(kernels: Sequence[Kernel], variant: str) -> Code:
    """The object of a kernel module's variant from the user's cache; compiled and put there if need be."""
    return _Plain(_address_in(object_of(kernels, variant, checked=False)))


def checked(kernels: Sequence[Kernel], variant: str) -> Code:
    """The same, compiled with every index and every stored value checked."""
    return _Checked(_address_in(object_of(kernels, variant, checked=True)))


handed: dict[str, bytes] = {}
"""Objects that another process has made for this one, by `object_name`."""


def object_name(kernels: Sequence[Kernel], variant: str, *, checked: bool) -> str:
    """The file name of a variant's object: a hash of all that decides what is in it."""
    versions = _compiler_versions()
    module = kernels[0].__module__
    key = hashlib.sha256(
        module_fingerprint(kernels) + code_fingerprint(kernels)
        + repr((module, variant, checked, versions, platform_name())).encode()
    ).hexdigest()  # fmt: skip
    return f"{module}-{variant}{'-checked' if checked else ''}-{key[:32]}.o"


def has_object(kernels: Sequence[Kernel], variant: str, *, checked: bool) -> bool:
    """Whether nothing needs to be compiled."""
    name = object_name(kernels, variant, checked=checked)
    return name in handed or store.read(name) is not None


def object_of(kernels: Sequence[Kernel], variant: str, *, checked: bool) -> bytes:
    """A variant's object: handed over, from the user's cache, or compiled and put there."""
    name = object_name(kernels, variant, checked=checked)
    data = handed.get(name) or store.read(name)
    if data is None:
        try:
            from optikit.kernels.compile import compile_object
        except (ImportError, AttributeError) as error:
            raise Unavailable(f"numba {_compiler_versions()[0]} cannot be used: {error}") from error
        announce(kernels[0].__module__)
        entries = [(k, k.variants[variant]) for k in kernels if variant in k.variants]
        data = compile_object(entries, checked=checked)
        store.write(name, data)
    return data


def _compiler_versions() -> tuple[str, str]:
    """The versions of numba and llvmlite, read without importing them; both decide what is compiled."""
    if sys.maxsize < 2**32:
        raise Unavailable("a 32-bit Python")
    return _version_of("numba"), _version_of("llvmlite")


def _version_of(package: str) -> str:
    """From the name of the folder that its installer left beside it: importing `importlib.metadata` takes 25 ms."""
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("numba is not installed")
    beside = os.path.dirname(next(iter(spec.submodule_search_locations)))
    with contextlib.suppress(OSError):
        named = [name for name in os.listdir(beside) if name.startswith(f"{package}-") and name.endswith(".dist-info")]
        if len(named) == 1:
            return named[0].removeprefix(f"{package}-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version(package)


def announce(module: str) -> None:
    """Tell whoever listens, or else the user, that a kernel module is being compiled."""
    import logging

    folder = store.folder()
    logging.getLogger("optikit").info("compiling kernels of %s (once, cached in %s)", module, folder)
    for hook in on_compile:
        hook(module, folder)
    if not on_compile:
        # Nobody shows it, and seconds go by: a warning is what a user sees without having set up anything. Where
        # warnings are errors it must not keep the kernel from being compiled.
        import warnings

        with contextlib.suppress(UserWarning):
            warnings.warn(f"compiling the kernels of {module}: some seconds, {store.fate()}", UserWarning, stacklevel=2)


_engines: dict[bytes, Any] = {}  # by the digest of the object: code stays loaded while the process lives


def _address_in(data: bytes) -> Callable[[str], int]:
    digest = hashlib.sha256(data).digest()
    if digest not in _engines:
        _engines[digest] = _load(data)
    engine = _engines[digest]
    return lambda name: int(engine.get_function_address(name))


def _load(data: bytes) -> Any:
    with brisk:
        from llvmlite import binding

        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        machine = binding.Target.from_triple(binding.get_process_triple()).create_target_machine(jit=True)
        engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        engine.add_object_file(binding.ObjectFileRef.from_data(data))
        engine.finalize_object()
        return engine


class _Plain:
    """Entries that return their result; CFUNCTYPE releases the GIL around the call."""

    def __init__(self, address: Callable[[str], int]) -> None:
        self._address = address

    def entry(self, signature: Signature, symbol: str) -> Callable[..., Any]:
        returns = None if signature.returns is None else CTYPES[signature.returns.name]
        function = _prototype(signature, returns, [])(self._address(symbol))
        check = signature.check

        def call(*args: Any) -> Any:
            return function(*(a._address if isinstance(a, Arrays) else a for a in check(args)))

        return call


class _Checked:
    """Entries that return a status, and put the result where their last argument points."""

    def __init__(self, address: Callable[[str], int]) -> None:
        self._address = address

    def entry(self, signature: Signature, symbol: str) -> Callable[..., Any]:
        function = _prototype(signature, ctypes.c_int32, [ctypes.c_void_p])(self._address(symbol))
        cell = CTYPES["i8" if signature.returns is None else signature.returns.name]
        check = signature.check

        def call(*args: Any) -> Any:
            result = cell()
            args = tuple(check(args))
            status = function(*(a._address if isinstance(a, Arrays) else a for a in args), ctypes.addressof(result))
            if status:
                _raise_fault(signature.name, args)
            return None if signature.returns is None else result.value

        return call


def _prototype(signature: Signature, returns: Any, extra: list[Any]) -> Any:
    kinds = signature.parameters.values()
    types = [CTYPES[kind.name] if isinstance(kind, Dtype) else ctypes.c_void_p for kind in kinds]
    return ctypes.CFUNCTYPE(returns, *types, *extra)


def _raise_fault(name: str, args: tuple[Any, ...]) -> None:
    """Tell what a checked kernel refused: it has left word at the end of a structure's table."""
    for arg in args:
        if isinstance(arg, Arrays) and arg._table[-FAULT_SLOTS]:
            fault, index, value = (int(word) for word in arg._table[-FAULT_SLOTS:])
            arg._table[-FAULT_SLOTS:] = 0
            fields = list(type(arg).fields)
            member = f"{type(arg).__name__}.{fields[(fault - 1) % len(fields)]}"
            if fault > len(fields):
                raise OverflowError(f"{name}: {member}[{index}] = {value} does not fit its dtype")
            raise IndexError(f"{name}: {member}[{index}]: it has {value} elements")
    raise ZeroDivisionError(f"{name}: division by zero, or a range with step 0")

"""The linker: every function that a kernel reaches, rebuilt for one variant.

A helper means what its own module says: it is rebuilt with a copy of *its* module's globals, so that two modules may
use one name for different things. Flags become literals on the way, and a function without a flag in reach is
rebuilt only once. JIT, build and plain Python use the same linker; they differ in what becomes of a rebuilt function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any, Protocol

from optikit.kernels.structure import Dtype

ROLE = "__kernel_role__"  # "inline" or "intrinsic", on functions of the kernel language


class Flag:
    """A compile-time switch of a family's kernels.

    A variant gives it a value by the name under which the kernel's module knows it; the linker then puts the literal
    in its place, so that the branch not taken may even name fields that do not exist.
    """

    __slots__ = ("doc",)

    def __init__(self, doc: str) -> None:
        self.doc = doc

    def __repr__(self) -> str:
        return f"Flag({self.doc!r})"

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} has a value only inside a kernel: call the kernel's variant")


class Toolchain(Protocol):
    """What becomes of the pieces of a kernel: nothing in Python, numba's objects when compiled."""

    def helper(self, function: FunctionType) -> Any: ...
    def intrinsic(self, function: FunctionType) -> Any: ...
    def cast(self, dtype: Dtype) -> Any: ...


class Interpreter:
    """The toolchain of plain Python: everything stays what it is."""

    def helper(self, function: FunctionType) -> Any:
        return function

    def intrinsic(self, function: FunctionType) -> Any:
        return function

    def cast(self, dtype: Dtype) -> Any:
        return dtype


def uses(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The globals that a function may name, and what they are in its own module.

    Attributes that are called like a global come along: too much is hashed then, never too little.
    """
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield name, function.__globals__[name]


@cache
def reach(function: FunctionType) -> tuple[FunctionType, ...]:
    """The function and every helper and intrinsic it leads to, callees first.

    Raises
    ------
    TypeError
        If helpers call each other in a circle (they are inlined), or a function has a closure.
    """
    found: dict[FunctionType, None] = {}
    path: list[FunctionType] = []

    def visit(f: FunctionType) -> None:
        if f in path:
            raise TypeError(f"{f.__qualname__} calls itself: helpers are inlined")
        if f.__code__.co_freevars:
            raise TypeError(f"{f.__qualname__} reads {f.__code__.co_freevars[0]} of an enclosing function")
        if f in found:
            return
        path.append(f)
        for _, value in uses(f):
            if hasattr(value, ROLE):
                visit(value)
        path.pop()
        found[f] = None

    visit(function)
    return tuple(found)


class Linker:
    """Rebuilds functions for one toolchain; remembers them, so that what can be shared is."""

    def __init__(self, toolchain: Toolchain) -> None:
        self.toolchain = toolchain
        self._done: dict[tuple[Any, ...], Any] = {}

    def link(self, function: FunctionType, flags: Mapping[str, bool]) -> FunctionType:
        """`function` itself rebuilt, its helpers as the toolchain makes them."""
        reach(function)  # refuses what cannot be inlined
        namespace = {"__builtins__": __builtins__, "__name__": function.__module__}
        for name, value in uses(function):
            namespace[name] = self._replace(value, name, function, flags)
        made = FunctionType(function.__code__, namespace, function.__name__, function.__defaults__)
        made.__qualname__, made.__module__ = function.__qualname__, function.__module__
        return made

    def _replace(self, value: Any, name: str, user: FunctionType, flags: Mapping[str, bool]) -> Any:
        if isinstance(value, Flag):
            if name not in flags:
                raise TypeError(f"{user.__module__}.{user.__name__} depends on {name}; the variant does not set it")
            return bool(flags[name])
        if isinstance(value, Dtype):
            return self.toolchain.cast(value)
        role = getattr(value, ROLE, None)
        if role == "intrinsic":
            return self._once((value,), lambda: self.toolchain.intrinsic(value))
        if role == "inline":
            key = (value, *((n, flags.get(n)) for n in flags_in_reach(value)))
            return self._once(key, lambda: self.toolchain.helper(self.link(value, flags)))
        if type(value) not in (bool, int, float) and value is not math and _reads_global(user, name):
            raise TypeError(
                f"{user.__module__}.{user.__name__} reads {name}, a {type(value).__name__}; of its module a kernel may "
                "read numbers, flags, dtypes, math, and functions marked with @inline"
            )
        return value

    def _once(self, key: tuple[Any, ...], make: Any) -> Any:
        if key not in self._done:
            self._done[key] = make()
        return self._done[key]


def _reads_global(function: FunctionType, name: str) -> bool:
    """Whether a name of the function's code is a global, not an attribute that happens to be called the same."""
    import dis

    return any(i.argval == name and i.opname == "LOAD_GLOBAL" for i in dis.get_instructions(function))


@cache
def flags_in_reach(function: FunctionType) -> tuple[str, ...]:
    """Names of the flags on which a function depends, directly or through its helpers; sorted."""
    return tuple(sorted({n for f in reach(function) for n, value in uses(f) if isinstance(value, Flag)}))

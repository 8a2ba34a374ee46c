"""The kernel language: one source, three ways of running it, bit for bit the same.

    ahead of time   the wheel carries the kernels as a shared library, loaded by ctypes; numba is not imported
    JIT             that build, run at first use: one kernel module and variant at a time, kept in the user's cache
    plain Python    for tests, coverage and debugging, and where nothing can compile

`inline` marks a helper and `kernel` an entry; neither imports numba. A kernel resolves at its first call to the first
way that is at hand; the environment variable ``OPTIKIT_KERNELS`` (``aot``, ``jit``, ``python`` or ``checked``) forces
one. ``checked`` compiles with every index, stored value and divisor checked: slower, for tests.

The language is a subset of Python: numbers, flat arrays of structures (``p.dist[u * n + v]``), ``if``, ``while``,
``for`` over a ``range``, helpers, `math`. No allocation, no exceptions, no NumPy. Integers are int64, and uint64 where
an array, a parameter or a cast says ``u8``; elements of narrower arrays are read as int64. Three things are the
kernel's own care, since machine code does not look: int64 sums stay below 2**63, uint64 sums are masked, divisors are
not 0.
"""

from __future__ import annotations

import contextlib
import operator
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from optikit._brisk import brisk
from optikit.errors import UnsupportedError
from optikit.kernels import native
from optikit.kernels.link import ROLE, Flag, Interpreter, Linker, flags_in_reach
from optikit.kernels.native import Unavailable, on_compile
from optikit.kernels.python import CheckedView, plain_view
from optikit.kernels.structure import Arrays, Dtype, IntegerDtype, array, f8, i4, i8, scalar, u1, u4, u8

if TYPE_CHECKING:
    from optikit.kernels.background import Maker

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = [
    "Arrays", "Flag", "Kernel", "Unavailable", "Variant", "array", "f8", "i4", "i8", "inline", "intrinsic", "kernel",
    "on_compile", "scalar", "u1", "u4", "u8",
]  # fmt: skip

PLAIN = "plain"  # the only variant of a kernel without flags


def inline(function: F) -> F:
    """Mark a helper: kernels and other helpers may call it, and it is inlined into them."""
    setattr(function, ROLE, "inline")
    return function


def intrinsic(function: F) -> F:
    """Mark a helper whose compiled form is not its Python body but an instruction sequence known to the compiler."""
    setattr(function, ROLE, "intrinsic")
    return function


@overload
def kernel(function: Callable[..., Any], /) -> Kernel: ...
@overload
def kernel(*, variants: Mapping[str, Mapping[str, bool]]) -> Callable[[Callable[..., Any]], Kernel]: ...
def kernel(function: Any = None, /, *, variants: Any = None) -> Any:
    """Make a kernel of a function: an entry that Python calls.

    Every parameter is annotated with a structure (a subclass of `Arrays`) or with i8, u8 or f8, the result with i8,
    u8, f8 or None. Calls take positional arguments only, and release the GIL when compiled.

    Parameters
    ----------
    variants : mapping of str to mapping of str to bool, optional
        For each variant the values of its flags: ``{"matrix": {"HAS_MATRIX": True}}``. Such a kernel is called as
        ``advance["matrix"](...)``.

    Examples
    --------
    >>> @kernel
    ... def add(a: i8, b: i8) -> i8:
    ...     return a + b
    >>> add.using("python")(2, 3)
    5
    """
    if function is None:
        return lambda f: Kernel(f, variants)
    return Kernel(function, variants)


class Signature(NamedTuple):
    """What crosses into a kernel and back: structures by the address of their table, numbers by value."""

    name: str
    parameters: dict[str, type[Arrays] | Dtype]
    returns: Dtype | None

    @classmethod
    def of(cls, function: FunctionType) -> Signature:
        """Read the annotations of a kernel; TypeError where one is missing or of another kind."""
        code, notes = function.__code__, dict(function.__annotations__)
        for name, note in notes.items():
            if isinstance(note, str):  # from __future__ import annotations
                notes[name] = eval(note, function.__globals__)
        parameters: dict[str, Any] = {}
        for name in code.co_varnames[: code.co_argcount]:
            kind = notes.get(name)
            if not (_by_value(kind) or (isinstance(kind, type) and issubclass(kind, Arrays))):
                raise TypeError(f"{function.__qualname__}({name}): annotate a subclass of Arrays, i8, u8 or f8")
            parameters[name] = kind
        returns = notes.get("return", "")
        if returns is not None and not _by_value(returns):
            raise TypeError(f"{function.__qualname__}: annotate the result with i8, u8, f8 or None")
        return cls(function.__name__, parameters, returns)

    def check(self, args: tuple[Any, ...]) -> list[Any]:
        """The arguments, numbers converted to Python's own; TypeError or ValueError where one does not fit."""
        if len(args) != len(self.parameters):
            raise TypeError(f"{self.name}() takes {len(self.parameters)} arguments, {len(args)} given")
        checked = []
        for arg, (name, kind) in zip(args, self.parameters.items(), strict=True):
            if isinstance(kind, IntegerDtype):
                try:
                    arg = operator.index(arg)
                except TypeError:
                    raise TypeError(f"{self.name}({name}) is {arg!r}; an integer expected") from None
                if not kind.low <= arg <= kind.high:
                    raise ValueError(f"{self.name}({name}) is {arg}; {kind} holds {kind.low} to {kind.high}")
            elif isinstance(kind, Dtype):
                arg = float(arg)
            elif not isinstance(arg, kind):
                raise TypeError(f"{self.name}({name}) is a {type(arg).__name__}; {kind.__name__} expected")
            checked.append(arg)
        return checked


def _by_value(kind: object) -> bool:
    return kind is i8 or kind is u8 or kind is f8


class Kernel:
    """An entry of compiled code, with one or several variants."""

    def __init__(self, function: FunctionType, variants: Mapping[str, Mapping[str, bool]] | None) -> None:
        self.function = self.__wrapped__ = function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__
        self.signature = Signature.of(function)
        given = {PLAIN: {}} if variants is None else variants
        self.variants = {name: Variant(self, name, dict(flags)) for name, flags in given.items()}
        _MODULES.setdefault(function.__module__, {})[function.__name__] = self

    def __getitem__(self, variant: str) -> Variant:
        try:
            return self.variants[variant]
        except KeyError:
            raise KeyError(f"{self.__name__} has the variants {', '.join(self.variants)}; not {variant}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.variants)

    def __call__(self, *args: Any) -> Any:
        return self._only()(*args)

    def using(self, way: str) -> Callable[..., Any]:
        """See `Variant.using`; for a kernel without variants."""
        return self._only().using(way)

    def resolve(self) -> str:
        """Make every variant ready, as the first calls would; returns the way. See `Variant.resolve`."""
        ways = [variant.resolve() for variant in self.variants.values()]
        return ways[0]

    @property
    def module(self) -> str:
        """The module that declares the kernel."""
        return self.__module__

    @property
    def way(self) -> str | None:
        """How the kernel runs: "aot", "jit", "python" or "checked"; None before the first call."""
        return next((v.way for v in self.variants.values() if v.way is not None), None)

    def _only(self) -> Variant:
        if PLAIN not in self.variants:
            raise TypeError(f"{self.__name__} has variants; call {self.__name__}[{next(iter(self.variants))!r}]")
        return self.variants[PLAIN]

    def __repr__(self) -> str:
        return f"<kernel {self.__module__}.{self.__qualname__}>"

    def __reduce__(self) -> str:
        return self.__qualname__


class Variant:
    """A kernel with its flags set: what is called."""

    def __init__(self, kernel: Kernel, name: str, flags: dict[str, bool]) -> None:
        self.kernel, self.name, self.flags = kernel, name, flags
        self.way: str | None = None
        self._maker: Maker | None = None
        self._calls: dict[str, Callable[..., Any]] = {}
        self._call: Callable[..., Any] = self._first_call

    def __call__(self, *args: Any) -> Any:
        return self._call(*args)

    def _first_call(self, *args: Any) -> Any:
        self.resolve()
        return self._call(*args)

    def resolve(self) -> str:
        """Choose the way, and compile if it comes to that; what the first call does. Returns the way.

        Raises
        ------
        Unavailable
            If ``OPTIKIT_KERNELS`` forces a way that is not at hand.
        """
        if self.way is None and _forked:
            self.ready(_LONG)  # numba here may be locked for good
        elif self.way is None and self._maker is not None:
            self._maker.wait(None)
        return self._resolve()

    def _resolve(self) -> str:
        with _LOCK:
            if self.way is None:
                self._call, self.way = self._choose()
        return self.way

    def ready(self, seconds: float) -> bool:
        """Whether the kernel can be called without waiting, after waiting at most so long for it to be compiled.

        Compiling takes seconds, once; it goes on in a process of its own, also when the caller has no more time, so that
        the next caller finds it done. Such a caller may run the kernel by ``using("python")`` meanwhile.
        """
        if self.way is None:
            with _STARTING, brisk:
                if self._maker is None and self._must_compile():
                    self._maker = self._start()
            if self._maker is None or self._maker.wait(max(0.0, seconds)):
                with brisk:
                    self._resolve()  # raises here what was raised there
        return self.way is not None

    @property
    def at_hand(self) -> bool:
        """Whether the first call takes no more than milliseconds: an object from the user's cache takes some 50 to load."""
        forced = os.environ.get("OPTIKIT_KERNELS")
        if self.way is not None or forced == "python":
            return True
        with contextlib.suppress(Unavailable):
            native.from_library(kernels_of(self.kernel.__module__), self.name)
            return forced in (None, "", "aot")
        return False

    def _must_compile(self) -> bool:
        """Whether the first call would take seconds."""
        forced = os.environ.get("OPTIKIT_KERNELS")
        kernels = kernels_of(self.kernel.__module__)
        try:
            if not forced:
                with contextlib.suppress(Unavailable):
                    native.from_library(kernels, self.name)
                    return False
            if forced in (None, "", "jit", "checked"):
                return not native.has_object(kernels, self.name, checked=forced == "checked")
        except Unavailable:
            pass
        return False

    def _start(self) -> Maker:
        from optikit.kernels.background import MakerProcess, MakerThread

        module = self.kernel.__module__
        try:
            if module != "__main__":
                checked = os.environ.get("OPTIKIT_KERNELS") == "checked"
                return MakerProcess(kernels_of(module), self.name, checked, self._resolve)
        except OSError:  # no process can be started here
            pass
        return MakerThread(self._resolve)

    def within(self, seconds: float) -> Callable[..., Any]:
        """The kernel, or the same as plain Python where it is still being compiled after so many seconds."""
        return self if self.ready(seconds) else self.using("python")

    def _choose(self) -> tuple[Callable[..., Any], str]:
        forced = os.environ.get("OPTIKIT_KERNELS")
        if forced:
            try:
                return self.using(forced), forced
            except Unavailable as reason:
                raise Unavailable(f"OPTIKIT_KERNELS is {forced!r}, but {reason}; unset it for what there is") from None
        reasons = []
        for way in ("aot", "jit"):
            try:
                return self.using(way), way
            except Unavailable as reason:
                reasons.append(str(reason))
        _warn_python(reasons)
        return self.using("python"), "python"

    def using(self, way: str) -> Callable[..., Any]:
        """The kernel run in one particular way, whatever the others would choose.

        Parameters
        ----------
        way : {"aot", "jit", "python", "checked"}

        Raises
        ------
        Unavailable
            If that way is not at hand here.
        """
        if way not in _WAYS:
            raise UnsupportedError(f"OPTIKIT_KERNELS is {way!r}; expected one of {', '.join(_WAYS)}")
        if way == "python" and way not in self._calls:
            # Without the lock: this way serves those who do not wait for another thread that compiles.
            self._calls[way] = _python(self)
        if way in self._calls:
            return self._calls[way]
        with _LOCK:
            if way not in self._calls:
                self._calls[way] = _WAYS[way](self)
            return self._calls[way]

    def __repr__(self) -> str:
        return f"<{self.kernel.__module__}.{self.kernel.__qualname__}[{self.name!r}]>"

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.getitem, (self.kernel, self.name)


_MODULES: dict[str, dict[str, Kernel]] = {}  # the kernels of each module: what is compiled together
_LOCK = threading.RLock()  # threads compile once
_STARTING = threading.Lock()  # and start one thread to do it
_LONG = 1e6  # seconds
_forked = False


def _begin_anew() -> None:
    """In a fork: of the locks that threads of the parent held, nobody is left to release any."""
    global _LOCK, _STARTING, _forked
    _LOCK, _STARTING, _forked = threading.RLock(), threading.Lock(), True


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_anew)
_INTERPRETED = Linker(Interpreter())


def kernels_of(module: str) -> list[Kernel]:
    """The kernels that a module declares, by name."""
    return [kernel for _, kernel in sorted(_MODULES.get(module, {}).items())]


def _python(variant: Variant, view: Callable[..., Any] = plain_view) -> Callable[..., Any]:
    function = _INTERPRETED.link(variant.kernel.function, variant.flags)
    check, returns = variant.kernel.signature.check, variant.kernel.signature.returns

    def call(*args: Any) -> Any:
        result = function(*(a._view(view) if isinstance(a, Arrays) else a for a in check(args)))
        return result if returns is None else returns(result)

    return call


def _compiled(variant: Variant, load: Callable[..., native.Code]) -> Callable[..., Any]:
    flags_in_reach(variant.kernel.function)  # refuses what cannot be linked before anything else does
    signature = variant.kernel.signature
    kernels = kernels_of(variant.kernel.__module__)
    return load(kernels, variant.name).entry(signature, native.symbol(variant.kernel, variant.name))


def _aot(variant: Variant) -> Callable[..., Any]:
    return _compiled(variant, native.from_library)


def _jit(variant: Variant) -> Callable[..., Any]:
    return _compiled(variant, native.from_cache)


def _checked(variant: Variant) -> Callable[..., Any]:
    try:
        return _compiled(variant, native.checked)
    except Unavailable:
        return _python(variant, CheckedView)


_WAYS: dict[str, Callable[[Variant], Callable[..., Any]]] = {
    "aot": _aot, "jit": _jit, "python": _python, "checked": _checked,
}  # fmt: skip


def _warn_python(reasons: list[str]) -> None:
    global _warned
    if _warned:
        return
    import contextlib
    import logging
    import warnings

    _warned = True
    said = f'kernels run as plain Python, some hundred times slower: {"; ".join(reasons)}; pip install "optikit[jit]" compiles them'
    logging.getLogger("optikit").warning(said)
    with contextlib.suppress(UserWarning):  # a log is seen by whoever has set one up, a warning by everybody
        warnings.warn(said, UserWarning, stacklevel=2)


_warned = False

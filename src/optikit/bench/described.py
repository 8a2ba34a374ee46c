"""Values and code as text: equal for equal ones in every process, and different for different ones.

What makes a run cannot be told by `repr`: it shortens arrays, shows addresses of functions and an order of sets that
changes from process to process, and says nothing of what a function does.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import types
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

import numpy as np

from ..core.problem import Problem

_OF_CLASSES = frozenset(vars(type("_", (), {}))) | {"__annotations__", "__abstractmethods__", "_abc_impl", "__firstlineno__"}
"""What every class has, and says nothing of its own."""

_OF_DATACLASSES = frozenset({"__dataclass_fields__", "__dataclass_params__", "__match_args__"})
_WRITTEN = {"__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__", "__setattr__", "__delattr__"}
"""What `dataclasses` adds to a class: its fields say all of it."""


class Describer:
    """Describes values; notes the modules whose sources belong to them, and reads code that has no source file itself.

    Parameters
    ----------
    has_source : callable
        Whether a module (by its name) has a source file: then that file stands for what is defined there.
    """

    def __init__(self, has_source: Callable[[str], bool]) -> None:
        self.has_source = has_source
        self.modules: set[str] = set()
        self._within: set[int] = set()
        self._told: dict[int, str] = {}  # functions and classes, which may be reached in many ways

    def plain(self, value: Any) -> Any:
        """A value as JSON takes it; what JSON does not know, by its type and a hash of its content."""
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if id(value) in self._within:
            return "..."  # within itself
        self._within.add(id(value))
        try:
            return self._described(value)
        finally:
            self._within.discard(id(value))

    def _described(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key if isinstance(key, str) else self.text(key): self.plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(item) for item in value]
        if isinstance(value, Set):
            return sorted((self.plain(item) for item in value), key=json.dumps)
        if isinstance(value, np.generic):
            return self.plain(value.item())
        if isinstance(value, np.ndarray):
            content = self.text(value.tolist()).encode() if value.dtype.hasobject else np.ascontiguousarray(value).tobytes()
            return f"array of shape {value.shape}, {value.dtype}, {_digest(content)}"
        if isinstance(value, Problem):
            self.plain(type(value))
            return f"{type(value).__qualname__} {value.fingerprint}"
        if isinstance(value, types.ModuleType):
            self.modules.add(value.__name__)
            return value.__name__
        if isinstance(value, types.CodeType):
            return self._of_code(value)
        if isinstance(value, types.FunctionType | type):
            if id(value) not in self._told:
                self._told[id(value)] = self._of_class(value) if isinstance(value, type) else self._of_function(value)
            return self._told[id(value)]
        if isinstance(value, types.MethodType | staticmethod | classmethod):
            return [self.plain(value.__func__), self.plain(getattr(value, "__self__", None))]
        if isinstance(value, functools.partial):
            return [self.plain(part) for part in (value.func, value.args, value.keywords)]
        if isinstance(value, property):
            return [self.plain(part) for part in (value.fget, value.fset)]
        if dataclasses.is_dataclass(value):
            return {
                "class": self.plain(type(value)),
                **{f.name: self.plain(getattr(value, f.name)) for f in dataclasses.fields(value)},
            }
        inner = getattr(value, "__wrapped__", getattr(value, "py_func", None))  # of functools.cache, of numba
        if isinstance(inner, types.FunctionType):
            return [_name(type(value)), self.plain(inner)]
        return f"{_name(type(value))} {self._pickled(value)}"

    def text(self, value: Any) -> str:
        """`plain`, as one text."""
        return json.dumps(self.plain(value), sort_keys=True)

    def _pickled(self, value: Any) -> str:
        import cloudpickle

        self.plain(type(value))
        try:
            return _digest(cloudpickle.dumps(value))
        except Exception:  # pickling runs code of the value's own
            return ""

    def _of_function(self, function: types.FunctionType) -> str:
        cells = [_content(cell) for cell in function.__closure__ or ()]
        parts = [function.__code__, function.__defaults__, function.__kwdefaults__, cells]
        module = str(function.__module__)
        if self.has_source(module):
            self.modules.add(module)
        else:  # what it calls may be nowhere else either
            parts.append({name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__})
        return f"{_name(function)} {_digest(self.text(parts).encode())}"

    def _of_code(self, code: types.CodeType) -> list[Any]:
        return [code.co_code.hex(), list(code.co_names), [self.plain(item) for item in code.co_consts]]

    def _of_class(self, cls: type) -> str:
        own = [base for base in cls.__mro__ if base.__module__ != "builtins"]
        self.modules.update(base.__module__ for base in own if self.has_source(base.__module__))
        nowhere = [base for base in own if not self.has_source(base.__module__) and base.__module__ == cls.__module__]
        if not nowhere:
            return _name(cls)
        known = _OF_CLASSES | _OF_DATACLASSES
        content = [
            {name: item for name, item in vars(base).items() if name not in known and not _generated(item)} for base in nowhere
        ]
        return f"{_name(cls)} {_digest(self.text(content).encode())}"


def _names(code: types.CodeType) -> Iterator[str]:
    """Names that a function, and those within it, look up."""
    yield from code.co_names
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            yield from _names(item)


def _generated(item: Any) -> bool:
    code = getattr(getattr(item, "__wrapped__", item), "__code__", None)
    return code is not None and code.co_filename == "<string>" and code.co_name in _WRITTEN


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

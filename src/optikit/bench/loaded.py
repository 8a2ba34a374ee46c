"""Whether a module that is imported is still what its file says: in a notebook, files are edited while Python runs."""

from __future__ import annotations

import ast
import os
import sys
import time
import types
from collections.abc import Iterator

from .described import Describer

BEGAN = time.time()
"""Files that are older were not edited since."""


def is_edited(module: str, path: str, source: bytes) -> bool:
    """Whether functions or constants of an imported module differ from those of its file, which has changed since.

    What is run is what was imported, and its results would be kept as those of the file.
    """
    loaded = sys.modules.get(module)
    if loaded is None or os.path.getmtime(path) <= BEGAN:
        return False
    try:
        tree = ast.parse(source)
        written = {code.co_qualname: code for code in _codes(compile(tree, path, "exec", dont_inherit=True))}
    except SyntaxError:
        return True
    told = Describer(lambda name: True).text
    differs = any(
        function.__qualname__ in written and told(function.__code__) != told(written[function.__qualname__])
        for function in _functions(loaded)
    )
    return differs or any(getattr(loaded, name, value) != value for name, value in _constants(tree))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            yield item
            yield from _codes(item)


def _functions(module: types.ModuleType) -> Iterator[types.FunctionType]:
    """Functions of a module, and methods of its classes."""
    for thing in list(vars(module).values()):
        members = list(vars(thing).values()) if isinstance(thing, type) else [thing]
        for member in members:
            function = getattr(member, "__func__", member)
            if isinstance(function, types.FunctionType) and function.__module__ == module.__name__:
                yield function


def _constants(tree: ast.Module) -> Iterator[tuple[str, object]]:
    """Numbers and texts that names stand for."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, bool | int | float | str):
            yield target.id, value.value

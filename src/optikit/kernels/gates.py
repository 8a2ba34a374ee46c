"""What a compiled kernel may not contain, found before it runs. Imported only to compile."""

from __future__ import annotations

import operator
from typing import Any

from numba.core import ir

# What compiled kernels may call. Anything else would need Python, numba's runtime, or a maths library of other bits.
ALLOWED = frozenset({
    "clock_gettime", "QueryPerformanceCounter", "QueryPerformanceFrequency", "memcpy", "memmove", "memset",
    "exp", "log", "log2", "log10", "log1p", "expm1", "pow", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "sinh", "cosh", "tanh", "hypot", "cbrt", "floor", "ceil", "trunc", "fmod", "erf", "lgamma",
})  # fmt: skip

# Operators whose result depends on whether the word is signed; shifts by a signed number and comparisons are safe.
_MIXING = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.floordiv: "//", operator.mod: "%",
    operator.and_: "&", operator.or_: "|", operator.xor: "^", operator.pow: "**",
    operator.iadd: "+=", operator.isub: "-=", operator.imul: "*=", operator.ifloordiv: "//=", operator.imod: "%=",
    operator.iand: "&=", operator.ior: "|=", operator.ixor: "^=", operator.ipow: "**=",
}  # fmt: skip


def refuse_foreign_calls(module: Any) -> None:
    """TypeError if an LLVM module needs a function that is not in `ALLOWED`; the message names it."""
    for function in module.functions:
        name = function.name
        intrinsic = name.startswith("llvm.") and not name.startswith("llvm.powi")  # powi is a call in disguise
        if function.is_declaration and not intrinsic and name not in ALLOWED:
            raise TypeError(f"a kernel calls {name}, which compiled kernels may not")


def refuse_mixed_signs(result: Any) -> None:
    """TypeError where u8 and i8 meet in one operation of a compiled function.

    numba would make an int64 of them, and of an `if` between them a float64; Python keeps the number. They would
    differ from the sixty-fourth bit on, in silence.
    """
    notes = result.type_annotation
    for block in notes.blocks.values():
        for statement in block.find_insts(ir.Assign):
            clash = _clash(statement, notes.typemap)
            if clash:
                where = f"{statement.loc.filename}:{statement.loc.line}"
                raise TypeError(f"{where}: u8 and i8 meet in {clash}: cast one of them")


def _clash(statement: ir.Assign, kinds: dict[str, Any]) -> str | None:
    value = statement.value
    if isinstance(value, ir.Var):
        sources = [value]
    elif not isinstance(value, ir.Expr):
        return None
    elif value.op in ("binop", "inplace_binop"):
        operands = [kinds[value.lhs.name], kinds[value.rhs.name]]
        mixed = any(map(_unsigned, operands)) and any(map(_signed, operands))
        return f"'{_MIXING[value.fn]}'" if mixed and value.fn in _MIXING else None
    elif value.op == "phi":
        sources = [v for v in value.incoming_values if v is not ir.UNDEFINED]
    else:
        return None
    target = kinds[statement.target.name]
    if not _unsigned(target) and any(_unsigned(kinds[v.name]) for v in sources):
        name = statement.target.name.split(".")[0]
        return "a conditional expression" if name.startswith("$") else f"'{name}'"
    return None


def _unsigned(kind: Any) -> bool:
    return getattr(kind, "signed", None) is False


def _signed(kind: Any) -> bool:
    return getattr(kind, "signed", None) is True

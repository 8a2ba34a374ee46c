"""Structures, their arrays and the intrinsics, as numba types. Imported only to compile.

A structure is the address of its table. A member is loaded from there with `invariant.load`, so LLVM reads it once and
keeps it in a register, as it would a pointer argument, yet a helper that takes a structure takes one word.
"""

from __future__ import annotations

import itertools
import operator
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_getattr_generic, models, register_model

from optikit.kernels.structure import Arrays, Field

_WORD = ir.IntType(64)
_STORED = {
    "i4": ir.IntType(32), "i8": _WORD, "u1": ir.IntType(8), "u4": ir.IntType(32), "u8": _WORD, "f8": ir.DoubleType(),
}  # fmt: skip
_SERIAL = itertools.count()  # numba takes types of one name for one type, and a notebook may define a class twice
NUMBA = {"i8": types.int64, "u8": types.uint64, "f8": types.float64}


def element_type(dtype: str) -> Any:
    """What an element is once read. Narrow integers become int64, so that arithmetic is that of Python's ints."""
    return NUMBA.get(dtype, types.int64)


class ArrayType(types.Type):
    """One array of a structure: its address; checked, the address of its slot in the table."""

    def __init__(self, owner: type[Arrays], field: Field, checked: bool) -> None:
        self.field, self.checked, self.count = field, checked, len(owner.fields)
        self.element = element_type(field.dtype.name)
        self.stored = _STORED[field.dtype.name]
        kind = f"{owner.__module__}.{owner.__name__}.{field.name}" if checked else field.dtype.name
        super().__init__(f"optikit.array({kind}, {'mutable' if field.mutable else 'read-only'})")


class StructureType(types.Type):
    """A structure: the address of its table."""

    def __init__(self, owner: type[Arrays], checked: bool) -> None:
        self.members = {
            name: NUMBA.get(field.dtype.name, types.int64) if field.shape is None else ArrayType(owner, field, checked)
            for name, field in owner.fields.items()
        }
        self.index = {name: field.index for name, field in owner.fields.items()}
        super().__init__(f"optikit.{owner.__module__}.{owner.__qualname__}{'!' if checked else ''}#{next(_SERIAL)}")


@register_model(ArrayType)
@register_model(StructureType)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(8).as_pointer())


@infer_getattr
class _Member(AttributeTemplate):
    key = StructureType

    def generic_resolve(self, structure: StructureType, name: str) -> Any:
        return structure.members.get(name)


@lower_getattr_generic(StructureType)
def _read_member(context: Any, builder: Any, kind: StructureType, table: Any, name: str) -> Any:
    member = kind.members[name]
    slot = builder.gep(builder.bitcast(table, _WORD.as_pointer()), [_WORD(kind.index[name])])
    if isinstance(member, ArrayType) and member.checked:
        return builder.bitcast(slot, ir.IntType(8).as_pointer())
    held = context.get_value_type(member)
    word = builder.load(builder.bitcast(slot, held.as_pointer()))
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index = args
        if isinstance(array, ArrayType) and isinstance(index, types.Integer):
            return signature(array.element, array, types.int64)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index, value = args
        if not (isinstance(array, ArrayType) and array.field.mutable and isinstance(index, types.Integer)):
            return None
        if _fits(value, array.element):
            return signature(types.none, array, types.int64, array.element)
        return None


def _fits(value: Any, element: Any) -> bool:
    """Whether Python's array would take such a value: no floats among integers, no signed numbers among unsigned."""
    if element is types.float64:
        return isinstance(value, types.Integer | types.Float | types.Boolean)
    if isinstance(value, types.IntegerLiteral):
        return element is types.int64 or value.literal_value >= 0
    return isinstance(value, types.Boolean) or getattr(value, "signed", None) is element.signed


@lower_builtin(operator.getitem, ArrayType, types.Integer)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    array = sig.args[0]
    stored = builder.load(_element(context, builder, array, *args))
    if array.field.dtype.name == "i4":
        return builder.sext(stored, _WORD)
    return builder.zext(stored, _WORD) if array.field.dtype.name in ("u1", "u4") else stored


@lower_builtin(operator.setitem, ArrayType, types.Integer, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    array = sig.args[0]
    address, index, value = args
    place = _element(context, builder, array, address, index)
    name = array.field.dtype.name
    if name in ("i4", "u1", "u4"):
        whole, value = value, builder.trunc(value, array.stored)
        if array.checked:
            back = (builder.sext if name == "i4" else builder.zext)(value, _WORD)
            _refuse_if(context, builder, array, address, builder.icmp_signed("!=", back, whole), index, whole, 1)
    builder.store(value, place)
    return context.get_dummy_value()


def _element(context: Any, builder: Any, array: ArrayType, address: Any, index: Any) -> Any:
    """The address of an element; in checked code after making sure that it is one."""
    if array.checked:
        slot = builder.bitcast(address, _WORD.as_pointer())
        length = builder.load(builder.gep(slot, [_WORD(array.count)]))
        outside = builder.icmp_unsigned(">=", index, length)  # a negative index is a huge unsigned one
        _refuse_if(context, builder, array, address, outside, index, length, 0)
        address = builder.load(builder.bitcast(address, ir.IntType(8).as_pointer().as_pointer()))
    return builder.gep(builder.bitcast(address, array.stored.as_pointer()), [index])


def _refuse_if(context: Any, builder: Any, array: ArrayType, address: Any, bad: Any, index: Any, value: Any, kind: int) -> None:
    """Leave word of the fault at the end of the table, and leave the kernel with an error status."""
    with builder.if_then(bad, likely=False):
        slot = builder.bitcast(address, _WORD.as_pointer())
        tail = 2 * array.count - array.field.index
        for offset, word in enumerate((_WORD(1 + array.field.index + kind * array.count), index, value)):
            builder.store(word, builder.gep(slot, [_WORD(tail + offset)]))
        context.call_conv.return_user_exc(builder, IndexError, ())


@intrinsic
def load_relaxed(typing: Any, array: Any, index: Any) -> Any:
    """An atomic load without ordering: LLVM may not move it out of a loop."""
    if not (isinstance(array, ArrayType) and array.stored == _WORD and isinstance(index, types.Integer)):
        return None

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load_atomic(_element(context, builder, sig.args[0], *args), "monotonic", 8)

    return signature(array.element, array, types.int64), build


def _declare(builder: Any, name: str, returns: Any, *parameters: Any) -> Any:
    module = builder.module
    found = module.globals.get(name)
    return found or ir.Function(module, ir.FunctionType(returns, parameters), name)


def _posix_clock(number: int) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        timespec = ir.LiteralStructType([_WORD, _WORD])
        cell = builder.alloca(timespec)
        narrow = ir.IntType(32)
        clock_gettime = _declare(builder, "clock_gettime", narrow, narrow, timespec.as_pointer())
        builder.call(clock_gettime, [narrow(number), cell])
        seconds, rest = (builder.load(builder.gep(cell, [narrow(0), narrow(k)])) for k in (0, 1))
        return builder.add(builder.mul(seconds, _WORD(10**9)), rest)

    return build


def _windows_clock(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    ticks, per_second = (_windows_counter(builder, f"QueryPerformance{n}") for n in ("Counter", "Frequency"))
    second = _WORD(10**9)
    whole = builder.mul(builder.sdiv(ticks, per_second), second)
    return builder.add(whole, builder.sdiv(builder.mul(builder.srem(ticks, per_second), second), per_second))


def _windows_counter(builder: Any, name: str) -> Any:
    cell = builder.alloca(_WORD)
    builder.call(_declare(builder, name, ir.IntType(32), _WORD.as_pointer()), [cell])
    return builder.load(cell)


@intrinsic
def now_ns(typing: Any) -> Any:
    """The clock of `optikit.kernels.clock.now_ns` on the platform that is compiled for."""
    import sys

    if sys.platform == "win32":
        return signature(types.int64), _windows_clock
    return signature(types.int64), _posix_clock(8 if sys.platform == "darwin" else 1)


INTRINSICS = {"load_relaxed": load_relaxed, "now_ns": now_ns}

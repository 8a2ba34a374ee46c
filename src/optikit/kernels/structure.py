"""Structures: the arrays of a kernel, with dtype, shape and meaning stated once.

A structure is a class whose attributes are made by `array` and `scalar`. Binding data to it checks everything that a
compiled kernel takes on trust, then writes the addresses into one int64 table, which is all that crosses into a
kernel.
"""

from __future__ import annotations

import operator
from types import CodeType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from typing import Self, TypeAlias

    i4: TypeAlias = int
    i8: TypeAlias = int
    u1: TypeAlias = int
    u4: TypeAlias = int
    u8: TypeAlias = int
    f8: TypeAlias = float


class Dtype:
    """A scalar type of the kernel language: an annotation, the dtype of an array, and a cast."""

    __slots__ = ("name", "numpy")

    def __init__(self, name: str, numpy: type[np.generic]) -> None:
        self.name = name
        self.numpy = np.dtype(numpy)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name

    def __call__(self, value: float) -> float:
        return float(value)


class IntegerDtype(Dtype):
    """An integer of fixed width; the cast wraps as a compiled cast does."""

    __slots__ = ("high", "low", "span")

    def __init__(self, name: str, numpy: type[np.integer]) -> None:
        super().__init__(name, numpy)
        info = np.iinfo(numpy)
        self.low, self.high = int(info.min), int(info.max)
        self.span = self.high - self.low + 1

    def __call__(self, value: float) -> int:
        return (int(value) - self.low) % self.span + self.low


if not TYPE_CHECKING:
    i4 = IntegerDtype("i4", np.int32)
    i8 = IntegerDtype("i8", np.int64)
    u1 = IntegerDtype("u1", np.uint8)
    u4 = IntegerDtype("u4", np.uint32)
    u8 = IntegerDtype("u8", np.uint64)
    f8 = Dtype("f8", np.float64)


class Field:
    """One declared member of a structure."""

    __slots__ = ("doc", "dtype", "index", "length", "mutable", "name", "shape")

    def __init__(self, dtype: Dtype, shape: str | None, doc: str, mutable: bool) -> None:
        if not isinstance(dtype, Dtype):
            raise TypeError(f"{dtype!r} is not one of i4, i8, u1, u4, u8, f8")
        self.dtype, self.shape, self.doc, self.mutable = dtype, shape, doc, mutable
        self.name = ""
        self.index = -1
        self.length: CodeType | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        extent = "" if self.shape is None else f"[{self.shape}]"
        return f"{self.name}: {self.dtype}{extent}"


def array(dtype: Any, shape: str | int, doc: str, *, mutable: bool = False) -> Any:
    """Declare an array of a structure.

    Parameters
    ----------
    dtype : i4, i8, u1, u4, u8 or f8
    shape : str or int
        Its length, as an expression over the scalars of the structure: ``"num_nodes * num_nodes"``. An array of any
        number of dimensions with that many elements may be bound; the kernel sees it flat, row by row.
    doc : str
        What an element means, with its unit.
    mutable : bool
        Whether kernels write into it. Only such an array must be writeable, and only into such an array can a kernel
        write at all.
    """
    return Field(dtype, str(shape), doc, mutable)


def scalar(dtype: Any, doc: str) -> Any:
    """Declare a number that a kernel reads by value: a count, a size, a weight."""
    return Field(dtype, None, doc, mutable=False)


_SHAPE_GLOBALS: dict[str, Any] = {"__builtins__": {"max": max, "min": min}}

# The tail of a table, written by checked kernels only: what went wrong, in which field, at which index or value.
FAULT_SLOTS = 3


class Arrays:
    """Base of structures.

    Declare the members in the class body with `array` and `scalar`; make an object with every member by keyword, or
    with `empty`. The arrays are used in place, never copied, and held for the lifetime of the object. Members cannot
    be rebound (a kernel would go on reading the old address): write into the array instead.

    Raises
    ------
    TypeError
        If a member is missing or unknown, is not an array, or has another dtype.
    ValueError
        If an array has another length, is not C-contiguous and aligned, or is read-only though kernels write into it.

    Examples
    --------
    >>> import numpy as np
    >>> class Tour(Arrays):
    ...     num_nodes = scalar(i8, "nodes of the tour")
    ...     order = array(i4, "num_nodes", "the nodes as visited", mutable=True)
    >>> Tour(num_nodes=3, order=np.zeros(2, np.int32))
    Traceback (most recent call last):
        ...
    ValueError: Tour.order has 2 elements; num_nodes = 3 expected
    >>> Tour.empty(num_nodes=3).order
    array([0, 0, 0], dtype=int32)
    """

    fields: ClassVar[dict[str, Field]] = {}

    _table: np.ndarray  # int64: addresses and scalars, then the lengths of the arrays, then FAULT_SLOTS words
    _address: int
    _views: dict[Any, SimpleNamespace]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: field for name, field in vars(cls).items() if isinstance(field, Field)}
        for name in own:
            if hasattr(Arrays, name) or name in cls.fields:
                raise TypeError(f"{cls.__name__}.{name}: the name is taken")
        cls.fields = {**cls.fields, **own}
        for index, (name, field) in enumerate(cls.fields.items()):
            field.index = index
            if field.shape is not None:
                field.length = compile(field.shape, f"{cls.__name__}.{name}", "eval")
                _check_shape(cls, field)

    def __init__(self, **members: Any) -> None:
        cls = type(self)
        _check_names(cls, members, missing=[name for name in cls.fields if name not in members])
        self._bind(members)

    @classmethod
    def empty(cls, **members: Any) -> Self:
        """The structure with the given members (every scalar, any of the arrays) and zeros in the other arrays."""
        missing = [name for name, field in cls.fields.items() if field.shape is None and name not in members]
        _check_names(cls, members, missing)
        scalars = {name: members[name] for name, field in cls.fields.items() if field.shape is None}
        for name, field in cls.fields.items():
            if name not in members:
                members[name] = np.zeros(_length(field, scalars), field.dtype.numpy)
        return cls(**members)

    def copy(self) -> Self:
        """An independent structure: mutable arrays are copied, the others shared."""
        cls = type(self)
        members = {name: getattr(self, name) for name in cls.fields}
        for name, field in cls.fields.items():
            if field.mutable:
                members[name] = members[name].copy()
        return cls(**members)

    def _bind(self, members: dict[str, Any]) -> None:
        cls = type(self)
        count = len(cls.fields)
        table = np.zeros(2 * count + FAULT_SLOTS, np.int64)
        values = {}
        for name, field in cls.fields.items():
            if field.shape is None:
                values[name] = _bind_scalar(cls, field, members[name], table)
        scalars = dict(values)
        for name, field in cls.fields.items():
            if field.shape is not None:
                values[name] = data = members[name]
                _check_array(cls, field, data, scalars)
                table[field.index] = data.ctypes.data
                table[count + field.index] = data.size
        self.__dict__.update(values, _table=table, _address=table.ctypes.data, _views={})

    def _view(self, wrap: Any) -> SimpleNamespace:
        """What plain Python kernels read: flat memoryviews (each through `wrap`) and numbers."""
        view = self._views.get(wrap)
        if view is None:
            view = SimpleNamespace()
            for name, field in type(self).fields.items():
                value = getattr(self, name)
                if field.shape is not None:
                    flat = memoryview(value.reshape(-1))
                    value = wrap(flat if field.mutable else flat.toreadonly(), f"{type(self).__name__}.{name}")
                setattr(view, name, value)
            self._views[wrap] = view
        return view

    def __setattr__(self, name: str, value: Any) -> None:
        if value is self.__dict__.get(name):  # `s.load += 1` writes in place, then assigns the same array
            return
        owner = type(self).__name__
        if name not in type(self).fields:
            raise AttributeError(f"{owner} has no member {name}")
        raise AttributeError(f"{owner}.{name} is bound to a kernel's table: write into it, or make another {owner}")

    def __repr__(self) -> str:
        cls = type(self)
        scalars = (f"{name}={getattr(self, name)}" for name, field in cls.fields.items() if field.shape is None)
        return f"{cls.__name__}({', '.join(scalars)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {name: getattr(self, name) for name in type(self).fields})


def _rebuild(cls: type[Arrays], members: dict[str, Any]) -> Arrays:
    return cls(**members)


def _length(field: Field, scalars: dict[str, Any]) -> int:
    return int(eval(field.length, _SHAPE_GLOBALS, scalars))  # type: ignore[arg-type]


def _check_shape(cls: type[Arrays], field: Field) -> None:
    assert field.length is not None
    for name in field.length.co_names:
        known = cls.fields.get(name)
        if name not in ("max", "min") and (known is None or known.shape is not None or known.dtype.name == "f8"):
            raise TypeError(f"{cls.__name__}.{field.name}: its shape names {name}, not an integer scalar of the class")


def _check_names(cls: type[Arrays], members: dict[str, Any], missing: list[str]) -> None:
    unknown = [name for name in members if name not in cls.fields]
    if unknown:
        raise TypeError(f"{cls.__name__} has no member {', '.join(unknown)}")
    if missing:
        raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")


def _bind_scalar(cls: type[Arrays], field: Field, value: Any, table: np.ndarray) -> Any:
    dtype = field.dtype
    if not isinstance(dtype, IntegerDtype):
        value = float(value)
        table.view(np.float64)[field.index] = value
        return value
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"{cls.__name__}.{field.name} is {value!r}; an integer expected") from None
    if not dtype.low <= value <= dtype.high:
        raise ValueError(f"{cls.__name__}.{field.name} is {value}; {dtype} holds {dtype.low} to {dtype.high}")
    table.view(np.uint64 if dtype.name == "u8" else np.int64)[field.index] = value
    return value


def _check_array(cls: type[Arrays], field: Field, data: Any, scalars: dict[str, Any]) -> None:
    name = f"{cls.__name__}.{field.name}"
    expected = field.dtype.numpy
    if not isinstance(data, np.ndarray):
        raise TypeError(f"{name} is a {type(data).__name__}; a numpy array of {expected} expected")
    if data.dtype != expected:
        raise TypeError(f"{name} is an array of {data.dtype}; {expected} expected")
    length = _length(field, scalars)
    if data.size != length:
        raise ValueError(f"{name} has {data.size} elements; {field.shape} = {length} expected")
    if not (data.flags.c_contiguous and data.flags.aligned):
        raise ValueError(f"{name} is not C-contiguous and aligned; pass np.ascontiguousarray(...)")
    if field.mutable and not data.flags.writeable:
        raise ValueError(f"{name} is read-only; kernels write into it")

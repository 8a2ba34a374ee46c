"""Frozen data: rebuilt from their fields when they are copied, and hashed by what they hold."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .keywords import Strict

_PLAIN = frozenset((str, int, float, bool, type(None)))


class Frozen(Strict):
    """Pickles and copies by building anew from its fields: arrays stay read-only, and what was cached stays behind."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self))  # type: ignore[arg-type]


def fingerprint(name: str, data: Any) -> str:
    """sha256 over ``name`` and the fields of a dataclass, in hexadecimal; the same on every machine."""
    digest = hashlib.sha256(name.encode())
    _feed_fields(digest, data)
    return digest.hexdigest()


def _feed_fields(digest: Any, data: Any) -> None:
    for field in dataclasses.fields(data):
        digest.update(b"\0" + field.name.encode() + b"\0")
        _feed(digest, getattr(data, field.name))


def _feed(digest: Any, value: Any) -> None:
    """Add a field to a hash, such that equal data give equal bytes on every platform."""
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        digest.update(f"{little.dtype.str}{little.shape}".encode())
        digest.update(little.data)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        digest.update(type(value).__name__.encode())
        _feed_fields(digest, value)
    elif isinstance(value, tuple | list):
        digest.update(f"({len(value)}".encode())
        if all(type(item) in _PLAIN for item in value):  # names by the thousand: the same bytes at once
            digest.update("".join(f"{type(item).__name__}:{item!r}," for item in value).encode())
            return
        for item in value:
            _feed(digest, item)
            digest.update(b",")
    elif isinstance(value, Mapping):
        _feed(digest, sorted(value.items()))
    else:
        digest.update(f"{type(value).__name__}:{value!r}".encode())

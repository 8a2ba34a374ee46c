"""The JSON form of a shop: numbers as they are, null where there is no limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import InvalidProblemError
from ...inputs.forms import check_form, check_keys, reading, with_infinity, without_infinity
from ..clock import Clock
from .calendars import Calendar
from .parts import ORDERS, Baseline, Precedence

if TYPE_CHECKING:
    from .problem import Shop

    AnyShop = TypeVar("AnyShop", bound=Shop)

_WORDS = {code: word for word, code in ORDERS.items()}


def to_dict(shop: Shop) -> dict[str, Any]:
    """All fields as JSON types; a calendar that several machines share is listed once."""
    shared = list(dict.fromkeys(calendar for calendar in shop.calendars if calendar is not None))
    form: dict[str, Any] = {"problem": type(shop).__name__, "schema_version": shop.schema_version}
    for field in fields(shop):
        value = getattr(shop, field.name)
        if field.name == "order":
            value = [_WORDS[code] for code in value.tolist()]
        elif field.name == "calendars":
            at = {calendar: index for index, calendar in enumerate(shared)}
            of = [None if calendar is None else at[calendar] for calendar in value]
            value = {"calendars": [calendar.to_dict() for calendar in shared], "of_machine": of}
        elif field.name == "precedences":
            value = [rule.to_dict() for rule in value]
        elif field.name in ("baseline", "clock"):
            value = None if value is None else value.to_dict()
        elif isinstance(value, np.ndarray):
            value = without_infinity(value)
        elif field.name.endswith("_names") and value is not None:
            value = list(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        form[field.name] = value
    return form


def from_dict(cls: type[AnyShop], data: Any) -> AnyShop:
    """Read back what `to_dict` wrote."""
    what = f"the JSON form of a {cls.__name__}"
    check_form(data, what, cls.schema_version, InvalidProblemError, cls.__name__)
    known = [field.name for field in fields(cls)]
    check_keys(data, ("problem", "schema_version", *known), what, InvalidProblemError)
    with reading(what, InvalidProblemError):
        given = {name: data[name] for name in known}
        for name in ("due", "deadline", "latest", "omission"):
            given[name] = with_infinity(given[name])
        listed = given["calendars"]
        check_keys(listed, ("calendars", "of_machine"), "calendars", InvalidProblemError)
        with _Numbers():
            shared = [Calendar.from_dict(windows) for windows in listed["calendars"]]
            given["calendars"] = [None if index is None else shared[index] for index in listed["of_machine"]]
            given["precedences"] = [Precedence.from_dict(rule) for rule in given["precedences"]]
            given["baseline"] = None if given["baseline"] is None else Baseline.from_dict(given["baseline"])
            given["clock"] = None if given["clock"] is None else Clock.from_dict(given["clock"])
        return cls(**given)


class _Numbers:
    """Indices and pairs of calendars that are none."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, IndexError) or (isinstance(error, ValueError) and not isinstance(error, InvalidProblemError)):
            raise InvalidProblemError(f"not the JSON form of a shop: {error}") from None

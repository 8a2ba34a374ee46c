"""Shops from tables in CSV files: one row an operation, or an alternative of one."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from ...errors import InvalidProblemError, UnsupportedError
from ...inputs.csv_tables import CsvFrame, csv_head, is_of_operations
from ...inputs.files import path_of
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.wording import did_you_mean, shown
from ..operations import read_operations
from .calendars import Calendar
from .frames import from_frame
from .parts import ORDERS
from .problem import Shop
from .shops import FlexibleJobShop, JobShop, OpenShop


def read_shop_csv(
    path: str | os.PathLike[str],
    *,
    cls: type[Shop] | None = None,
    start: Any = None,
    zone: str | None = None,
    unit: str | None = None,
    shifts: Any = None,
    days: Any = "mon-fri",
    weeks: int = 52,
    resumable: Any = None,
    order: Any = None,
    **options: Any,
) -> Shop:
    """Read a table of operations.

    Parameters
    ----------
    path : path
        Values apart by commas, semicolons or tabs, in UTF-8; the first line names the columns, each further line is an operation,
        or one of its alternatives. Columns are those of `optikit.scheduling.shop.frames.from_frame`; names are text, dates are in
        ISO 8601, and an empty cell says nothing.
    cls : type, optional
        The class to build; by default a `JobShop`, or a `FlexibleJobShop` where an operation has alternatives, or an `OpenShop`
        where the order says so.
    start, zone, unit : str, optional
        The clock, as in `optikit.scheduling.shop.frames.from_frame`.
    shifts : str or sequence of (str, str), optional
        Working time of all machines, ``"06:00-14:00, 14:30-22:00"`` for instance; needs a ``start``.
    days, weeks
        Of the shifts, as in `Calendar.shifts`.
    resumable : bool or str, optional
        Whether breaks interrupt operations, which go on afterwards; or the column that says so.
    order : {"chain", "open", "network"}, optional
        As in `Shop`.
    **options
        Other arguments of `optikit.scheduling.shop.frames.from_frame`.

    Raises
    ------
    FileFormatError
        With the line and what is wrong there.
    UnsupportedError
        For an option that is not known.
    """
    mine = ("shifts", "days", "weeks")
    refuse_unknown("read_shop_csv", options, (*mine, *keywords(from_frame)))
    if order is not None and (not isinstance(order, str) or order not in ORDERS):
        raise UnsupportedError(f"order is {shown(order)}{did_you_mean(order, ORDERS)}; expected one of {', '.join(ORDERS)}")
    options.setdefault("title", os.path.splitext(os.path.basename(path_of(path)))[0])
    if isinstance(resumable, str):
        options["resumable"] = resumable

    def make(frame: CsvFrame) -> Shop:
        shop = from_frame(Shop, frame, start=start, zone=zone, unit=unit, order=order, **options)
        fields: dict[str, Any] = {field: getattr(shop, field) for field in _FIELDS}
        if isinstance(resumable, bool):
            fields["resumable"] = resumable
        if shifts is not None:
            if shop.clock is None:
                raise InvalidProblemError(
                    "shifts go by the clock on the wall, but nothing says when 0 is; say start=<date and time>"
                )
            fields["calendars"] = Calendar.shifts(shop.clock, _spans(shifts), days=days, weeks=weeks)
        return (cls or _kind(shop, order))(**fields)

    return read_operations(path, options, make)


_FIELDS = tuple(field.name for field in dataclasses.fields(Shop))


def _kind(shop: Shop, order: Any) -> type[Shop]:
    if order == "network":
        return Shop
    if order == "open":
        return OpenShop
    return FlexibleJobShop if shop.num_modes > shop.num_operations else JobShop


def _spans(shifts: Any) -> Any:
    """Pairs of times of ``"06:00-14:00, 14:30-22:00"``."""
    if not isinstance(shifts, str):
        return shifts
    spans = [tuple(time.strip() for time in span.split("-")) for span in shifts.split(",")]
    wrong = next((span for span in spans if len(span) != 2), None)
    if wrong is not None:
        raise InvalidProblemError(f"shifts has {shown('-'.join(wrong))}; expected times like '06:00-14:00', apart by commas")
    return spans


def _fits(path: str | os.PathLike[str]) -> bool:
    return is_of_operations(csv_head(path))


read_shop_csv.fits = _fits  # type: ignore[attr-defined]

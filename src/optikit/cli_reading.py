"""FILE of the command line, and the options that say how it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from .core.problem import Problem

    F = TypeVar("F", bound=Callable[..., Any])

_STOPS = ("depot", "num_vehicles", "columns")
"""Options of tables of stops alone."""

_OF_OPERATIONS = ("clock", "zone", "unit", "shifts", "days", "resumable", "order")
"""Options of tables of operations alone."""

_STOP_COLUMNS = frozenset({"demand", "lat", "lon", "latitude", "longitude", "x", "y"})


class _Number(click.ParamType):
    """An int where it is written as one, however long; else a float."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | float:
        try:
            return int(str(value))
        except (TypeError, ValueError):
            number: float = click.FLOAT.convert(value, param, context)
            return int(number) if number.is_integer() and abs(number) < 2**53 else number


NUMBER = _Number()


def problem_options(command: F) -> F:
    """FILE and what is needed to read it."""
    for option in reversed(
        [
            click.argument("file", type=click.Path()),
            click.option(
                "--format",
                "form",
                help="Format of FILE, where it does not tell itself: vrplib, tsplib, csv (a table of stops), costs (a table of "
                "costs, or a list of pairs), gap, qaplib, jsplib, fjsplib, openshop, flowshop, shop-csv and flowshop-csv (tables "
                "of operations), json (any problem).",
            ),
            click.option(
                "--rounding",
                help="How distances between points are rounded: exact, nearest, floor, ceil, dimacs, one_decimal, hundredfold.",
            ),
            click.option(
                "--edge-weight-format", help="How listed distances are laid out, where FILE misstates it: LOWER_COL, UPPER_ROW, ..."
            ),
            click.option("--depot", help="Name of the depot (csv)."),
            click.option("--capacity", type=NUMBER, help="Capacity of each vehicle (csv); rows that a column takes (costs)."),
            click.option("--num-vehicles", type=int, help="Size of the fleet (csv); default: as many as needed."),
            click.option(
                "--column",
                "columns",
                multiple=True,
                metavar="ROLE=NAME",
                help="Column of a csv that is not called as expected: name, demand, lat, lon, x or y; job, machine, duration, "
                "operation, due, ... of operations. May be repeated.",
            ),
            click.option("--clock", help="Date and time of 0 (operations)."),
            click.option("--zone", help="Time zone of dates, Europe/Berlin for instance (operations)."),
            click.option("--unit", help="What durations count: s, min, h or day (operations); default: min."),
            click.option("--shifts", help="When machines work: 06:00-14:00,14:30-22:00 for instance (operations)."),
            click.option("--days", help="Of shifts; default: mon-fri (operations)."),
            click.option("--resumable/--in-one-go", default=None, help="Whether breaks interrupt operations (operations)."),
            click.option("--order", help="Of the operations of a job: chain, open or network (operations)."),
            click.option("--number", type=int, help="Which instance of a FILE that has several, from 1 (gap, Taillard's)."),
            click.option(
                "--maximize/--minimize", default=None, help="Whether the numbers are profits or costs (costs, gap, qaplib)."
            ),
            click.option(
                "--objective",
                help="sum, or bottleneck: the largest cost is to be least (costs); makespan, or "
                "total_tardiness=1,makespan=0.01 for instance (operations).",
            ),
            click.option("--leave-out", type=NUMBER, help="What leaving a job out costs; default: it must be assigned (gap)."),
            click.option("--leave-row", type=NUMBER, help="What leaving a row out costs (costs)."),
            click.option("--leave-column", type=NUMBER, help="What leaving a column out costs (costs)."),
        ]
    ):
        command = option(command)
    return command


_IN_FLAGS = (
    (r"clock=Clock\(start[^)]*\)", "--clock <date and time>"),
    (r"\bstart=<date and time>", "--clock <date and time>"),
    (r"\b(\w+)=\.\.\. for another one", r"--column \1=<name> for another one"),
    (r"\bnumber=(?=\d)", "--number "),
    (r"\bthe frame\b", "the table"),
)
"""What refusals say of arguments -> what the command line calls them."""


def read_problem(file: str, form: str | None, **options: Any) -> Problem:
    """The problem of FILE; refusals name flags where there are such."""
    from .errors import FileFormatError

    try:
        return _read(file, form, options)
    except FileFormatError as error:
        said = str(error)
        for argument, flag in _IN_FLAGS:
            said = re.sub(argument, flag, said)
        raise click.UsageError(said) from None


def _read(file: str, form: str | None, options: dict[str, Any]) -> Problem:
    from .reading import read

    given = {name: value for name, value in options.items() if value not in (None, ())}
    if form is None and file.lower().endswith((".csv", ".txt", ".tsv")):
        form = _table_of(file, given)
    if form in ("shop-csv", "flowshop-csv"):
        return _operations(file, form, given)
    for name in _OF_OPERATIONS:
        if name in given:
            raise click.UsageError(f"--{name} is for tables of operations (--format shop-csv)")
    if form == "csv":
        return _stops(file, given)
    for name in (*_STOPS, *([] if form == "costs" else ["capacity"])):
        if name in given:
            spelt = "--column" if name == "columns" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{spelt} is for tables in csv: stops (--format csv){' or costs' if name not in _STOPS else ''}")
    return read(file, form, **given)


def _table_of(file: str, given: dict[str, Any]) -> str | None:
    """Which kind of table that is: of stops, or of costs; None where it is no table."""
    roles = [pair.partition("=")[0] for pair in given.get("columns", ())]
    if any(name in given for name in _OF_OPERATIONS) or {"job", "machine", "duration", "operation"} & set(roles):
        return "shop-csv"
    if any(name in given for name in _STOPS):
        return "csv"
    try:
        with open(file, encoding="utf-8-sig", errors="replace") as lines:
            head = next((line for line in lines if line.strip()), "")
    except OSError:
        return None  # who reads it says what is wrong
    words = [word.strip(" \t\r\n\"'").casefold() for word in head.replace(";", ",").replace("\t", ",").split(",")]
    if file.lower().endswith(".csv"):
        from .inputs.csv_tables import is_of_operations

        if is_of_operations(words):
            return "shop-csv"
        return "csv" if _STOP_COLUMNS & set(words) else "costs"
    return "costs" if {"row", "column", "cost"} <= set(words) else None


def _operations(file: str, form: str, given: dict[str, Any]) -> Problem:
    from .reading import read

    roles = ["job", "machine", "duration", "release", "weight"]
    if form == "shop-csv":
        roles += ["operation", "position", "due", "deadline", "earliest", "latest", "omission", "resumable", "family"]
        roles += ["no_wait", "blocking"]
    for pair in given.pop("columns", ()):
        role, equals, column = pair.partition("=")
        if not equals or role not in roles:
            raise click.UsageError(f"--column is {pair!r}; expected for instance duration=minutes, with one of {', '.join(roles)}")
        given[role] = column
    for name in (*_STOPS[:2], "capacity"):
        if name in given:
            raise click.UsageError(f"--{name.replace('_', '-')} is for tables of stops (--format csv)")
    if "clock" in given:
        given["start"] = given.pop("clock")
    if "=" in given.get("objective", ""):
        terms = [term.partition("=") for term in given["objective"].split(",")]
        try:
            given["objective"] = {name.strip(): float(value) for name, _, value in terms}
        except ValueError:
            raise click.UsageError(
                f"--objective is {given['objective']!r}; expected for instance total_tardiness=1,makespan=0.01"
            ) from None
    return read(file, form, **given)


def _stops(file: str, given: dict[str, Any]) -> Problem:
    from .routing.vrp.files import read_csv

    for name in ("depot", "capacity"):
        if name not in given:
            raise click.UsageError(f"{file}: a table of stops needs --{name}; a table of costs is read by --format costs")
    for pair in given.pop("columns", ()):
        role, equals, column = pair.partition("=")
        if not equals or role not in ("name", "demand", "lat", "lon", "x", "y"):
            raise click.UsageError(f"--column is {pair!r}; expected for instance demand=kilos")
        given[role] = column
    title = os.path.splitext(os.path.basename(file))[0]
    return read_csv(file, given.pop("depot"), given.pop("capacity"), title=title, **given)

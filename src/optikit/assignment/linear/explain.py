"""Why there is no assignment, or what binds: in words, with names and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...core.check import Violation
from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from .certificate import HallViolator, must
from .check import evaluate
from .costs import SparseCosts, as_entries, blocks, of_pairs
from .hall import find_violator
from .problem import LinearAssignment
from .solution import Assignment

NAMED = 8
"""So many rows or columns are named."""


def explain(problem: LinearAssignment, assignment: Assignment | None = None) -> Explanation:
    """Why there is no assignment, or what binds; with an assignment, also what is wrong with it, and its dearest pairs.

    Examples
    --------
    >>> inf = float("inf")
    >>> shifts = LinearAssignment(
    ...     [[1, 2, inf], [3, 1, inf], [2, 2, inf]],
    ...     row_names=["Ann", "Bob", "Cy"],
    ...     column_names=["early", "late", "night"],
    ... )
    >>> print(explain(shifts).reasons[0])
    rows Ann, Bob and Cy can only go to 2 columns: early and late
    """
    violations = problem.check(assignment).violations if assignment is not None else ()
    reasons = impossible(problem)
    if all(reason.rule != "capacity" for reason in reasons):
        violator = find_violator(problem)
        if violator is not None and len(violator.neighbours(problem)):
            reasons = (_violation(problem, violator), *reasons)
    facts = [*_size(problem), *_out(problem)]
    if not reasons:
        facts += [*_forced(problem), *_bound(problem)]
    if assignment is not None and not violations:
        facts += _pairs(problem, assignment)
    return Explanation(bool(reasons), reasons, tuple(facts), violations)


def impossible(problem: LinearAssignment) -> tuple[Violation, ...]:
    """Reasons that can be counted why there is no assignment; finding none proves nothing (`find_violator` does).

    Takes nothing where no pair is forbidden, else one pass over the costs.

    Returns
    -------
    tuple of Violation
        Rule ``"capacity"`` where the places are too few, ``"no column"`` and ``"no row"`` for what nothing is allowed for.
    """
    return tuple(_impossible(problem))


def _impossible(problem: LinearAssignment) -> Iterator[Violation]:
    rows_needed, columns_needed = must(problem, "rows"), must(problem, "columns")
    num_rows, places = int(rows_needed.sum()), int(problem.places.sum())
    if num_rows > places:
        more = "; leave_row lets some go without" if problem.leave_row is None else ""
        yield Violation("capacity", f"{num_rows:,} rows must be assigned, and the columns take {places:,}{more}", num_rows - places)
    needed = int(problem.places[columns_needed].sum())
    if needed > problem.num_rows:
        yield Violation(
            "capacity", f"the columns must take {needed:,} rows, and there are {problem.num_rows:,}", needed - problem.num_rows
        )
    if problem.range.num_forbidden == 0:
        return
    row_has, column_has = _any_allowed(problem)
    for row in np.flatnonzero(rows_needed & ~row_has).tolist():
        yield Violation("no column", f"{problem.row_called(row)} can go to no column")
    for column in np.flatnonzero(columns_needed & ~column_has & (problem.places > 0)).tolist():
        yield Violation("no row", f"no row can go to {problem.column_called(column)}")


def counted(problem: LinearAssignment) -> HallViolator | None:
    """The certificate of what `impossible` says first."""
    rows_needed, columns_needed = must(problem, "rows"), must(problem, "columns")
    if rows_needed.sum() > problem.places.sum():
        return HallViolator("rows", np.flatnonzero(rows_needed))
    if problem.places[columns_needed].sum() > problem.num_rows:
        return HallViolator("columns", np.flatnonzero(columns_needed))
    row_has, column_has = _any_allowed(problem)
    if (rows_needed & ~row_has).any():
        return HallViolator("rows", np.flatnonzero(rows_needed & ~row_has))
    bare = np.flatnonzero(columns_needed & ~column_has & (problem.places > 0))
    return HallViolator("columns", bare) if bare.size else None


def _any_allowed(problem: LinearAssignment) -> tuple[Any, Any]:
    """Which rows, and which columns, have a pair that is allowed, in a column with a place."""
    row_has, column_has = np.zeros(problem.num_rows, bool), np.zeros(problem.num_columns, bool)
    open_columns = problem.places > 0
    if isinstance(problem.cost, SparseCosts):
        rows, columns, _ = as_entries(problem.cost)
        row_has[rows[open_columns[columns]]] = True
        column_has[columns] = True
    else:
        for begin, block in blocks(problem.cost):
            allowed = np.isfinite(block)
            row_has[begin : begin + len(block)] = (allowed & open_columns).any(axis=1)
            column_has |= allowed.any(axis=0)
    return row_has, column_has


def sentence(problem: LinearAssignment, violator: HallViolator) -> str:
    """Hall's set in words: who can only go where."""
    return str(_violation(problem, violator))


def _violation(problem: LinearAssignment, violator: HallViolator) -> Violation:
    reached = violator.neighbours(problem)
    lines = violator.lines
    if violator.axis == "rows":
        who, where = _named("row", problem.row_called, lines), _named("column", problem.column_called, reached, count=True)
        room = int(problem.places[reached].sum())
        room_said = (
            f", which take {room:,} rows: {len(lines) - room:,} fewer" if problem.capacity is not None and len(reached) else ""
        )
        return Violation("Hall violator", f"{who} can only go to {where}{room_said}", len(lines) - room)
    who, where = _named("column", problem.column_called, lines), _named("row", problem.row_called, reached, count=True)
    needed = int(problem.places[lines].sum())
    need_said = f", and must take {needed:,}" if problem.capacity is not None else ""
    return Violation("Hall violator", f"{who} can only take {where}{need_said}", needed - len(reached))


def _named(noun: str, called: Any, lines: Iterable[Any], count: bool = False) -> str:
    """``rows Ann, Bob and Cy``; with a count, ``2 columns: early and late``."""
    listed = [int(line) for line in lines]
    if not listed:
        return f"no {noun}"
    plain = [called(line) for line in listed[:NAMED]]
    short = [name.removeprefix(f"{noun} ") for name in plain] if all(name.startswith(f"{noun} ") for name in plain) else plain
    more = len(listed) - NAMED
    *most, last = [*short, f"{more:,} more"] if more > 0 else short
    joined = f"{', '.join(most)} and {last}" if most else last
    nouns = f"{noun}s" if len(listed) > 1 else noun
    return f"{len(listed):,} {nouns}: {joined}" if count else f"{nouns} {joined}"


# -- facts ----------------------------------------------------------------------


def _counted(count: int, noun: str) -> str:
    return f"one {noun}" if count == 1 else f"{count:,} {noun}s"


def _size(problem: LinearAssignment) -> Iterator[str]:
    goal = {
        ("sum", False): "the least sum of costs", ("sum", True): "the greatest sum of profits",
        ("bottleneck", False): "the largest cost as small as can be", ("bottleneck", True): "the least profit as large as can be",
    }[problem.objective, problem.maximize]  # fmt: skip
    takes = "takes" if problem.num_columns == 1 else "take"
    taking = "" if problem.capacity is None else f", which {takes} {_counted(int(problem.places.sum()), 'row')}"
    yield f"{_counted(problem.num_rows, 'row')} to {_counted(problem.num_columns, 'column')}{taking}; {goal}"
    if problem.range.num_forbidden:
        total = problem.num_rows * problem.num_columns
        allowed = total - problem.range.num_forbidden
        yield f"{allowed:,} of {total:,} pairs are allowed ({100 * allowed / total:.3g} %)"


def _out(problem: LinearAssignment) -> Iterator[str]:
    if problem.is_partial:
        for noun, needed in (("row", must(problem, "rows")), ("column", must(problem, "columns"))):
            count = int(needed.sum())
            but = "one" if count == 1 else f"{count:,}"
            who = f"any {noun}" if not count else f"no {noun}" if count == len(needed) else f"all but {but} of the {noun}s"
            yield f"{who} may be left out"
    elif problem.capacity is None and problem.num_rows != problem.num_columns:
        more, noun = abs(problem.num_rows - problem.num_columns), "row" if problem.num_rows > problem.num_columns else "column"
        yield f"{_counted(more, noun)} {'is' if more == 1 else 'are'} left over, for nothing"


def _forced(problem: LinearAssignment) -> Iterator[str]:
    """Rows that have a single column."""
    if problem.range.num_forbidden == 0:
        return
    rows, columns, _ = as_entries(problem.cost)
    choices = np.bincount(rows, minlength=problem.num_rows)
    forced = np.flatnonzero((choices == 1) & must(problem, "rows"))
    if forced.size:
        row = int(forced[0])
        column = int(columns[np.searchsorted(rows, row)])
        others = "one more row has" if forced.size == 2 else f"{forced.size - 1:,} more rows have"
        more = f", and {others} no choice either" if forced.size > 1 else ""
        yield f"{problem.row_called(row)} can only go to {problem.column_called(column)}{more}"


def _bound(problem: LinearAssignment) -> Iterator[str]:
    bound = cheap_bound(problem)
    if bound is not None:
        yield f"no assignment {'brings more' if problem.maximize else 'costs less'} than {amount(bound)}"


def _pairs(problem: LinearAssignment, assignment: Assignment) -> Iterator[str]:
    rows, columns = assignment.pairs
    if not len(rows):
        return
    values = of_pairs(problem.cost, rows, columns)[0]
    worst = int(values.argmin() if problem.maximize else values.argmax())
    pair = f"{problem.row_called(int(rows[worst]))} to {problem.column_called(int(columns[worst]))}"
    yield f"the {'poorest' if problem.maximize else 'dearest'} pair is {pair}: {amount(float(values[worst]))}"
    if problem.capacity is not None:
        load = np.bincount(columns, minlength=problem.num_columns)
        full = np.flatnonzero((load == problem.places) & (problem.places > 0))
        if full.size:
            yield f"{_named('column', problem.column_called, full)} {'is' if full.size == 1 else 'are'} full"
    if problem.is_partial:
        left = np.flatnonzero(assignment.column_of < 0)
        if left.size:
            total = evaluate(problem, assignment)
            who = _named("row", problem.row_called, left)
            yield f"{who} {'is' if left.size == 1 else 'are'} left out (objective {amount(total)})"

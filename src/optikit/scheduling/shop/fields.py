"""The fields of a shop as users give them, read into arrays or refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse
from ...inputs.names import Name, compact, plain_names, refuse_twins
from ...inputs.wording import did_you_mean, shown
from ..clock import Clock, time_of
from .calendars import Calendar
from .parts import (
    CHAIN,
    DATES,
    MOST_MACHINES,
    NETWORK,
    OPEN,
    ORDERS,
    Baseline,
    Precedence,
    flags_of,
    listed,
    numbered,
    per_item,
)

if TYPE_CHECKING:
    from .problem import Shop

TERMS = ("makespan", "total_completion", "total_tardiness", "max_lateness", "num_tardy", "total_setup")
"""What an objective is made of; besides, what is left out and what is changed costs its price."""

MOST_TIME = 1e15
"""Times stay below, so that floats hold them to a fraction."""


def read_fields(shop: Shop) -> None:
    """Put what a `Shop` was given into arrays.

    Raises
    ------
    InvalidProblemError
        For data that make no sense.
    """

    def put(field: str, value: Any) -> None:
        object.__setattr__(shop, field, value)

    put("job", _counted("job", shop.job, "operations"))
    put("operation", _counted("operation", shop.operation, "modes", len(shop.job)))
    modes, operations, jobs = shop.num_modes, shop.num_operations, shop.num_jobs
    put("machine", frozen_array("machine", shop.machine, np.int64, shape=(modes,), advice="one for each mode"))
    refuse("machine", shop.machine, shop.machine < 0, "machines are counted from 0")
    refuse("machine", shop.machine, shop.machine >= MOST_MACHINES, "machines are counted from 0; give them machine_names instead")
    put("duration", _times("duration", shop.duration))
    if shop.duration.shape != (modes,):
        raise InvalidProblemError(f"duration has shape {shop.duration.shape}, expected ({modes},): one for each mode")
    put("num_machines", _num_machines(shop))
    for field, size in (("job", jobs), ("operation", operations), ("machine", shop.num_machines)):
        put(f"{field}_names", _names(shop, field, size))
    put("order", _orders(shop))
    if shop.clock is not None and not isinstance(shop.clock, Clock):
        raise InvalidProblemError(f"clock is {shown(shop.clock)}; expected a Clock")
    release, due, deadline, earliest, latest = (numbered(field, getattr(shop, field), shop.clock) for field in DATES)
    put("release", per_item("release", release, jobs, "job"))
    put("due", per_item("due", due, jobs, "job", unbounded=True, least=-MOST_TIME))
    put("deadline", per_item("deadline", deadline, jobs, "job", unbounded=True))
    put("weight", per_item("weight", shop.weight, jobs, "job"))
    put("no_wait", flags_of("no_wait", shop.no_wait, jobs, "job"))
    put("blocking", flags_of("blocking", shop.blocking, jobs, "job"))
    put("resumable", flags_of("resumable", shop.resumable, operations, "operation"))
    put("omission", per_item("omission", shop.omission, operations, "operation", unbounded=True))
    put("earliest", per_item("earliest", earliest, operations, "operation"))
    put("latest", per_item("latest", latest, operations, "operation", unbounded=True))
    family = shop.job if shop.family is None else shop.family
    put("family", frozen_array("family", family, np.int64, shape=(operations,), advice="one for each operation"))
    refuse("family", shop.family, shop.family < 0, "families are counted from 0")
    put("setup", _setups(shop, "setup", 2))
    put("first_setup", _setups(shop, "first_setup", 1))
    if shop.transport is not None:
        put("transport", _times("transport", shop.transport, (shop.num_machines, shop.num_machines)))
    put("calendars", _calendars(shop))
    put("objective", _objective(shop.objective))
    put("precedences", _precedences(shop))
    _check_parts(shop)


def find(what: str, wanted: Any, names: Sequence[Name] | None, count: int, whose: str = "") -> int:
    """The position of a thing given by its name, or where there are none, by its position."""
    plain = wanted.item() if isinstance(wanted, np.generic) else wanted
    if names is not None:
        for index, name in enumerate(names):
            if name == plain and type(name) is type(plain):
                return index
        raise InvalidProblemError(f"there is no {what} {shown(plain)}{whose}{did_you_mean(plain, names)}; known: {_some(names)}")
    if isinstance(plain, bool) or not isinstance(plain, int) or not 0 <= plain < count:
        raise InvalidProblemError(f"there is no {what} {shown(plain)}{whose}; {what}s are 0 to {count - 1}")
    return plain


def called(what: str, names: Sequence[Name] | None, index: int) -> str:
    """A thing as it stands in a sentence: ``machine 'lathe'``, ``machine 3``."""
    return f"{what} {index if names is None else repr(names[index])}"


def _some(names: Sequence[Name]) -> str:
    return ", ".join(map(repr, names[:8])) + (", ..." if len(names) > 8 else "")


def _counted(field: str, value: Any, items: str, most: int | None = None) -> NDArray[np.int64]:
    """0, 0, ..., 1, 1, ...: none is missing."""
    array = frozen_array(field, value, np.int64, shape=(None,))
    if not len(array):
        raise InvalidProblemError(f"{field} is empty; a shop has at least one operation")
    steps = np.diff(array, prepend=0)
    if array[0] != 0:
        raise InvalidProblemError(f"{field}[0] is {array[0]}; {items} are listed from {field} 0 on")
    wrong = np.flatnonzero((steps < 0) | (steps > 1))
    if wrong.size:
        at = int(wrong[0])
        said = "come after it; sort them" if steps[at] < 0 else f"are missing: {field} {array[at - 1] + 1} has no {items}"
        raise InvalidProblemError(f"{field}[{at}] is {array[at]} after {array[at - 1]}: {items} of a smaller {field} {said}")
    if most is not None and array[-1] != most - 1:
        if array[-1] < most - 1:
            raise InvalidProblemError(
                f"operation {array[-1] + 1} has no machine: no mode is of it; give it a machine and a duration"
            )
        raise InvalidProblemError(f"{field}[{len(array) - 1}] is {array[-1]}; operations are 0 to {most - 1}, as job says")
    return array


def _times(field: str, value: Any, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Lengths of time, ints where all are."""
    numbers = as_numbers(field, value)
    kind = np.int64 if numbers.dtype.kind in "iu" else np.float64
    array = frozen_array(field, numbers, kind, shape=numbers.shape if shape is None else shape)
    refuse(field, array, array < 0, f"a {'time of transport' if field == 'transport' else field.replace('_', ' ')} is >= 0")
    refuse(field, array, array > MOST_TIME, "use a larger unit")
    return array


def _num_machines(shop: Shop) -> int:
    used, count, names = int(shop.machine.max()) + 1, shop.num_machines, shop.machine_names
    if count is None:
        return used if names is None else max(used, len(plain_names("machine_names", names)))
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= MOST_MACHINES:
        raise InvalidProblemError(f"num_machines is {shown(count)}; expected a whole number from 1 to {MOST_MACHINES:,}")
    refuse("machine", shop.machine, shop.machine >= count, f"machines are 0 to {int(count) - 1}, as num_machines is {count}")
    return int(count)


def _names(shop: Shop, what: str, size: int) -> Sequence[Name] | None:
    field = f"{what}_names"
    names = getattr(shop, field)
    if names is None:
        return None
    names = compact(plain_names(field, names))
    if len(names) != size:
        raise InvalidProblemError(f"{field} has {len(names)} entries, expected {size}: one for each {what}")
    if what != "operation":
        refuse_twins(names, f"{what}s")
    return names


def _orders(shop: Shop) -> NDArray[np.int8]:
    given = [shop.order] * shop.num_jobs if isinstance(shop.order, str) else listed("order", shop.order)
    if len(given) != shop.num_jobs:
        raise InvalidProblemError(f"order has {len(given)} entries, expected {shop.num_jobs}: one a job, or one word for all")
    codes: dict[Any, int] = {**ORDERS, CHAIN: CHAIN, OPEN: OPEN, NETWORK: NETWORK}
    plain = [item.item() if isinstance(item, np.generic) else item for item in given]
    for index, word in enumerate(plain):
        if isinstance(word, bool) or not isinstance(word, str | int) or word not in codes:
            raise InvalidProblemError(
                f"order[{index}] is {shown(word)}{did_you_mean(word, ORDERS)}; expected one of {', '.join(ORDERS)}"
            )
    order = np.array([codes[word] for word in plain], np.int8)
    order.flags.writeable = False
    return order


def _setups(shop: Shop, field: str, axes: int) -> NDArray[Any] | None:
    """Of shape (1 or num_machines, families[, families])."""
    given = getattr(shop, field)
    if given is None:
        return None
    given = as_numbers(field, given)
    stacked = given[None] if given.ndim == axes else given
    families = int(shop.family.max()) + 1
    square = len(set(stacked.shape[1:])) == 1
    if stacked.ndim != axes + 1 or len(stacked) not in (1, shop.num_machines) or not square or stacked.shape[1] < families:
        wanted = ", ".join([str(families)] * axes)
        raise InvalidProblemError(
            f"{field} has shape {given.shape}; expected ({wanted}{',' * (axes == 1)}) for {families} families (jobs, where no "
            f"family is given), or that for each of {shop.num_machines} machines"
        )
    return _times(field, stacked)


def _calendars(shop: Shop) -> tuple[Calendar | None, ...]:
    given = shop.calendars
    if given is None or isinstance(given, Calendar):
        return (given,) * int(shop.num_machines)
    if isinstance(given, Mapping):
        found: list[Any] = [None] * shop.num_machines
        for machine, calendar in given.items():
            found[shop.find_machine(machine)] = calendar
        given = found
    each: tuple[Any, ...] = tuple(listed("calendars", given))
    if len(each) != shop.num_machines:
        raise InvalidProblemError(f"calendars has {len(each)} entries, expected {shop.num_machines}: one a machine")
    for index, calendar in enumerate(each):
        if calendar is not None and not isinstance(calendar, Calendar):
            raise InvalidProblemError(
                f"the calendar of {shop.machine_called(index)} is {shown(calendar)}; expected a Calendar, or None for always"
            )
    return each


def _objective(objective: Any) -> Mapping[str, float]:
    given = {objective: 1.0} if isinstance(objective, str) else objective
    if not isinstance(given, Mapping):
        raise InvalidProblemError(f"objective is {shown(given)}; expected one of {', '.join(TERMS)}, or coefficients of several")
    for term, coefficient in given.items():
        if term not in TERMS:
            raise InvalidProblemError(f"objective has {shown(term)}{did_you_mean(term, TERMS)}; known: {', '.join(TERMS)}")
        if time_of(f"objective[{term!r}]", coefficient) < 0:
            raise InvalidProblemError(f"objective[{term!r}] is {coefficient}; a coefficient is >= 0, as all terms are minimised")
    return {term: float(given[term]) for term in TERMS if given.get(term)}


def _precedences(shop: Shop) -> tuple[Precedence, ...]:
    given = tuple(listed("precedences", shop.precedences))
    for index, rule in enumerate(given):
        if not isinstance(rule, Precedence):
            raise InvalidProblemError(f"precedences[{index}] is {shown(rule)}; expected a Precedence(before, after, ...)")
        for end in (rule.before, rule.after):
            if not 0 <= end < shop.num_operations:
                raise InvalidProblemError(
                    f"precedences[{index}] names operation {end}; operations are 0 to {shop.num_operations - 1}"
                )
        if rule.before == rule.after:
            raise InvalidProblemError(f"precedences[{index}] puts {shop.operation_called(rule.before)} before itself")
    return given


def _check_parts(shop: Shop) -> None:
    for job in np.flatnonzero(shop.blocking & (shop.order != CHAIN)).tolist():
        raise InvalidProblemError(
            f"{shop.job_called(job)} is blocking, but its operations have no order, so that it is not said for which machine it "
            f"waits; use order='chain'"
        )
    for job in np.flatnonzero(shop.no_wait & (shop.order == NETWORK)).tolist():
        raise InvalidProblemError(
            f"{shop.job_called(job)} may not wait, but its operations are a network; say it by precedences with max_lag=0"
        )
    baseline = shop.baseline
    if baseline is not None and (not isinstance(baseline, Baseline) or len(baseline.machine) != shop.num_operations):
        raise InvalidProblemError(f"baseline is {shown(baseline)}; expected a Baseline of {shop.num_operations} operations")
    if not isinstance(shop.name, str):
        raise InvalidProblemError(f"name is {shown(shop.name)}; expected text")

"""Arguments of calls and parameters of solvers: plain Python values of the declared type, or a refusal."""

from __future__ import annotations

import contextlib
import math
import numbers
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from .cpus import usable_cpus
from .wording import shown

MOST_COUNT = 10**18
"""Iterations: what kernels count in 64 bits, and more than anybody will see."""

MOST_JOBS = 10_000
"""Threads: more than any machine runs side by side."""

MOST_SECONDS = 1e9
"""Thirty years: clocks of engines count nanoseconds in 64 bits."""


def check_count(name: str, value: Any, least: int, advice: str = "", most: int | None = None) -> int:
    """A count from outside as an int of at least ``least``; numpy's ints are taken, bools and fractions refused."""
    if not isinstance(value, bool | np.bool_):  # numpy 1 takes its own for indices
        with contextlib.suppress(TypeError):
            number = operator.index(value)
            if number >= least and (most is None or number <= most):
                return number
            if number >= least:
                raise UnsupportedError(f"{name} is {shown(value)}; expected an int of at most {most:.4g}{advice}")
    raise UnsupportedError(f"{name} is {shown(value)}; expected an int >= {least}{advice}")


def check_number(name: str, value: Any, least: float = -math.inf, advice: str = "", most: float = math.inf) -> float:
    """A real number from outside, finite where there is a ``least``; numpy's and fractions become floats, NaN is refused."""
    try:
        as_float = math.nan if isinstance(value, bool) or not isinstance(value, numbers.Real) else float(value)
    except OverflowError:  # an int of hundreds of digits
        raise UnsupportedError(f"{name} is {shown(value)}; expected a number that a float can hold{advice}") from None
    if math.isnan(as_float):
        raise UnsupportedError(f"{name} is {shown(value)}; expected a number{advice}")
    number = value if isinstance(value, int | float) else as_float
    if least > -math.inf and not least <= number < math.inf:
        raise UnsupportedError(f"{name} is {shown(value)}; expected a finite number >= {least:g}{advice}")
    if number > most:
        raise UnsupportedError(f"{name} is {shown(value)}; expected a number of at most {most:g}{advice}")
    return number


def check_lengths(name: str, value: Any, count: int) -> tuple[float, ...]:
    """``count`` numbers above 0 from outside, the width and height of a picture for instance."""
    given = list(value) if is_listed(value) else []
    if len(given) != count:
        raise UnsupportedError(f"{name} is {shown(value)}; expected {count} numbers above 0")
    lengths = tuple(check_number(f"{name}[{index}]", item, 0) for index, item in enumerate(given))
    if min(lengths) == 0:
        raise UnsupportedError(f"{name} is {shown(value)}; expected {count} numbers above 0")
    return lengths


def is_listed(value: Any) -> bool:
    """Whether several things were given: an iterable that is no text and no mapping."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def is_sequence(value: Any) -> bool:
    """Whether several things were given in an order: no set, whose order is nobody's."""
    return is_listed(value) and not isinstance(value, set | frozenset)


def check_bytes(memory_limit: Any) -> int | None:
    """``memory_limit`` as an int, or None where there is none."""
    return None if memory_limit is None else check_count("memory_limit (bytes)", memory_limit, 1, most=MOST_COUNT)


def check_options(options: Any) -> Mapping[str, Any]:
    """Parameters of a solver by name; none where ``options`` is None."""
    if options is not None and not isinstance(options, Mapping):
        raise UnsupportedError(f"options is {shown(options)}; expected a mapping of parameter names to values")
    return options or {}


def count_jobs(n_jobs: Any) -> int:
    """``n_jobs`` as a number of threads: -1 is every CPU that this process may use (affinity and cgroup counted)."""
    number = check_count("n_jobs", n_jobs, -1, ", or -1 for all CPUs", MOST_JOBS)
    if number == 0:
        raise UnsupportedError("n_jobs is 0; expected an int >= 1, or -1 for all CPUs")
    return number if number > 0 else usable_cpus()


def typed(name: str, value: Any, annotation: Any) -> Any:
    """A parameter's value as the type that its field declares: int, float, bool, str, a mapping, None, or any of these.

    Raises
    ------
    UnsupportedError
        Naming the parameter, its value and what is expected.
    """
    declared = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    kinds = {part.strip() for part in declared.split("|")}
    if not kinds <= {"int", "float", "bool", "str", "None"}:
        named = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
        if declared.startswith("Mapping") and not named:
            raise UnsupportedError(f"{name} is {shown(value)}; expected a mapping of names to values")
        return value
    is_bool = isinstance(value, bool | np.bool_)
    if value is None and "None" in kinds:
        return None
    if is_bool and "bool" in kinds:
        return bool(value)
    if isinstance(value, str) and "str" in kinds:
        return value
    if not is_bool:
        if "int" in kinds:
            with contextlib.suppress(TypeError):
                return operator.index(value)
        if "float" in kinds and isinstance(value, numbers.Real):
            return float(value)
    raise UnsupportedError(f"{name} is {shown(value)}; expected {declared.replace('|', 'or')}")

"""Flexible job shops in the manner of the literature: as modes, one row for each operation and machine that may do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from ..inputs.wording import did_you_mean
from .stream import Integers, Stream

MOST_PAIRS = 10_000_000
"""Operations times machines."""

KINDS = ("edata", "rdata", "vdata")

CENTRE = 4
"""Machines of a work centre."""

OPERATIONS = 5
"""Of each job of Behnke and Geiger."""


def brandimarte(
    *,
    jobs: int = 10,
    machines: int = 6,
    seed: int = 0,
    least_operations: int = 5,
    most_operations: int = 7,
    choices: int = 3,
    shortest: int = 1,
    longest: int = 7,
) -> dict[str, Integers]:
    """Operations, machines to choose from and durations, all uniform (mk01 to mk15).

    P. Brandimarte, Routing and scheduling in a flexible job shop by tabu search, Annals of Operations Research 41 (1993), 157-183,
    section 5; the defaults are those of mk01.

    Parameters
    ----------
    jobs, machines : int
        How many.
    seed : int
        Which instance.
    least_operations, most_operations : int
        Of a job.
    choices : int
        The most machines that can do an operation; 1 at least.
    shortest, longest : int
        Durations, which differ from machine to machine.

    Returns
    -------
    dict
        ``job``, one entry an operation: operations are numbered through all jobs, and those of a job are done in this order;
        ``operation``, ``machine`` and ``duration``, one entry a mode.

    Examples
    --------
    >>> drawn = brandimarte(jobs=2, machines=3, seed=1)
    >>> sorted(drawn), int(drawn["duration"].max()) <= 7
    (['duration', 'job', 'machine', 'operation'], True)
    """
    jobs, machines, seed = _started(jobs, machines, seed)
    counts = _operations(jobs, seed, least_operations, most_operations)
    choices = check_count("choices", choices, 1, most=machines)
    shortest = check_count("shortest", shortest, 1)
    longest = check_count("longest", longest, shortest, most=10**9)
    total = _afforded(int(counts.sum()), machines)
    several = Stream("brandimarte choices", seed).between(1, choices, total)
    duration = Stream("brandimarte durations", seed).between(shortest, longest, total * machines).reshape(total, machines)
    eligible = _first(Stream("brandimarte machines", seed), several, machines)
    return _modes(np.repeat(np.arange(jobs), counts), eligible, duration)


def brandimarte_size(settings: Mapping[str, Any]) -> int:
    """Operations of all jobs."""
    least, most = settings["least_operations"], settings["most_operations"]
    return int(_operations(settings["jobs"], settings["seed"], least, most).sum())


def _operations(jobs: int, seed: int, least: int, most: int) -> Integers:
    least = check_count("least_operations", least, 1)
    most = check_count("most_operations", most, least, most=10**6)
    return Stream("brandimarte operations", seed).between(least, most, jobs)


def hurink(*, jobs: int = 15, machines: int = 10, kind: str = "rdata", seed: int = 0) -> dict[str, Integers]:
    """A job shop whose operations may go to other machines too, for the same time (edata, rdata, vdata).

    After J. Hurink, B. Jurisch, M. Thole, Tabu search for the job-shop scheduling problem with multi-purpose machines, OR Spektrum
    15 (1994), 205-215, section 5, who took known job shops. Here every job visits all machines in random order, for times uniform
    on 5 to 99 (Lawrence's). The mean and the most of machines of an operation are theirs; how they are drawn is our own.

    Parameters
    ----------
    jobs, machines : int
        Of the job shop.
    kind : {"edata", "rdata", "vdata"}
        ``"edata"``: an operation in ten has 2 machines or 3, 1.15 on average; ``"rdata"``: 1 to 3, uniform; ``"vdata"``: half of
        all machines on average, four fifths of them at most.
    seed : int
        Which instance.

    Returns
    -------
    dict
        As of `brandimarte`.

    Examples
    --------
    >>> drawn = hurink(jobs=5, machines=5, kind="vdata", seed=1)
    >>> len(set(drawn["operation"].tolist()))
    25
    """
    jobs, machines, seed = _started(jobs, machines, seed)
    if kind not in KINDS:
        raise UnsupportedError(f"kind is {kind!r}{did_you_mean(kind, KINDS)}; expected one of {', '.join(KINDS)}")
    total = _afforded(jobs * machines, machines)
    own = np.argsort(Stream("hurink orders", seed).words(total).reshape(jobs, machines), axis=1, kind="stable").reshape(-1)
    duration = Stream("hurink durations", seed).between(5, 99, total)
    drawn = Stream(f"hurink {kind}", seed)
    if kind == "vdata":
        # Each of the others with a probability such that half of all machines are expected.
        others = drawn.below(2 * (machines - 1), total * machines) < machines - 2 if machines > 1 else np.zeros(total, bool)
        several = 1 + (others.reshape(total, machines).sum(axis=1) - others.reshape(total, machines)[np.arange(total), own])
        several = np.minimum(several, max(1, 4 * machines // 5))
    elif kind == "rdata":
        several = drawn.between(1, 3, total)
    else:
        several = np.maximum(1, drawn.below(20, total) - 16)  # 3 in one of 20, 2 in another
    eligible = _first(Stream("hurink machines", seed), np.minimum(several, machines), machines, own)
    return _modes(np.repeat(np.arange(jobs), machines), eligible, np.repeat(duration[:, None], machines, axis=1))


def behnke_geiger(*, jobs: int = 10, machines: int = 20, seed: int = 0) -> dict[str, Integers]:
    """Five operations a job, between work centres of four machines: the first centre, any of the middle ones, the last.

    D. Behnke, M. J. Geiger, Test instances for the flexible job shop scheduling problem with work centers, Research Report
    RR-12-01-01, Helmut Schmidt University, Hamburg 2012, section 4; what the report leaves open is as in their instances: an
    operation in the middle has 1 to all of the middle centres to choose from, uniform in number, and a duration on each machine,
    uniform on 10 to 30.

    Parameters
    ----------
    jobs : int
        How many.
    machines : int
        A multiple of 4, 12 at least; theirs are 20, 40 and 60.
    seed : int
        Which instance.

    Returns
    -------
    dict
        As of `brandimarte`.

    Examples
    --------
    >>> drawn = behnke_geiger(jobs=2, seed=1)
    >>> drawn["machine"][:4].tolist(), len(set(drawn["operation"].tolist()))
    ([0, 1, 2, 3], 10)
    """
    jobs, machines, seed = _started(jobs, machines, seed)
    if machines < 3 * CENTRE or machines % CENTRE:
        raise UnsupportedError(f"machines is {machines}; expected a multiple of {CENTRE}, {3 * CENTRE} at least")
    total, middle = _afforded(OPERATIONS * jobs, machines), machines // CENTRE - 2
    several = Stream("behnke_geiger centres", seed).between(1, middle, total)
    chosen = _first(Stream("behnke_geiger which", seed), several, middle)
    centres = np.zeros((total, middle + 2), dtype=bool)
    centres[:, 1:-1] = chosen
    centres[0::OPERATIONS] = np.arange(middle + 2) == 0
    centres[OPERATIONS - 1 :: OPERATIONS] = np.arange(middle + 2) == middle + 1
    duration = Stream("behnke_geiger durations", seed).between(10, 30, total * machines).reshape(total, machines)
    return _modes(np.repeat(np.arange(jobs), OPERATIONS), np.repeat(centres, CENTRE, axis=1), duration)


def behnke_geiger_size(settings: Mapping[str, Any]) -> int:
    """Operations of all jobs."""
    return OPERATIONS * int(settings["jobs"])


def _started(jobs: Any, machines: Any, seed: Any) -> tuple[int, int, int]:
    return check_count("jobs", jobs, 1), check_count("machines", machines, 1), check_count("seed", seed, 0)


def _afforded(operations: int, machines: int) -> int:
    if operations * machines > MOST_PAIRS:
        raise UnsupportedError(f"{operations:,} operations on {machines:,} machines; expected at most {MOST_PAIRS:,} pairs")
    return operations


def _first(stream: Stream, several: Integers, count: int, own: Integers | None = None) -> Any:
    """Of each row so many of ``count`` things, at random, the row's own among them: bool, shape (rows, count)."""
    order = np.argsort(stream.words(len(several) * count).reshape(-1, count), axis=1, kind="stable")
    if own is not None:
        rows = np.arange(len(own))
        at = np.argmax(order == own[:, None], axis=1)
        order[rows, at], order[:, 0] = order[:, 0].copy(), own
    chosen = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(chosen, order, np.arange(count) < several[:, None], axis=1)
    return chosen


def _modes(job: Integers, eligible: Any, duration: Integers) -> dict[str, Integers]:
    operation, machine = np.nonzero(eligible)
    return {"job": job, "operation": operation, "machine": machine, "duration": duration[operation, machine]}

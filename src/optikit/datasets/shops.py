"""Job shops and flow shops in the manner of the literature, besides Taillard's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from . import taillard
from .stream import Integers, Stream

MOST_OPERATIONS = 10_000_000

MOST_SETUPS = 50_000_000


def demirkol(*, jobs: int = 20, machines: int = 15, seed: int = 0, sets: int = 1) -> dict[str, Integers]:
    """Job shops with durations of 1 to 200, and machines in sets that are visited one after the other.

    E. Demirkol, S. Mehta, R. Uzsoy, Benchmarks for shop scheduling problems, European Journal of Operational Research 109 (1998),
    137-141: with one set dmu01 to dmu40, with two dmu41 to dmu80, which are harder (as Storer, Wu and Vaccari's, Management Science
    38 (1992), 1495-1509, with durations of 1 to 100).

    Parameters
    ----------
    jobs, machines : int
        The shape; every job visits every machine once.
    seed : int
        Which instance.
    sets : int
        Of machines, as even as can be; within a set the order is random.

    Returns
    -------
    dict
        ``durations`` and ``machines``, both of shape (jobs, machines): how long, and where, the o-th operation of job j is.

    Examples
    --------
    >>> demirkol(jobs=5, machines=4, seed=1, sets=2)["machines"][:, :2].max().item()
    1
    """
    jobs, machines, seed = _shaped(jobs, machines, seed)
    sets = check_count("sets", sets, 1, most=machines)
    words = Stream("demirkol orders", seed).words(jobs * machines).reshape(jobs, machines)
    of_set = np.broadcast_to(np.arange(machines) * sets // machines, words.shape)
    orders = np.lexsort((words, of_set), axis=1)
    durations = Stream("demirkol durations", seed).between(1, 200, jobs * machines).reshape(jobs, machines)
    return {"durations": durations, "machines": orders}


def ruiz(*, jobs: int = 20, machines: int = 5, time_seed: int = 873654221, setup: int = 49, seed: int = 0) -> dict[str, Integers]:
    """Flow shops with setups that depend on the sequence: Taillard's durations, and setups beside them.

    R. Ruiz, C. Maroto, J. Alcaraz, Solving the flowshop scheduling problem with sequence dependent setup times using advanced
    metaheuristics, European Journal of Operational Research 165 (2005), 34-54, section 4: the durations are those of Taillard,
    setups are uniform on 1, ..., 9, 49, 99 or 124: 10, 50, 100 or 125 per cent of the longest duration, which is 99.

    Parameters
    ----------
    jobs, machines, time_seed : int
        As of ``flowshop/taillard``; by default ta001.
    setup : int
        The longest setup.
    seed : int
        Of the setups.

    Returns
    -------
    dict
        ``durations``, shape (jobs, machines); ``setup``, shape (machines, jobs, jobs): before job j where i came before, the
        diagonals 0.

    Examples
    --------
    >>> drawn = ruiz(jobs=20, machines=5, setup=124)
    >>> drawn["setup"].shape, drawn["setup"].max().item()
    ((5, 20, 20), 124)
    """
    jobs, machines, seed = _shaped(jobs, machines, seed)
    longest = check_count("setup", setup, 0, most=10**9)
    if machines * jobs * jobs > MOST_SETUPS:
        raise UnsupportedError(f"{jobs:,} jobs on {machines:,} machines; expected at most {MOST_SETUPS:,} setups")
    drawn = Stream("ruiz setups", seed).between(min(1, longest), longest, machines * jobs * jobs)
    setups = drawn.reshape(machines, jobs, jobs)
    setups[:, np.arange(jobs), np.arange(jobs)] = 0
    return {"durations": taillard.flowshop(jobs=jobs, machines=machines, time_seed=time_seed)["durations"], "setup": setups}


def naderi_ruiz(*, jobs: int = 20, machines: int = 5, time_seed: int = 873654221, factories: int = 2) -> dict[str, Any]:
    """Distributed flow shops: Taillard's, with several factories to choose from.

    B. Naderi, R. Ruiz, The distributed permutation flowshop scheduling problem, Computers and Operations Research 37 (2010),
    754-768, section 4: Taillard's 120 instances, each with 2 to 7 factories.

    Parameters
    ----------
    jobs, machines, time_seed : int
        As of ``flowshop/taillard``; by default ta001.
    factories : int
        Identical ones, each with all machines.

    Returns
    -------
    dict
        ``durations``, shape (jobs, machines); ``factories``.

    Examples
    --------
    >>> naderi_ruiz(factories=3)["factories"]
    3
    """
    jobs, machines, _ = _shaped(jobs, machines, 0)
    factories = check_count("factories", factories, 1)
    return {"durations": taillard.flowshop(jobs=jobs, machines=machines, time_seed=time_seed)["durations"], "factories": factories}


def _shaped(jobs: Any, machines: Any, seed: Any) -> tuple[int, int, int]:
    jobs, machines = check_count("jobs", jobs, 1), check_count("machines", machines, 1)
    if jobs * machines > MOST_OPERATIONS:
        raise UnsupportedError(f"{jobs:,} jobs on {machines:,} machines; expected at most {MOST_OPERATIONS:,} operations")
    return jobs, machines, check_count("seed", seed, 0)

"""Frames of runs and traces as the engine makes them, drawn at random with what a test wants to find in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optikit.bench.schema import as_runs, as_traces

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def make_runs(
    costs: Mapping[str, Any],
    *,
    sense: str = "min",
    instances: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """A frame of runs from objectives.

    Parameters
    ----------
    costs : mapping of str to array_like, shape (num_instances, num_seeds)
        Label -> objectives, NaN for runs without a solution.
    sense : {"min", "max"}
        Of all.
    instances, seeds : sequence, optional
        Their names.
    **columns
        Other columns: a value for all, or a mapping of label to value.
    """
    rows = []
    for label, table in costs.items():
        table = np.asarray(table, float)
        names = instances if instances is not None else [f"i{k:03d}" for k in range(len(table))]
        numbers = seeds if seeds is not None else range(table.shape[1])
        for name, row in zip(names, table, strict=True):
            for seed, objective in zip(numbers, row, strict=True):
                rows.append({"solver": label, "instance": name, "seed": seed, "objective": objective})
    frame = pd.DataFrame(rows)
    found = np.isfinite(frame["objective"])
    rest: dict[str, Any] = {
        "run_id": [f"r{k:06d}" for k in range(len(frame))],
        "suite": "suite",
        "solver_name": frame["solver"],
        "parameters": "{}",
        "problem_class": "VRP",
        "size": 100,
        "sense": sense,
        "best_known": np.nan,
        "known_bound": np.nan,
        "time_limit": 10.0,
        "budget": "time=10",
        "n_jobs": 1,
        "status": np.where(found, "feasible", "unknown"),
        "stop_reason": "time",
        "bound": np.nan,
        "gap": np.nan,
        "seconds": 10.0,
        "iterations": 1000,
        "started_at": pd.Timestamp("2026-11-01", tz="UTC") + pd.to_timedelta(np.arange(len(frame)), unit="s"),
        "versions": '{"optikit": "0.1"}',
        "cpu": "a processor",
        "host": "a-machine",
        "commit": "0123456789abcdef",
        "code": "1",
        "cpu_wait": 0.0,
        "oversubscribed": False,
        "error": None,
    }
    for name, value in {**rest, **columns}.items():
        frame[name] = frame["solver"].map(value) if isinstance(value, Mapping) else value
    return as_runs(frame)


def make_traces(runs: pd.DataFrame, generator: np.random.Generator, points: int = 20, excess: float = 0.3) -> pd.DataFrame:
    """Improvements that come down to each run's objective, exponentially spaced in time."""
    found = runs[np.isfinite(runs["objective"])]
    times = np.sort(generator.uniform(0.001, 1.0, (len(found), points)) ** 3, axis=1) * found["seconds"].to_numpy()[:, None]
    over = np.sort(generator.exponential(excess, (len(found), points)), axis=1)[:, ::-1].copy()
    over[:, -1] = 0.0
    sign = np.where(found["sense"] == "min", 1.0, -1.0)[:, None]
    final = found["objective"].to_numpy()[:, None]
    return as_traces(
        pd.DataFrame(
            {
                "run_id": np.repeat(found["run_id"].to_numpy(), points),
                "seconds": times.ravel(),
                "objective": (final + sign * over * np.abs(final)).ravel(),
                "bound": np.nan,
                "iterations": np.tile(np.arange(points), len(found)),
            }
        )
    )


def paired(
    generator: np.random.Generator,
    *,
    instances: int = 40,
    seeds: int = 5,
    improvement: float = 0.0,
    deviation: float = 0.01,
    of_instances: float = 0.0,
    noise: Draw = lambda generator, shape: generator.normal(size=shape),
) -> dict[str, np.ndarray]:
    """Objectives of ``live`` and ``new`` whose relative difference has a given mean and standard deviation.

    Parameters
    ----------
    improvement : float
        Mean of (live - new) / live.
    deviation : float
        Standard deviation of that difference from one (instance, seed) pair to the next.
    of_instances : float
        Standard deviation of its mean from one instance to the next, on top of that.
    noise : callable
        Draws numbers of mean 0 and variance 1.
    """
    level = np.exp(generator.normal(7.0, 1.0, (instances, 1)))
    live = level * (1 + deviation / np.sqrt(2) * noise(generator, (instances, seeds)))
    new = level * (1 + deviation / np.sqrt(2) * noise(generator, (instances, seeds)))
    shift = improvement + of_instances * noise(generator, (instances, 1))
    return {"live": live, "new": new - level * shift}

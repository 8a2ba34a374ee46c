"""How often the verdict on two solvers is wrong, and how often it finds what is there: on simulated runs.

    python -m benchmarks.micro.calibration --simulations 2000

40 instances x 5 seeds. Objectives scatter about the level of their instance such that the relative difference of two solvers has a
standard deviation of 1 % from one (instance, seed) pair to the next; "of instances" is the deviation of its mean from one instance
to the next, on top: what a change does to one instance, it does not do to all.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from benchmarks.table import write
from optikit.bench.statistics import sign_flips

Draw = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]
INSTANCES, SEEDS = 40, 5
IMPROVEMENT = 0.005
HALF = 0.01 / 2**0.5


def normal(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return generator.normal(size=shape)


def heavy(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return generator.standard_t(3, size=shape) / np.sqrt(3)


def exponential(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return generator.exponential(size=shape) - 1


def lognormal(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Of mean 0 and variance 1, from normal numbers of variance 1."""
    return (np.exp(generator.normal(size=shape)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)


NULL: dict[str, dict[str, Any]] = {
    "normal": {"noise": normal},
    "heavy tails (t with 3 degrees of freedom)": {"noise": heavy},
    "both solvers' runs exponential": {"noise": exponential},
    "both solvers' runs lognormal": {"noise": lognormal},
    "heavy tails, of instances 1 %": {"noise": heavy, "of_instances": 0.01},
    "noise of 30 %": {"noise": normal, "deviation": 0.3},
    "true differences exponential, of instances 1 %": {"noise": exponential, "of_instances": 0.01},
    "true differences lognormal, of instances 1 %": {"noise": lognormal, "of_instances": 0.01},
}
FOUND: dict[str, dict[str, Any]] = {
    "1 % from pair to pair": {"noise": normal},
    "1 % from pair to pair, heavy tails": {"noise": heavy},
    "the same, half of the variance between instances": {
        "noise": normal,
        "deviation": 0.01 / 2**0.5,
        "of_instances": 0.01 / 2**0.5,
    },
    "1 % between the means of instances": {"noise": normal, "deviation": 1e-9, "of_instances": 0.01},
}


def differences(
    generator: np.random.Generator, *, noise: Draw, deviation: float = 0.01, of_instances: float = 0.0, improvement: float = 0.0
) -> NDArray[np.float64]:
    """One comparison: the difference on each instance, as a share of the mean size of both solvers' objectives."""
    scatter = partial(noise, generator, (INSTANCES, SEEDS))
    live = 1 + deviation / np.sqrt(2) * scatter()
    new = 1 + deviation / np.sqrt(2) * scatter() - improvement - of_instances * noise(generator, (INSTANCES, 1))
    return (live - new).mean(axis=1) / ((np.abs(live) + np.abs(new)).mean(axis=1) / 2)


def measured(simulations: int, seed: int, **model: Any) -> tuple[float, float, float]:
    """Per cent of comparisons that are called significant, whose interval covers the truth, and that Wilcoxon's test calls so."""
    generator = np.random.default_rng(seed)
    table = np.column_stack([differences(generator, **model) for _ in range(simulations)])
    found = sign_flips(table)
    improvement = model.get("improvement", 0.0)
    truth = improvement / (1 - improvement / 2)
    called = np.mean([estimate.p <= 0.05 for estimate in found])
    covered = np.mean([estimate.low <= truth <= estimate.high for estimate in found])
    return 100 * float(called), 100 * float(covered), 100 * float(np.mean(wilcoxon(table).pvalue <= 0.05))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = []
    for improvement, models in ((0.0, NULL), (IMPROVEMENT, FOUND)):
        for title, model in models.items():
            shares = measured(arguments.simulations, arguments.seed, improvement=improvement, **model)
            rows.append([f"{100 * improvement:g} %", title, *(f"{share:.1f} %" for share in shares)])
            print(" | ".join(rows[-1]), flush=True)
    write(
        "calibration",
        "Verdicts on simulated comparisons",
        ["true improvement", "scatter", "called significant at 5 %", "95 % interval covers the truth", "by Wilcoxon's test"],
        rows,
        notes=f"{INSTANCES} instances x {SEEDS} seeds, {arguments.simulations:,} comparisons a row, seed {arguments.seed}.",
        packages=["scipy"],
    )


if __name__ == "__main__":
    main()

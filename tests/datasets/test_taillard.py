"""Taillard's shops, against his files, and against his generator as he printed it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import optikit as ok
from optikit.datasets import taillard
from optikit.errors import UnsupportedError

from .conftest import INSTANCES, needs_instances

SEEDS = INSTANCES.parent / "facts" / "taillard_seeds.csv"


def words(path: Path) -> np.ndarray:
    return np.array(path.read_text().split(), dtype=np.int64)


@needs_instances
def test_every_file_number_for_number():
    checked = []
    for family in ("jobshop", "flowshop", "openshop"):
        for instance in ok.datasets.select(family, kind="regenerated"):
            file = INSTANCES / family / f"{instance.name}.txt"
            if family == "openshop":
                file = INSTANCES / family / f"Taillard1993-{instance.name}.txt"
            if not file.exists():
                continue
            jobs, machines, *told = words(file).tolist()
            numbers = ok.datasets.numbers(instance)
            assert f"{jobs}x{machines}" == instance.shape, instance
            table = np.array(told).reshape(jobs, -1)
            if family == "openshop":
                assert (table == numbers["durations"]).all(), instance
            else:
                assert (table[:, 1::2] == numbers["durations"]).all(), instance
                order = numbers.get("machines", np.arange(machines))
                assert (table[:, ::2] == order).all(), instance
            checked.append(instance.key)
    assert len(checked) == 8 + 12 + 5


@pytest.mark.skipif(not SEEDS.exists(), reason="../shared/facts/taillard_seeds.csv is not on this machine")
def test_the_index_has_all_seeds():
    with open(SEEDS, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 200
    for row in rows:
        family = {"job shop": "jobshop", "permutation flow shop": "flowshop"}[row["problem"]]
        seeds = f"jobs={row['jobs']},machines={row['machines']},time_seed={row['time_seed']}"
        seeds += f",machine_seed={row['machine_seed']}" if row["machine_seed"] else ""
        assert ok.datasets.info(f"{family}/{row['name']}").generator == f"{family}/taillard:{seeds}"


class Printed:
    """The generator of figure 1: in floating point, by Schrage's trick."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def unif(self, low: int, high: int) -> int:
        a, b, c, m = 16807, 127773, 2836, 2**31 - 1
        k = self.seed // b
        self.seed = a * (self.seed % b) - k * c
        if self.seed < 0:
            self.seed += m
        return low + int(self.seed / m * (high - low + 1))


def test_the_generator_as_it_was_printed():
    """All 260 instances, in floating point."""
    for family, count in (("jobshop", 80), ("flowshop", 120), ("openshop", 60)):
        chosen = ok.datasets.select(family, kind="regenerated")
        assert len(chosen) == count
        for instance in chosen:
            _, given = ok.datasets.generators.parse(instance.generator)
            jobs, machines = given["jobs"], given["machines"]
            times = Printed(given["time_seed"])
            drawn = [times.unif(1, 99) for _ in range(jobs * machines)]
            numbers = ok.datasets.numbers(instance)
            if family == "flowshop":
                expected = [[drawn[m * jobs + j] for m in range(machines)] for j in range(jobs)]
            else:
                orders = Printed(given["machine_seed"])
                rows, places = [], []
                for j in range(jobs):
                    order = list(range(machines))
                    for i in range(machines):
                        k = orders.unif(i, machines - 1)
                        order[i], order[k] = order[k], order[i]
                    places.append(order)
                    row = drawn[j * machines : (j + 1) * machines]
                    rows.append(row if family == "jobshop" else [row[order.index(m)] for m in range(machines)])
                expected = rows
                if family == "jobshop":
                    assert numbers["machines"].tolist() == places, instance
            assert numbers["durations"].tolist() == expected, instance


def test_bounds_of_the_index_hold():
    """No schedule is shorter than its busiest machine, its longest job, or the bound told."""
    for family in ("jobshop", "flowshop", "openshop"):
        for instance in ok.datasets.select(family, kind="regenerated"):
            numbers = ok.datasets.numbers(instance)
            durations = numbers["durations"]
            on_machine = np.zeros(durations.shape[1])
            np.add.at(
                on_machine, numbers.get("machines", np.broadcast_to(np.arange(durations.shape[1]), durations.shape)), durations
            )
            least = max(on_machine.max(), durations.sum(axis=1).max())
            if instance.best_known is not None:
                assert least <= instance.best_known, instance
            assert instance.bound is None or instance.bound <= (instance.best_known or np.inf), instance


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"jobs": 0, "machines": 5, "time_seed": 1}, "jobs is 0"),
        ({"jobs": 5, "machines": 1.5, "time_seed": 1}, r"machines is 1\.5"),
        ({"jobs": 5, "machines": 5, "time_seed": 0}, "time_seed is 0"),
        ({"jobs": 5, "machines": 5, "time_seed": 2**31 - 1}, "expected a seed from 1 to 2147483646"),
    ],
)
def test_bad_parameters(parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        taillard.flowshop(**parameters)

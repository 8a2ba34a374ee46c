"""Flexible job shops: naive references that draw one number at a time, and what the papers say of each set."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import optikit as ok
from optikit.datasets.flexible import behnke_geiger, brandimarte, hurink
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below, pcg64


def draw(name: str, seed: int, low: int, high: int, count: int) -> list[int]:
    return [low + k for k in itertools.islice(below(name, seed, high - low + 1), count)]


def words(name: str, seed: int, rows: int, count: int) -> list[list[int]]:
    stream = pcg64([seed, *name.encode()])
    return [[next(stream) for _ in range(count)] for _ in range(rows)]


def modes(drawn) -> dict[int, dict[int, int]]:
    """Operation -> machine -> duration."""
    told: dict[int, dict[int, int]] = {}
    for operation, machine, duration in zip(*(drawn[name].tolist() for name in ("operation", "machine", "duration")), strict=True):
        assert machine not in told.setdefault(operation, {})
        told[operation][machine] = duration
    assert sorted(told) == list(range(len(drawn["job"])))
    return told


@pytest.mark.parametrize(("jobs", "machines", "choices", "seed"), [(1, 1, 1, 0), (4, 5, 3, 1), (6, 3, 3, 2)])
def test_brandimarte_by_its_words(jobs, machines, choices, seed):
    drawn = brandimarte(jobs=jobs, machines=machines, choices=choices, seed=seed, shortest=5, longest=20)
    counts = draw("brandimarte operations", seed, 5, 7, jobs)
    total = sum(counts)
    assert drawn["job"].tolist() == [job for job, count in enumerate(counts) for _ in range(count)]
    several = draw("brandimarte choices", seed, 1, choices, total)
    durations = iter(draw("brandimarte durations", seed, 5, 20, total * machines))
    told = modes(drawn)
    for operation, row in enumerate(words("brandimarte machines", seed, total, machines)):
        chosen = sorted(range(machines), key=row.__getitem__)[: several[operation]]
        all_of_it = [next(durations) for _ in range(machines)]
        assert told[operation] == {machine: all_of_it[machine] for machine in chosen}


def test_behnke_and_geiger_by_their_words():
    drawn = behnke_geiger(jobs=3, machines=20, seed=4)
    told = modes(drawn)
    assert drawn["job"].tolist() == [0] * 5 + [1] * 5 + [2] * 5
    several = draw("behnke_geiger centres", 4, 1, 3, 15)
    durations = iter(draw("behnke_geiger durations", 4, 10, 30, 15 * 20))
    for operation, row in enumerate(words("behnke_geiger which", 4, 15, 3)):
        centres = [1 + centre for centre in sorted(range(3), key=row.__getitem__)[: several[operation]]]
        if operation % 5 in (0, 4):
            centres = [operation % 5]
        all_of_it = [next(durations) for _ in range(20)]
        assert told[operation] == {machine: all_of_it[machine] for machine in range(20) if machine // 4 in centres}


@pytest.mark.parametrize(("kind", "mean", "most"), [("edata", 1.15, 3), ("rdata", 2.0, 3), ("vdata", 5.0, 8)])
def test_hurink_has_the_means_and_mosts_of_the_paper(kind, mean, most):
    drawn = hurink(jobs=200, machines=10, kind=kind, seed=1)
    told = modes(drawn)
    counts = np.array([len(told[operation]) for operation in range(2000)])
    assert (counts.min(), counts.max()) == (1, most)
    assert counts.mean() == pytest.approx(mean, abs=0.15 if kind == "vdata" else 0.05)
    assert all(len(set(of.values())) == 1 for of in told.values()), "the same time wherever"
    assert {5, 99} <= {duration for of in told.values() for duration in of.values()}


@pytest.mark.parametrize("machines", [1, 2, 5])
def test_hurink_is_a_job_shop_underneath(machines):
    """The machines can be chosen such that each job visits each once: Hall's condition, by trying."""
    drawn = hurink(jobs=3, machines=machines, kind="vdata", seed=2)
    told = modes(drawn)
    for job in range(3):
        own = [set(told[operation]) for operation in range(job * machines, (job + 1) * machines)]
        assert any(all(m in of for m, of in zip(order, own, strict=True)) for order in itertools.permutations(range(machines)))


def test_sizes_are_known_before_anything_is_drawn():
    for key in ("brandimarte:jobs=7,seed=3", "behnke_geiger:jobs=4,machines=12", "hurink:jobs=4,machines=3,kind=edata"):
        instance = ok.datasets.info(f"flexible-jobshop/{key}")
        assert instance.size == instance.load().features["size"]
        assert ok.datasets.info(instance.key) == instance
        assert instance.shape == f"{instance.load().num_jobs}x{instance.load().num_machines}"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("brandimarte:choices=7", "choices is 7"),
        ("brandimarte:least_operations=5,most_operations=4", "most_operations is 4"),
        ("brandimarte:shortest=0", "shortest is 0"),
        ("brandimarte:jobs=100000,machines=100,choices=1", "expected at most 10,000,000 pairs"),
        ("hurink:kind=sdata", "kind is 'sdata'; did you mean"),
        ("behnke_geiger:machines=22", "machines is 22; expected a multiple of 4, 12 at least"),
        ("behnke_geiger:machines=8", "machines is 8"),
        ("behnke_geiger:jobs=0", "jobs is 0"),
    ],
)
def test_refusals(key, said):
    with pytest.raises(UnsupportedError, match=said):
        ok.datasets.numbers(f"flexible-jobshop/{key}")

"""Job shops after Demirkol, and Taillard's flow shops with setups or factories."""

from __future__ import annotations

import itertools

import pytest

import optikit as ok
from optikit.datasets.shops import demirkol, naderi_ruiz, ruiz
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below, pcg64


@pytest.mark.parametrize(("jobs", "machines", "sets"), [(1, 1, 1), (4, 5, 1), (4, 6, 2), (3, 5, 3)])
def test_demirkol_by_its_words(jobs, machines, sets):
    drawn = demirkol(jobs=jobs, machines=machines, seed=7, sets=sets)
    words = pcg64([7, *b"demirkol orders"])
    for job in range(jobs):
        row = [next(words) for _ in range(machines)]
        order = sorted(range(machines), key=lambda m: (m * sets // machines, row[m]))
        assert drawn["machines"][job].tolist() == order
    durations = [1 + k for k in itertools.islice(below("demirkol durations", 7, 200), jobs * machines)]
    assert drawn["durations"].ravel().tolist() == durations


def test_half_of_the_machines_come_first():
    drawn = demirkol(jobs=30, machines=20, seed=1, sets=2)
    assert (drawn["machines"][:, :10] < 10).all()
    assert len({tuple(order) for order in drawn["machines"].tolist()}) == 30


@pytest.mark.parametrize("longest", [0, 1, 9, 124])
def test_setups_by_their_words(longest):
    drawn = ruiz(setup=longest, seed=2)
    assert (drawn["durations"] == ok.datasets.numbers("flowshop/ta001")["durations"]).all()
    words = below("ruiz setups", 2, max(1, longest))
    for stage, i, j in itertools.product(range(5), range(20), range(20)):
        drawn_here = min(1, longest) + next(words)
        assert drawn["setup"][stage, i, j] == (0 if i == j else drawn_here)


def test_as_problems():
    shop = ok.datasets.load("flowshop/ruiz:jobs=6,machines=3,setup=10")
    assert shop.setup.shape == (3, 6, 6)
    assert ok.datasets.load("flowshop/naderi_ruiz:factories=3").factories == 3
    assert naderi_ruiz(jobs=3, machines=2)["durations"].shape == (3, 2)
    assert ok.datasets.load("jobshop/demirkol:jobs=3,machines=4").num_machines == 4


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("jobshop/demirkol:sets=16", "sets is 16"),
        ("jobshop/demirkol:jobs=0", "jobs is 0"),
        ("flowshop/ruiz:jobs=4000,machines=20", "at most 50,000,000 setups"),
        ("flowshop/ruiz:setup=-1", "setup is -1"),
        ("flowshop/ruiz:time_seed=0", "time_seed is 0"),
        ("flowshop/naderi_ruiz:factories=0", "factories is 0"),
        ("flowshop/naderi_ruiz:jobs=10000,machines=10000", "at most 10,000,000 operations"),
    ],
)
def test_refusals(key, words):
    with pytest.raises(UnsupportedError, match=words):
        ok.datasets.numbers(key)

"""``optikit datasets``: one line on stderr and exit code 2 for what makes no sense."""

from __future__ import annotations

import pytest

from optikit import cli
from optikit.datasets.fetching import taken_in
from optikit.datasets.loading import info

from .conftest import INSTANCES, needs_instances


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as done:
        cli.main(["datasets", *arguments])
    out, err = capsys.readouterr()
    return done.value.code, out, err


def test_list(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    for word in ("cvrp", "uchoa", "jobshop", "TSPLIB", "binpacking", "two_cost"):
        assert word in out
    code, out, _ = run(capsys, "list", "cvrp", "--max-size", "20")
    assert "cvrp/E-n13-k4" in out
    assert "247" in out
    assert "X-n101" not in out


def test_keys_only(capsys):
    _, out, _ = run(capsys, "list", "cvrp", "--set", "X", "--max-size", "110", "--keys")
    assert out.split() == ["cvrp/X-n101-k25", "cvrp/X-n106-k14", "cvrp/X-n110-k13"]
    _, out, _ = run(capsys, "list", "tsp", "cvrp", "--max-size", "14")
    assert out.split()[:2] == ["key", "size"]
    assert out.index("tsp/burma14") < out.index("cvrp/E-n13-k4")
    code, out, _ = run(capsys, "list", "cvrp", "--available", "--keys")
    assert (code, out) == (0, "")


def test_show(capsys):
    code, out, _ = run(capsys, "show", "X-n101-k25")
    assert code == 0
    for word in ("27,591", "Uchoa", "not here yet", "http://vrp.galgos", "nearest"):
        assert word in out
    assert "regenerated" in run(capsys, "show", "ta01")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "la21"), "la21 is 5 instances"),
        (("show", "cvrp/X-n101-k52"), "did you mean"),
        (("list", "cvrpp"), "no family"),
        (("path", "nug12"), "qap/nug12 is not on this machine"),
        (("path", "ta01"), "it is computed"),
        (("fetch", "X-n101-k25", "nonsense"), "no instance 'nonsense'"),
    ],
)
def test_refusals(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("optikit: ")
    assert words in err
    assert err.count("\n") == 1


def test_fetch_says_what_could_not_be_fetched_and_goes_on(capsys):
    code, out, err = run(capsys, "fetch", "ta01", "RG300_1", "jobshop/ta02")
    assert code == 1
    assert out.splitlines() == ["jobshop/ta01 is computed", "jobshop/ta02 is computed"]
    assert err.startswith("optikit: rcpsp/RG300_1 is not on this machine")


@needs_instances
def test_fetch_and_path(capsys, folders, tmp_path):
    taken_in(info("X-n101-k25"), (INSTANCES / "cvrp" / "X-n101-k25.vrp").read_bytes(), "it")
    place = str(folders / "cvrp" / "X-n101-k25.vrp")
    assert run(capsys, "fetch", "X-n101-k25") == (0, f"{place}\n", "")
    assert run(capsys, "path", "X-n101-k25") == (0, f"{place}\n", "")
    assert run(capsys, "path") == (0, f"{folders}\n", "")
    assert run(capsys, "path", "--cache", str(tmp_path)) == (0, f"{tmp_path}\n", "")

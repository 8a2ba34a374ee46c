"""``optikit bench``: the exit codes that CI relies on, and refusals in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from optikit import cli
from tests.bench.toys import Napping, problems
from tests.core.toy import Choose, Chosen

GOOD = """
name = "nightly"
seeds = 2
time_limit = 60
instances = ["*.vrp"]
solvers = { live = "insertion", new = "savings" }
"""


@pytest.fixture
def run(capsys):
    """Call the command; returns exit code, stdout and stderr."""

    def call(*args: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in args])
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return call


@pytest.fixture
def suite(tmp_path):
    """A dozen files, and a suite of two solvers of which the second is the better."""
    import numpy as np

    rng = np.random.default_rng(4)
    for k in range(12):
        points = rng.integers(0, 100, (31, 2))
        nodes = "\n".join(f"{i + 1} {x} {y}" for i, (x, y) in enumerate(points))
        demand = "\n".join(f"{i + 1} {0 if i == 0 else rng.integers(1, 9)}" for i in range(31))
        (tmp_path / f"x{k}.vrp").write_text(
            f"NAME : x{k}\nTYPE : CVRP\nDIMENSION : 31\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 40\n"
            f"NODE_COORD_SECTION\n{nodes}\nDEMAND_SECTION\n{demand}\nDEPOT_SECTION\n1\n-1\nEOF\n"
        )
    path = tmp_path / "suite.toml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def store(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


def test_from_a_suite_to_a_verdict(run, suite, store, tmp_path):
    code, out, _ = run("bench", "run", suite, "--store", store)
    assert code == 0
    assert "runs       48 of 2 solvers on 12 instances" in out
    code, out, _ = run("bench", "list", "--store", store)
    assert (code, out) == (0, "nightly: 48 runs of live, new\n")

    code, out, _ = run("bench", "compare", "live", "new", "--store", store, "--report", tmp_path / "pull.md")
    assert code == 0
    assert out.startswith("new is better by ")
    assert "new is better by " in (tmp_path / "pull.md").read_text()
    code, out, _ = run("bench", "compare", "live", "new", "--store", store, "--per-unit", 0.5, "--unit", "EUR")
    assert "EUR" in out
    code, out, _ = run("bench", "compare", "live", "new", "--store", store, "--per-unit", 1, "--unit", "EUR", "--per-failure", 99)
    assert (code, "EUR" in out) == (0, True)

    code, out, _ = run("bench", "gate", "live", "new", "--store", store)
    assert (code, out.partition(":")[0]) == (0, "passed")
    code, out, _ = run("bench", "gate", "new", "live", "--store", store, "--report", tmp_path / "gate.html")
    assert (code, out.partition(":")[0]) == (1, "refused")
    assert "refused" in (tmp_path / "gate.html").read_text().lower()
    code, out, _ = run("bench", "gate", "new", "live", "--store", store, "--tolerance", 0.9, "--undecided", "pass")
    assert code == 0

    code, out, _ = run("bench", "report", tmp_path / "report.html", "--store", store, "--suite", "nightly")
    assert code == 0
    assert "<html" in (tmp_path / "report.html").read_text()


def test_a_suite_may_be_named_by_its_file(run, suite, store):
    run("bench", "run", suite, "--store", store, "--quiet")
    suite.write_text(GOOD.replace("seeds = 2", "seeds = 1"))
    code, _, err = run("bench", "compare", "live", "new", "--store", store, "--suite", suite)
    assert code == 2
    assert "does not know the suite 'nightly' as it is now" in err
    run("bench", "run", suite, "--store", store, "--quiet")
    code, out, _ = run("bench", "compare", "live", "new", "--store", store, "--suite", suite)
    assert code == 0
    assert "12 instances, 1 seed each" in out
    assert "12 instances, 2 seeds each" in run("bench", "compare", "live", "new", "--store", store)[1]


def test_the_store_may_be_named_by_the_environment(run, suite, store, monkeypatch):
    monkeypatch.setenv("OPTIKIT_STORE", store)
    assert run("bench", "run", suite, "--quiet") == (0, "", "")
    assert run("bench", "list")[1].startswith("nightly")


def test_two_versions_of_the_code_are_compared_by_label_at_version(run, store, tmp_path):
    def entry(version: str, worse: float) -> dict:
        return {"solver": Worse(by=worse), "code": version}

    for version, worse in (("1", 0.0), ("2", 0.1)):
        from optikit.bench import Suite

        given = {f"choose-{k}": problem for k, problem in enumerate(problems(12).values())}
        Suite(given, {"nap": entry(version, worse)}, seeds=1, time_limit=60, name="versions").run(store)
    code, out, _ = run("bench", "gate", "nap@1", "nap", "--store", store)
    assert code == 1
    assert out.startswith("refused: nap is worse by")
    code, _, _ = run("bench", "gate", "nap", "nap@1", "--store", store)
    assert code == 0


def test_tuning_from_the_command_line(run, suite, store):
    suite.write_text(GOOD.replace('"savings"', '"hgs"').replace("time_limit = 60", "iterations = 5").replace('"*.vrp"', '"x1.vrp"'))
    code, _, err = run("bench", "tune", suite, "nwe", "--store", store)
    assert (code, "no solver 'nwe'; there is: live, new" in err) == (2, True)
    code, out, _ = run("bench", "tune", suite, "new", "--store", store, "--trials", 3, "--parameter", "neighbours")
    assert code == 0
    assert "mean loss" in out
    assert ("tuned.check.run" in out) == ('tuned = { solver = "hgs", neighbours = ' in out)


class Worse(Napping):
    """Takes an item that is not the best."""

    by: float

    def __init__(self, by: float = 0.0) -> None:
        super().__init__(seconds=0.0)
        object.__setattr__(self, "by", by)

    def _run(self, problem: Choose, run):
        from optikit import StopReason
        from optikit.core.run import Outcome

        return Outcome(StopReason.EXHAUSTED, Chosen((1, 3) if self.by else (1, 2)))


def test_runs_that_end_in_an_error_are_told_and_fail(run, store, tmp_path, monkeypatch):
    path = tmp_path / "suite.toml"
    instances = "['cvrp/uchoa:size=20,seed=1']"
    path.write_text(f"seeds = 1\ntime_limit = 1\ninstances = {instances}\nsolvers = {{ a = 'benchmarks.nothing:X' }}")
    code, out, err = run("bench", "run", path, "--store", store)
    assert code == 2
    assert "suite.toml: solvers.a: 'benchmarks.nothing:X' cannot be imported" in err
    assert len(err.splitlines()) == 1
    path.write_text(path.read_text().replace("benchmarks.nothing:X", f"{__name__}:Breaking"))
    code, out, err = run("bench", "run", path, "--store", store)
    assert code == 1
    assert "error      a on cvrp/uchoa:size=20,seed=1, seed 0: ZeroDivisionError: of a solver" in out


def breaking():
    from dataclasses import dataclass
    from typing import ClassVar

    from optikit import Solver
    from optikit.routing import VRP

    @dataclass(frozen=True)
    class Breaking(Solver):
        name: ClassVar[str] = "breaking"
        solves: ClassVar[type] = VRP

        def _run(self, problem, run):
            raise ZeroDivisionError("of a solver")

    return Breaking


Breaking = breaking()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere.toml"], "nowhere.toml"),
        (["compare", "live", "new"], "has no runs yet"),
        (["compare", "live", "new", "--unit", "EUR"], "--unit, --period and --per-failure need --per-unit"),
        (["compare", "live", "new", "--report", "report.pdf"], "expected a name that ends in .html or .md"),
        (["report", "nowhere/report.html"], "nowhere/report.html"),
        (["gate", "live", "new"], "has no runs yet: there is no file"),
        (["report"], "run a suite first, or mend the name"),
        (["list"], "has no runs yet"),
        (["list", "--store", "mysql://x/y"], "expected sqlite or postgresql"),
        (["list", "--store", "nope"], "neither a URL nor a file that is there"),
    ],
)
def test_refusals_are_one_line_and_exit_code_2(run, store, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "--store" not in arguments:
        arguments = [*arguments, "--store", store]
    code, out, err = run("bench", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not Path(store.removeprefix("sqlite:///")).exists()


def test_help_imports_nothing_heavy():
    heavy = ["numpy", "sqlalchemy", "pandas", "scipy", "joblib", "matplotlib", "rich"]
    code = f"""
import sys
from optikit.cli import optikit
for arguments in (["--help"], ["bench", "--help"], ["bench", "run", "--help"], ["bench", "gate", "--help"]):
    try:
        optikit.main(arguments, standalone_mode=False)
    except SystemExit:
        pass
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "bench" in done.stdout


def test_the_store_keeps_the_whole_result(run, suite, store):
    from optikit.bench import Runs

    run("bench", "run", suite, "--store", store, "--quiet")
    runs = Runs(store)
    row = runs.to_frame().iloc[0]
    result = runs.result(row["run_id"])
    assert result.objective == row["objective"]
    assert json.loads(row["parameters"]) == result.parameters
    assert Path(store.removeprefix("sqlite:///")).exists()

"""A misspelt keyword is refused with the nearest one, by whatever takes keywords."""

import pandas as pd
import pytest

import optikit as ok
from optikit.bench import Suite
from optikit.errors import UnsupportedError
from tests.bench.toys import naps, problems

LIVE, NEW = [100, 210, 330, 405, 520, 610], [98, 204, 322, 401, 501, 600]
FRAME = pd.DataFrame({"solver": ["live"] * 6 + ["new"] * 6, "instance": list("abcdef") * 2, "objective": LIVE + NEW})


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return naps(1, 1).run(tmp_path_factory.mktemp("runs") / "runs.db")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Suite(problems(1), ["nap"], time_limt=1), "Suite has no option 'time_limt'; did you mean 'time_limit'"),
        (lambda: naps(1, 1).run("never.db", njobs=1), "^run has no option 'njobs'; did you mean 'n_jobs'"),
        (lambda: ok.bench.compare(FRAME, "live", "new", alpa=0.1), "compare has no option 'alpa'; did you mean 'alpha'"),
        (lambda: ok.bench.compare(FRAME, "live", "new").gate(prov=True), "decide has no option 'prov'; did you mean 'prove'"),
        (lambda: ok.bench.compare(FRAME, "live", "new").report("x.md", titel=""), "^report has no option 'titel'"),
        (lambda: ok.bench.gate(FRAME, "live", "new", prov=True), "gate has no option 'prov'; did you mean 'prove'"),
        (lambda: ok.bench.gate(FRAME, "live", "new", alpa=0.1), "gate has no option 'alpa'; did you mean 'alpha'"),
        (lambda: ok.bench.rank(FRAME, budgt=""), "rank has no option 'budgt'; did you mean 'budget'"),
        (lambda: ok.bench.tune("hgs", naps(1, 1), trails=2), "tune has no option 'trails'; did you mean 'trials'"),
        (lambda: ok.bench.MLflow(experimnt="x"), "MLflow has no option 'experimnt'; did you mean 'experiment'"),
        (lambda: ok.bench.gate(FRAME, "live", "new", tolernce=0.1), "gate has no option 'tolernce'; did you mean 'tolerance'"),
        (lambda: ok.bench.Store(ur="runs.db"), "Store has no option 'ur'; did you mean 'url'"),
        (lambda: ok.bench.Runs(stor="runs.db"), "Runs has no option 'stor'; did you mean 'store'"),
        (
            lambda: ok.bench.Runs.of_suite("runs.db", nam="x"),
            "of_suite has no option 'nam'; did you mean 'name'.; known: store, name$",
        ),
        (lambda: Suite.read(pth="x"), "read has no option 'pth'; did you mean 'path'"),
        (lambda: ok.datasets.info(ky="ta01"), "info has no option 'ky'; did you mean 'key'"),
        (lambda: ok.datasets.index(family="tsp"), "index has no option 'family'; known: none"),
        (lambda: ok.datasets.numbers(ke="ta01"), "numbers has no option 'ke'; did you mean 'key'"),
        (lambda: ok.explain(None, solutio=1), "explain has no option 'solutio'; did you mean 'solution'"),
        (lambda: ok.formulate(None, backnd="cpsat"), "formulate has no option 'backnd'; did you mean 'backend'"),
        (lambda: ok.compare(None, solvrs=[]), "compare has no option 'solvrs'; did you mean 'solvers'"),
        (lambda: ok.bench.Value(perunit=1), "Value has no option 'perunit'; did you mean 'per_unit'"),
    ],
)
def test_functions_and_classes(call, said):
    with pytest.raises(UnsupportedError, match=said):
        call()


@pytest.mark.parametrize("method", ["compare", "gate"])
def test_runs_hand_nothing_on_that_is_not_known(runs, method):
    with pytest.raises(UnsupportedError, match=f"{method} has no option 'alpa'; did you mean 'alpha'"):
        getattr(runs, method)("nap", "nap", alpa=0.1)


def test_runs_bring_their_own_traces(runs, tmp_path):
    for call in (
        lambda: runs.compare("nap", "nap", traces=None),
        lambda: runs.rank(traces=None),
        lambda: runs.report(tmp_path / "report.md", traces=None),
    ):
        with pytest.raises(UnsupportedError, match="has no option 'traces'"):
            call()

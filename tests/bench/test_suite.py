"""Suites as objects and as files: what they come to, and what they refuse before the first run."""

import dataclasses
import os
import pickle
import re
from pathlib import Path

import pytest

import optikit as ok
from optikit import Capabilities
from optikit.bench import Suite
from optikit.datasets import fetching
from optikit.errors import FileFormatError, UnsupportedError
from optikit.routing import HGS, VRP
from tests.bench.toys import Napping, problems
from tests.core.toy import Shuffling

VRPLIB = """NAME : {name}
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : {capacity}
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
DEMAND_SECTION
1 0
2 1
3 1
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def vrp():
    return VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)


@pytest.fixture
def folder(tmp_path):
    for name, capacity in (("small", 1), ("large", 2)):
        (tmp_path / f"{name}.vrp").write_text(VRPLIB.format(name=name, capacity=capacity))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "suite.toml"
    path.write_text(text)
    return path


def test_a_suite_is_short_to_look_at(vrp):
    given = Suite({f"i{k}": vrp for k in range(500)}, {"live": "savings", "new": HGS()}, seeds=5, time_limit=1, name="nightly")
    assert repr(given) == "<Suite nightly: 500 instances x live, new x 5 seeds x 1 budget>"


def test_a_mistyped_argument_of_a_selection_is_named(folder):
    path = written(folder, 'instances = { select = "cvrp", maxsize = 30 }\nsolvers = ["savings"]\n')
    with pytest.raises(FileFormatError, match=r"instances\.select\.maxsize is not known; did you mean 'max_size'"):
        Suite.read(path)


def test_all_instances_that_cannot_be_loaded_are_named_at_once(folder, vrp):
    for name in ("large", "small"):
        (folder / f"{name}.vrp").write_text("nothing")
    given = Suite({"good": vrp, "a": folder / "small.vrp", "b": folder / "large.vrp"}, ["savings"], time_limit=1)
    with pytest.raises(
        UnsupportedError, match=r"2 instances cannot be loaded: a, b; the first: instances\.a \(a\) cannot be loaded"
    ):
        given.plan()


def test_instances_that_are_not_on_this_machine_are_not_named_by_the_page(monkeypatch, tmp_path):
    monkeypatch.setenv("OPTIKIT_INSTANCES", "")
    monkeypatch.setenv("OPTIKIT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(fetching, "_download", away)
    given = Suite(ok.datasets.select("cvrp", max_size=30), ["savings"], time_limit=1)
    with pytest.raises(UnsupportedError) as refusal:
        given.plan()
    count, said = len(given.instances), str(refusal.value)
    assert re.match(rf"{count} instances cannot be loaded: (cvrp/\S+, ){{4}}cvrp/\S+ and {count - 5} more; the first: ", said)
    assert said.endswith("Or take those that are on this machine: datasets.select(..., available=True)")


def away(url, folder):
    raise fetching._NotHereError("no network")


# -- what a suite comes to ---------------------------------------------------------------


def test_every_combination_is_one_task(vrp):
    stops = [ok.Stop(iterations=10), ok.Stop(iterations=20)]
    tasks = Suite({"a": vrp, "b": vrp}, ["hgs"], seeds=3, time_limit=[1, 2], stop=stops).plan().tasks
    assert len(tasks) == 2 * 1 * 3 * 4
    assert {task.budget for task in tasks} == {f"iterations={i}, time={t}" for i in (10, 20) for t in (1, 2)}
    assert {task.seed for task in tasks} == {0, 1, 2}


def test_solvers_are_names_objects_and_mappings(vrp):
    solvers = {
        "live": "savings",
        "new": HGS(neighbours=15),
        "wide": {"solver": "hgs", "neighbours": 40, "n_jobs": 2},
        "object": {"solver": HGS(), "blink": 0.1},
        "target": {"solver": "optikit.routing.vrp.search:HGS", "islands": 2},
        "auto": "auto",
    }
    tasks = {task.label: task for task in Suite({"a": vrp}, solvers, seeds=1, time_limit=1).plan().tasks}
    assert tasks["live"].solver.name == "savings"
    assert tasks["new"].solver == HGS(neighbours=15)
    assert (tasks["wide"].solver, tasks["wide"].n_jobs) == (HGS(neighbours=40), 2)
    assert tasks["object"].solver == HGS(blink=0.1)
    assert tasks["target"].solver == HGS(islands=2)
    assert tasks["auto"].solver is None


def test_a_solver_that_knows_no_clock_is_not_refused_for_a_time_limit():
    class Clockless(Shuffling):
        capabilities = Capabilities(stops=frozenset({"iterations"}))

    suite = Suite(problems(1), {"live": Clockless(), "new": Shuffling()}, seeds=1, time_limit=1)
    live, new = suite.plan().tasks
    assert live.budget == new.budget == "time=1"
    assert not live.stop.criteria
    assert new.stop == ok.Stop(time=1)
    with pytest.raises(UnsupportedError, match=r"solvers.live: shuffling does not honour Stop\(gap\); it honours: iterations"):
        dataclasses.replace(suite, stop=ok.Stop(gap=0.1)).plan()


def test_the_identity_of_a_run_is_what_it_is_and_not_what_it_is_called(vrp):
    def ids(**changes):
        given = {"instances": {"a": vrp}, "solvers": {"x": HGS()}, "seeds": 2, "time_limit": 1, "name": "one"} | changes
        return [task.run_id for task in Suite(**given).plan().tasks]

    same = ids()
    assert ids(name="two", instances={"b": vrp}, solvers={"y": "hgs"}, time_limit=1.0, seeds=[0, 1]) == same
    for change in (
        {"instances": {"a": VRP.from_coordinates([(0, 0), (0, 3), (4, 1)], demand=[0, 1, 1], capacity=2)}},
        {"solvers": {"x": HGS(neighbours=3)}},
        {"solvers": {"x": {"solver": "hgs", "code": "2026-11"}}},
        {"time_limit": 2},
        {"n_jobs": 2},
        {"stop": ok.Stop(iterations=5)},
    ):
        assert not set(ids(**change)) & set(same), change


def test_runs_of_all_solvers_stand_side_by_side(vrp):
    tasks = Suite({"a": vrp, "b": vrp}, ["savings", "hgs"], seeds=2, time_limit=1).plan().tasks
    order = [(0, "a", "savings"), (0, "a", "hgs"), (0, "b", "savings"), (0, "b", "hgs")]
    assert [(task.seed, task.instance, task.label) for task in tasks[:4]] == order


def test_files_are_instances_named_by_their_stems(folder):
    suite = Suite([folder / "small.vrp", str(folder / "l*.vrp")], ["savings"], seeds=1, time_limit=1)
    assert [instance.name for instance in suite.instances] == ["small", "large"]
    assert [facts.size for facts in suite.plan().instances] == [2, 2]


def test_files_of_one_name_in_two_folders_go_by_their_paths(folder):
    other = folder / "other"
    other.mkdir()
    (other / "small.vrp").write_text(VRPLIB.format(name="other", capacity=2))
    paths = [str(folder / "small.vrp"), str(other / "small.vrp")]
    assert [instance.name for instance in Suite(paths, ["savings"], seeds=1, time_limit=1).instances] == paths


def test_a_suite_can_be_pickled(vrp, folder):
    given = Suite({"at hand": vrp, "file": folder / "large.vrp", "key": "cvrp/uchoa:size=5,seed=1"}, ["savings"], time_limit=1)
    assert pickle.loads(pickle.dumps(given)).plan().plan_id == given.plan().plan_id


def test_a_copy_of_a_suite_keeps_its_instances(vrp):
    suite = Suite({"a": vrp}, {"x": "savings"}, seeds=2, time_limit=[1, 2])
    copy = dataclasses.replace(suite, solvers={"y": "hgs"})
    assert [task.label for task in copy.plan().tasks] == ["y"] * 4
    assert dataclasses.replace(suite, seeds=2).plan() == suite.plan()


# -- files ------------------------------------------------------------------------------------

WHOLE = """
name = "live against new"
instances = ["small.vrp", "l*.vrp"]
seeds = [1, 2]
time_limit = 2
gap = [0.1, 0.2]
n_jobs = 2

[solvers]
live = "hgs"

[solvers.new]
solver = "hgs"
neighbours = 15
n_jobs = 1

[best_known]
small = 14
"""


def test_a_file_says_the_same_as_the_object(folder, monkeypatch):
    path = written(folder, WHOLE)
    monkeypatch.chdir("/")  # files are looked up from the folder of the suite
    suite = Suite.read(os.fspath(path))
    same = Suite(
        [folder / "small.vrp", folder / "large.vrp"],
        {"live": "hgs", "new": {"solver": HGS(neighbours=15), "n_jobs": 1}},
        seeds=[1, 2],
        time_limit=2,
        stop=[ok.Stop(gap=0.1), ok.Stop(gap=0.2)],
        n_jobs=2,
        best_known={"small": 14},
        name="live against new",
    )
    assert suite.plan().plan_id == same.plan().plan_id
    assert len(suite.plan().tasks) == 2 * 2 * 2 * 2
    assert [facts.best_known for facts in suite.plan().instances] == [14.0, None]


def test_the_name_of_a_file_is_the_name_of_its_suite(folder):
    assert Suite.read(written(folder, MINIMAL)).name == "suite"


MINIMAL = 'instances = ["small.vrp"]\nsolvers = { a = "hgs" }\ntime_limit = 1\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("instances = [\n'small.vrp'\nsolvers = 3", r"suite.toml:3: is no TOML"),
        ("", r"suite.toml: instances is missing; for instance: instances = \["),
        ("instances = ['small.vrp']", r"suite.toml: solvers is missing; for instance"),
        (MINIMAL + "seed = 3", r"suite.toml: a suite has no key 'seed'; did you mean 'seeds'\?; known: "),
        (MINIMAL + "seeds = 0", r"suite.toml: seeds is 0; expected an int >= 1"),
        (MINIMAL + "seeds = 20261123", r"suite.toml: seeds is 20261123; expected an int of at most 1e\+05"),
        (MINIMAL + "seeds = { a = 3 }", r"suite.toml: seeds is {'a': 3}; expected an int"),
        (MINIMAL + "iterations = []", r"suite.toml: iterations is empty; leave it out, or name"),
        (MINIMAL + "seeds = [1, -2]", r"suite.toml: seeds\[1\] is -2; expected an int >= 0"),
        (MINIMAL + "seeds = [1, 1]", r"suite.toml: seeds has 1 twice"),
        (MINIMAL + "n_jobs = 0", r"suite.toml: n_jobs is 0; expected an int >= 1, or -1"),
        (MINIMAL + "iterations = -1", r"suite.toml: Stop.iterations is -1; expected an int >= 0"),
        (MINIMAL + "iterations = [1]\ngap = [0.1]", r"suite.toml: iterations and gap are lists; only one"),
        (MINIMAL + "best_known = { smal = 3 }", r"best_known.smal: the suite has no instance 'smal'; did you mean 'small'\?"),
        (MINIMAL + "best_known = { small = 'x' }", r"suite.toml: best_known.small is 'x'; expected a number"),
        (MINIMAL + "best_known = { small = inf }", r"suite.toml: best_known.small is inf; expected a finite number"),
        (MINIMAL + "name = ' '", r"suite.toml: name is ' '; expected text"),
        (MINIMAL.replace("time_limit = 1", ""), r"suite.toml: time_limit is missing; a suite needs a budget"),
        (MINIMAL.replace("= 1", "= 'x'"), r"suite.toml: time_limit is 'x'; expected seconds"),
        (MINIMAL.replace("= 1", "= [1, nan]"), r"suite.toml: time_limit\[1\] is nan; expected seconds"),
        (MINIMAL.replace("= 1", "= []"), r"suite.toml: time_limit is empty"),
        (MINIMAL.replace("small.vrp", "smal.vrp"), r"instances\[0\] is 'smal.vrp', neither a file nor a key of a data set"),
        (MINIMAL.replace("small.vrp", "x*.vrp"), r"suite.toml: instances\[0\]: there is no file .*x\*.vrp"),
        (MINIMAL.replace('"small.vrp"', "3"), r"suite.toml: instances\[0\] is 3; expected a key, a file or a problem"),
        (MINIMAL.replace('["small.vrp"]', "[]"), r"suite.toml: instances is empty"),
        (MINIMAL.replace('"small.vrp"', '"small.vrp", "small.vrp"'), r"instances\[1\] has the name '.*small.vrp', which inst"),
        (MINIMAL.replace('"hgs"', "3"), r"suite.toml: solvers.a is 3; expected a name"),
        (MINIMAL.replace('"hgs"', "{}"), r"suite.toml: solvers.a.solver is None; expected a name"),
        (MINIMAL.replace('"hgs"', "{ solver = 'hgs', n_jobs = 0 }"), r"suite.toml: solvers.a.n_jobs is 0"),
        (MINIMAL.replace('"hgs"', "{ solver = 'hgs', code = 3 }"), r"suite.toml: solvers.a.code is 3; expected text"),
        (MINIMAL.replace('"hgs"', "{ solver = 'auto', x = 3 }"), r"suite.toml: solvers.a: 'auto' takes no parameters"),
        (MINIMAL.replace('a = "hgs"', ""), r"suite.toml: solvers is empty"),
        (MINIMAL.replace("a =", "'a@b' ="), r"suite.toml: solvers has the label 'a@b'; expected text without '@'"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_its_key(folder, text, said):
    with pytest.raises(FileFormatError, match=said):
        Suite.read(written(folder, text))


def hgs(entry: str) -> str:
    return MINIMAL.replace('"hgs"', entry)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (hgs("'hsg'"), r"suite.toml: solvers.a: no solver 'hsg' for VRP; did you mean 'hgs'\?"),
        (hgs("{ solver = 'hgs', neighbors = 3 }"), r"solvers.a: hgs has no option 'neighbors'; did you mean 'neighbours'\?"),
        (hgs("{ solver = 'hgs', neighbours = 0 }"), r"suite.toml: solvers.a: neighbours is 0; expected"),
        (hgs("'nowhere.at:All'"), r"suite.toml: solvers.a: 'nowhere.at:All' cannot be imported .* PYTHONPATH"),
        (hgs("'unreadable:All'"), r"suite.toml: solvers.a: 'unreadable:All' cannot be imported \(.*unreadable.py, line 1"),
        (hgs("'optikit.core.stop:Stop'"), r"suite.toml: solvers.a: 'optikit.core.stop:Stop' is no Solver class"),
        (hgs("'insertion'") + "iterations = 3", r"solvers.a: insertion does not honour Stop\(iterations\); it honours: "),
        (MINIMAL.replace("small.vrp", "broken.vrp"), r"suite.toml: instances\[0\] \(broken\) cannot be loaded: .*broken.vrp:1"),
    ],
)
def test_what_only_the_plan_can_tell_is_refused_before_the_first_run(folder, text, said, monkeypatch):
    (folder / "broken.vrp").write_text("NAME of nothing\n")
    (folder / "unreadable.py").write_text("class All(\n")
    monkeypatch.syspath_prepend(folder)
    suite = Suite.read(written(folder, text))
    store = folder / "runs.db"
    with pytest.raises(FileFormatError, match=said):
        suite.run(store)
    assert not store.exists()


def test_what_is_no_name_of_a_file_is_refused():
    with pytest.raises(UnsupportedError, match="path is 5; expected the name of a file"):
        Suite.read(5)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Suite.read(tmp_path / "suite.toml")


# -- objects ----------------------------------------------------------------------------------


def test_a_solver_of_another_problem_is_refused(vrp):
    suite = Suite({"choose": problems(1)["choose-0"], "vrp": vrp}, {"nap": Napping()}, seeds=1, time_limit=1)
    with pytest.raises(UnsupportedError, match=r"solvers.nap: napping cannot solve vrp: napping solves Choose, not VRP; leave"):
        suite.plan()


def test_what_cannot_be_sent_to_a_worker_is_refused():
    problem = problems(1)["choose-0"]

    class Stuck(type(problem)):
        def __reduce__(self):
            raise TypeError("holds a lock")

    with pytest.raises(UnsupportedError, match=r"instances.a \(a\) cannot be sent to a worker: holds a lock"):
        Suite({"a": Stuck(problem.cost, 2)}, {"nap": Napping()}, seeds=1, time_limit=1).plan()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"instances": b"x"}, "instances is b'x'; expected keys"),
        ({"solvers": [None]}, r"solvers\[0\] is None; expected a name or a Solver object"),
        ({"solvers": [{"solver": "hgs"}]}, r"solvers\[0\] is {'solver': 'hgs'}; expected .* labels"),
        ({"seeds": b"x"}, "seeds is b'x'; expected an int"),
        ({"time_limit": b"x"}, "time_limit is b'x'; expected seconds"),
        ({"stop": {}}, "stop is {}; expected a Stop"),
        ({"seeds": [2**63]}, r"seeds\[0\] is 9223372036854775808; expected an int of at most"),
        ({"name": "\udc80"}, "name is .* expected text without"),
        ({"solvers": {"a\0": "hgs"}}, "label of solvers is .* expected text without"),
    ],
)
def test_texts_of_bytes_and_mappings_are_no_lists(vrp, given, said):
    with pytest.raises(UnsupportedError, match=said):
        Suite(**({"instances": {"a": vrp}, "solvers": ["hgs"], "seeds": 1, "time_limit": 1} | given))


def test_solvers_in_a_list_need_names_that_differ(vrp):
    with pytest.raises(UnsupportedError, match=r"solvers has 'hgs' twice; give labels"):
        Suite({"a": vrp}, [HGS(), HGS(neighbours=3)], time_limit=1)


def test_problems_without_names_get_some(vrp):
    assert Suite([vrp], ["hgs"], time_limit=1).instances[0].name == f"VRP-{vrp.fingerprint[:8]}"


def test_files_of_names_in_another_encoding_are_run(folder):
    strange = os.fsencode(folder) + b"/caf\xe9.vrp"
    os.rename(folder / "small.vrp", strange)
    suite = Suite(str(folder / "c*.vrp"), ["savings"], seeds=1, time_limit=1)
    assert suite.run(folder / "runs.db").to_frame()["instance"].tolist() == ["caf\\udce9"]


def test_names_that_no_database_takes_are_refused(vrp):
    with pytest.raises(UnsupportedError, match=r"the name of instances.* is .* expected text without zero bytes"):
        Suite({"\udc80": vrp}, ["savings"], seeds=1, time_limit=1)

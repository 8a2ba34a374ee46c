"""The index and its keys: what is told of each instance is true, and what is not known is refused with a way out."""

from __future__ import annotations

import csv
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import optikit as ok
from optikit import datasets
from optikit.datasets import folders
from optikit.datasets.catalogue import Catalogue, _named
from optikit.datasets.families import FAMILIES, Family
from optikit.datasets.instance import KINDS
from optikit.errors import FetchError, UnknownInstanceError, UnsupportedError

from .conftest import INSTANCES, needs_instances
from .test_fetching import OTHER, TOY

# -- keys -----------------------------------------------------------------------------------


def test_a_key_a_bare_name_a_generator():
    assert datasets.info("cvrp/X-n101-k25").key == datasets.info("X-n101-k25").key == "cvrp/X-n101-k25"
    assert datasets.info("kacem3").key == "flexible-jobshop/KacemHammadiBorne2002/kacem3"
    drawn = datasets.info("cvrp/uchoa:seed=4,size=200,depot=random,clients=mixed")
    assert drawn.key == "cvrp/uchoa:size=200,seed=4,clients=mixed", "in the order of the parameters, without defaults"
    assert (drawn.family, drawn.size, drawn.kind, drawn.best_known) == ("cvrp", 200, "generated", None)
    assert datasets.info(drawn) is drawn
    assert datasets.info(drawn.key) == drawn


def test_a_name_that_several_have():
    with pytest.raises(UnknownInstanceError, match=r"la21 is 5 instances: jobshop/la21, flexible-jobshop/Hurink.*name one of them"):
        datasets.load("la21")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cvrp/X-n101-k52", "no instance 'cvrp/X-n101-k52'; did you mean 'cvrp/X-n101-k25'"),
        ("X-n101", "did you mean 'X-n101-k25'"),
        ("berlin", "no instance 'berlin'; did you mean 'berlin52'"),
        ("zzzzzzzz", r"no instance 'zzzzzzzz'; there are 6,\d\d\d"),
        ("x-n1", "did you mean 'X-n101-k25', 'X-n106-k14'"),
        ("jobshop/la", "did you mean 'jobshop/la01'"),
        ("cvrpp/my-own", "no family 'cvrpp' of instances.*; did you mean 'cvrp'.*known: cvrp, vrptw"),
        ("elsewhere/X-n101-k25", "no family 'elsewhere'.*; did you mean 'cvrp/X-n101-k25'"),
        ("cvrp/uchoas:size=5", "no generator for 'cvrp/uchoas:size=5'; did you mean 'cvrp/uchoa'.; known: cvrp/uchoa"),
        ("rcpsp/x:size=5", "known: none"),
        ("", "no instance ''"),
        (None, "the key of an instance is None"),
        (("cvrp", "A-n32-k5"), "the key of an instance is"),
    ],
)
def test_unknown_keys(key, words):
    with pytest.raises(UnknownInstanceError, match=words):
        datasets.info(key)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cvrp/uchoa:sise=5", "cvrp/uchoa has no option 'sise'; did you mean 'size'"),
        ("cvrp/uchoa:size", "'size' is no parameter; expected for instance size=200,seed=1"),
        ("cvrp/uchoa:size=", "'size=' is no parameter"),
        ("cvrp/uchoa:size=5,size=6", "size stands twice"),
        ("cvrp/uchoa:size=five", "size is 'five'; expected int"),
        ("cvrp/uchoa:size=1_000", "size is '1_000'; expected int"),
        ("cvrp/uchoa:size=2.5", r"size is '2\.5'; expected int"),
        ("jobshop/taillard:jobs=5", "needs machines"),
    ],
)
def test_bad_parameters(key, words):
    with pytest.raises(UnsupportedError, match=words):
        datasets.info(key)


def test_parameters_from_text_and_from_python_are_one():
    key = "cvrp/uchoa:size=20,seed=1,route_size=4.5"
    assert datasets.load(key) == datasets.generate("cvrp/uchoa", size=20, seed=1, route_size=4.5)
    assert datasets.info("cvrp/uchoa:size=20,route_size=None").name == "uchoa:size=20,seed=0"
    with pytest.raises(UnknownInstanceError, match="no generator 'cvrp/uchao'; did you mean 'cvrp/uchoa'"):
        datasets.generate("cvrp/uchao", size=5)


# -- the index ----------------------------------------------------------------------------------


def test_every_entry_is_complete():
    everything = datasets.index()
    assert len(set(everything.keys)) == len(everything)
    for one in everything:
        assert one.family in FAMILIES
        assert one.kind in KINDS
        assert one.size > 0
        assert one.unit
        assert one.collection
        assert one.reference
        assert bool(one.generator) == (one.kind == "regenerated")
        assert bool(one.file) == (one.kind in ("fetched", "local"))
        assert bool(one.urls) == (one.kind == "fetched"), one
        assert "{" not in one.file + "".join(one.urls)
        assert (one.best_known is None and one.bound is None) or one.source
        if one.best_known is not None and one.bound is not None:
            assert one.bound <= one.best_known, one
        assert len(one.sha256) in (0, 64)
        if one.shape and one.kind == "regenerated":
            jobs, _, machines = one.shape.partition("x")
            assert one.size == int(jobs) * int(machines)
        for url in one.urls:
            parts = urlsplit(url)
            assert parts.scheme in ("http", "https")
            assert parts.netloc
            assert " " not in url


def test_what_there_is():
    counts = {family: len(datasets.select(family)) for family in FAMILIES}
    assert sum(counts.values()) == len(datasets.index())
    assert {family for family, count in counts.items() if not count} == {"lap"}, "of which there are generators alone"
    assert len(datasets.select("cvrp", collection="X")) == 100
    assert len(datasets.select("jobshop", kind="regenerated")) == 80
    assert len(datasets.select("flowshop", kind="regenerated")) == 120
    assert len(datasets.select("openshop", kind="regenerated")) == 60
    assert len(datasets.select("atsp")) == 19
    assert len(datasets.select("rcpsp", collection="j120")) == 600


def test_several_families_stand_one_after_the_other():
    both = datasets.select(["tsp", "cvrp"], max_size=25)
    one, other = datasets.select("tsp", max_size=25), datasets.select("cvrp", max_size=25)
    assert both.keys == one.keys + other.keys
    assert len(one) > 3 < len(other)
    assert datasets.select(iter(["tsp"]), max_size=25) == one
    taillard = datasets.select({"jobshop", "flowshop"}, collection=["Taillard", "DIMACS"][:1])
    assert len(taillard) == 200
    kinds = [datasets.select("tsp", kind=kind) for kind in ("regenerated", "fetched")]
    assert set(datasets.select("tsp", kind=["regenerated", "fetched"])) == {*kinds[0], *kinds[1]}


def test_a_name_is_looked_for_in_the_families_that_were_asked_for():
    assert datasets.select(["jobshop", "cvrp"], names="la21").keys == ("jobshop/la21",)
    assert datasets.select(["cvrp", "openshop", "jobshop"], names=["ta01"]).keys == ("jobshop/ta01",)
    twin = replace(datasets.info("jobshop/ta02"), family="openshop", name="ta01")
    twice = Catalogue([datasets.info("jobshop/ta01"), twin])
    with pytest.raises(UnknownInstanceError, match="ta01 is 2 instances: jobshop/ta01, openshop/ta01"):
        _named(twice, "ta01", ["jobshop", "openshop"])


def test_the_numbers_in_the_names_are_the_sizes():
    for one in datasets.select("cvrp"):
        assert one.size == int(one.name.split("-")[1].removeprefix("n")) - 1
    for one in datasets.select("tsp", collection="TSPLIB"):
        assert one.name.endswith(str(one.size))


@needs_instances
def test_best_known_values_are_those_of_the_collection():
    """But for two flow shops, of which others have shorter schedules."""
    bettered = set()
    with open(INSTANCES / "best_known.csv", newline="") as file:
        for row in csv.DictReader(file):
            one = datasets.info(f"{row['family']}/{row['instance']}")
            told = float(row["best_known"]) if row["best_known"] else None
            if one.best_known != told:
                assert one.best_known < told, one
                assert one.source != row["source"], one
                bettered.add(one.key)
            if row["lower_bound"]:
                assert one.bound == float(row["lower_bound"]), one
    assert bettered == {"flowshop/ta086", "flowshop/ta116"}


def test_what_is_proved_optimal_is_told():
    """TSPLIB lists optima; of QAPLIB's values (page of 2024-05-09) 102 of 134 equal the bound listed beside them."""
    assert all(one.bound == one.best_known for one in datasets.select("tsp", collection="TSPLIB"))
    qap = datasets.select("qap")
    proved = {one.name for one in qap if one.bound == one.best_known}
    assert all(one.bound is not None for one in qap)
    assert len(proved) == 102
    assert {"nug30", "kra32", "ste36c", "tho30", "esc128", "lipa90b"} <= proved
    assert proved.isdisjoint({"tai30a", "sko100a", "tai256c", "tho150", "wil100", "tho40"})


def test_optima_for_a_number_of_routes_are_no_bounds():
    """The problem that the file of E-n30-k3 makes has a solution of 503, with four routes; CVRPLIB's optimum of 534 has three."""
    for collection in "ABEFMP":
        for one in datasets.select("cvrp", collection=collection):
            assert one.best_known is not None, one
            assert one.bound is None, one


@needs_instances
def test_every_file_of_the_collection_is_found_and_checked(instances):
    """By key, its content being the index's; and no file is without an entry."""
    found = {Path(folders.find_file(one)).resolve() for one in datasets.index() if one.file and folders.is_here(one)}
    here = {path.resolve() for path in instances.glob("*/**/*.*") if path.suffix not in (".sol", ".md")}
    regenerated = {path for path in here if path.name.startswith(("ta", "Taillard")) and path.parent.name.endswith("shop")}
    assert found == here - regenerated
    assert all(one.sha256 for one in datasets.index() if one.file and folders.is_here(one))


@needs_instances
@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.reader])
def test_sizes_are_those_of_the_problems(instances, family):
    chosen = [one for one in datasets.select(family, max_size=2000, available=True) if one.file]
    if family in ("atsp", "flowshop"):
        assert not chosen, "then drop this branch"
        pytest.skip("../shared/instances has no files of such instances: they are computed, or not there")
    assert len(chosen) > 10
    for one in chosen:
        problem = one.load()
        assert problem.features["size"] == one.size
        # Formats without a name inside are called as their file is.
        assert problem.name.removesuffix(".tsp") in (one.name, Path(folders.find_file(one)).stem)


@needs_instances
def test_best_known_solutions_cost_what_the_index_says(instances):
    from optikit.routing.vrp.files import read_solution

    for one in datasets.select("cvrp", collection="X", available=True):
        problem = one.load()
        solution = read_solution(problem, datasets.path(one).replace(".vrp", ".sol"))
        assert problem.evaluate(solution) == one.best_known


# -- selecting ------------------------------------------------------------------------------------


def test_select():
    chosen = datasets.select("cvrp", min_size=100, max_size=300)
    assert chosen
    assert all(one.family == "cvrp" and 100 <= one.size <= 300 for one in chosen)
    assert [one.size for one in chosen] == sorted(one.size for one in chosen)
    assert datasets.select("cvrp", max_size=5) == ()
    assert repr(datasets.select("cvrp", max_size=5)) == "<no instances>"
    assert [one.key for one in chosen] == list(chosen.keys)
    assert isinstance(chosen[:3], datasets.Selection)
    assert chosen[0].key in repr(chosen)
    assert datasets.select(names=["jobshop/la02", "X-n101-k25"]).keys == (
        "jobshop/la02",
        "cvrp/X-n101-k25",
    )
    assert datasets.select("jobshop", names="la21").keys == ("jobshop/la21",)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"family": "cvrpp"}, "no family 'cvrpp' of instances; did you mean 'cvrp'"),
        ({"family": ["cvrp", "tps"]}, "no family 'tps' of instances; did you mean 'tsp'"),
        ({"family": []}, "family is empty; leave it out, or name at least one of cvrp, vrptw"),
        ({"family": ["cvrp", 5]}, "no family 5 of instances"),
        ({"family": {"cvrp": 1}}, "no family {'cvrp': 1} of instances"),
        ({"family": ["cvrp", "tsp"], "collection": ["X", "TSPLIP"]}, "no set 'TSPLIP'; did you mean 'TSPLIB'"),
        ({"kind": {}}, "kind is {}; expected one of regenerated"),
        ({"kind": ["fetched", "drawn"]}, "kind is 'drawn'; expected one of"),
        ({"names": 5}, "names is 5; expected names of instances"),
        ({"names": [None]}, "the key of an instance is None"),
        ({"available": "yes"}, "available is 'yes'; expected True or False"),
        ({"family": "cvrp", "collection": "Y"}, "no set 'Y'.*known: A, B, E, F, M, P, X"),
        ({"kind": "fetchd"}, "did you mean 'fetched'"),
        ({"family": "cvrp", "names": ["X-n101-k52"]}, "no instance"),
        ({"max_size": -1}, "max_size is -1"),
        ({"min_size": "many"}, "min_size is 'many'"),
    ],
)
def test_select_refuses(parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        datasets.select(**parameters)


def test_available_is_what_can_be_loaded_now(monkeypatch, tmp_path):
    assert not any(one.file for one in datasets.select(available=True))
    assert {one.family for one in datasets.select(available=True)} == {"tsp", "jobshop", "flowshop", "openshop"}
    (tmp_path / "X-n101-k25.vrp").write_bytes(OTHER)
    (tmp_path / "J501_1.mm").write_text("a project, which this version does not have")
    monkeypatch.setenv("OPTIKIT_INSTANCES", str(tmp_path))
    assert datasets.select("cvrp", available=True).keys == ("cvrp/X-n101-k25",)
    assert datasets.select("mmrcpsp", available=True) == ()


def test_a_table():
    pytest.importorskip("pandas")
    frame = datasets.select("jobshop", names=["ta01", "la02"]).to_frame()
    assert frame["key"].tolist() == ["jobshop/ta01", "jobshop/la02"]
    assert frame["size"].tolist() == [225, 50]
    assert frame.loc[0, "best_known"] == 1231
    assert len(datasets.index().to_frame()) == len(datasets.index())


def test_a_table_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ok.errors.MissingExtraError, match=r"optikit\[frames\]"):
        datasets.select("cvrp", max_size=20).to_frame()


# -- handles ---------------------------------------------------------------------------------------


def test_what_is_told_of_an_instance():
    told = str(datasets.info("jobshop/ta41"))
    for words in ("job shop", "600 operations (30x20)", "best known 2,005\n", "bound      1,926", "regenerated", "Taillard, EJOR"):
        assert words in told
    assert "best known 7,542, optimal" in str(datasets.info("berlin52"))
    assert "unknown" in str(datasets.info("mmrcpsp/J501_1"))


def test_handles_are_small_and_travel(monkeypatch):
    one = datasets.info("cvrp/X-n101-k25")
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert str(again) == str(one)
    assert {one: 1}[again] == 1
    assert datasets.select("cvrp", max_size=20) == pickle.loads(pickle.dumps(datasets.select("cvrp", max_size=20)))


def test_a_class_that_has_not_landed(monkeypatch):
    monkeypatch.setitem(FAMILIES, "jobshop", Family("job shop", "operations"))
    with pytest.raises(
        UnsupportedError, match=r"jobshop/ta01 is known \(job shop, 225 operations\), but its problem class is not in"
    ):
        datasets.load("ta01")
    with pytest.raises(UnsupportedError, match=r"jobshop/ft06 is known .*fetch\('jobshop/ft06'\) gets its file"):
        datasets.info("ft06").load()
    assert datasets.numbers("ta01")["durations"].shape == (15, 15)
    with pytest.raises(UnsupportedError, match="not computed but read"):
        datasets.numbers("nug12")
    with pytest.raises(UnsupportedError, match="has no file: it is computed"):
        datasets.path("ta01")


def test_computed_problems_take_no_options_of_readers():
    assert datasets.load("tsp/E1k.0").num_cities == 1000
    with pytest.raises(UnsupportedError, match="rounding cannot be set"):
        datasets.load("tsp/E1k.0", rounding="exact")


@needs_instances
def test_options_go_to_the_reader(instances):
    assert datasets.load("X-n101-k25", rounding="exact").network.rounding == "exact"
    with pytest.raises(UnsupportedError, match="has no option 'roundings'"):
        datasets.load("X-n101-k25", roundings="exact")


def test_files_of_a_source_that_cannot_be_fetched_from(folders):
    with pytest.raises(FetchError, match=r"RG300_1 is not on this machine.*cannot be fetched from.*RG300_1\.rcp from https://"):
        datasets.fetch("RG300_1")
    with pytest.raises(FetchError, match=r"cvrp/X-n101-k25 is not on this machine; optikit\.datasets\.fetch"):
        datasets.path("X-n101-k25")


@needs_instances
def test_a_file_is_added_by_hand(folders, tmp_path):
    source = INSTANCES / "cvrp" / "X-n101-k25.vrp"
    expected = str(folders / "cvrp" / "X-n101-k25.vrp")
    assert datasets.add(source) == expected == datasets.path("X-n101-k25")
    assert datasets.load("X-n101-k25").num_clients == 100
    (tmp_path / "download.txt").write_bytes(source.read_bytes())
    assert datasets.add(tmp_path / "download.txt", "X-n101-k25", cache=tmp_path / "other").startswith(str(tmp_path / "other"))
    with pytest.raises(UnknownInstanceError, match="no instance 'download'"):
        datasets.add(tmp_path / "download.txt")
    with pytest.raises(FetchError, match=r"X-n106-k14\.vrp is not cvrp/X-n101-k25"):
        datasets.add(INSTANCES / "cvrp" / "X-n106-k14.vrp", "cvrp/X-n101-k25")
    with pytest.raises(OSError, match="No such file"):
        datasets.add(tmp_path / "nowhere.vrp", "X-n101-k25")
    with pytest.raises(OSError, match="No such file"):
        datasets.add(tmp_path / "nowhere.vrp")
    with pytest.raises(UnsupportedError, match="it is computed"):
        datasets.add(source, "ta01")


def test_mirrors_of_the_environment(server, folders, monkeypatch):
    pytest.importorskip("pooch")
    from .conftest import body

    server.answers["/all/mmrcpsp/J501_1.mm"] = body(TOY)
    server.answers["/all/qap/nug14.dat"] = body(b"14\n\n" + 392 * b"0 ")
    monkeypatch.setenv("OPTIKIT_MIRRORS", f"{server.url}/none {server.url}/all")
    path = datasets.fetch("qap/nug14")
    assert path == str(folders / "qap" / "nug14.dat")
    assert server.asked == ["/none/qap/nug14.dat", "/all/qap/nug14.dat"]
    assert datasets.fetch("qap/nug14") == path
    assert len(server.asked) == 2, "what is there is not fetched again"


# -- imports -----------------------------------------------------------------------------------------


def test_nothing_heavy_is_imported_to_look_something_up():
    code = """
import sys, optikit as ok
ok.datasets.select("cvrp", max_size=300)
print([m for m in ("pooch", "requests", "pandas", "scipy", "rich", "click", "numba") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["E-n13-k4", "E-n31-k7"])
def test_files_that_misstate_their_layout_are_read_as_they_are(name, tmp_path, monkeypatch):
    """They call their weights LOWER_ROW and list them by columns."""
    size = datasets.info(f"cvrp/{name}").size + 1
    distance = {(u, v): 100 * u + v for u in range(size) for v in range(u + 1, size)}
    weights = " ".join(str(distance[u, v]) for u in range(size) for v in range(u + 1, size))
    demands = "\n".join(f"{node} {int(node > 1)}" for node in range(1, size + 1))
    (tmp_path / "cvrp").mkdir()
    (tmp_path / "cvrp" / f"{name}.vrp").write_text(
        f"NAME : {name}\nTYPE : CVRP\nDIMENSION : {size}\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW\n"
        f"CAPACITY : {size}\nEDGE_WEIGHT_SECTION\n{weights}\nDEMAND_SECTION\n{demands}\nDEPOT_SECTION\n1\n-1\nEOF\n"
    )
    monkeypatch.setenv("OPTIKIT_INSTANCES", str(tmp_path))
    read = datasets.load(f"cvrp/{name}").network.matrix()
    assert all(read[u, v] == read[v, u] == length for (u, v), length in distance.items())

"""The store: what it refuses, and what becomes of results that it does not take."""

import contextlib
import json
import os
import pickle
import sqlite3
import subprocess
import sys

import pytest

from optikit.bench import Runs, Store
from optikit.bench.runner import run_plan
from optikit.bench.spill import Outbox
from optikit.errors import MissingExtraError, StoreError, UnsupportedError
from tests.bench.toys import naps


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


def executed(url: str, statement: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()


# -- opening ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/runs", r"kept in 'mysql'; expected sqlite or postgresql"),
        ("sqlite://", r"in memory is lost with its process"),
        ("sqlite:///:memory:", r"in memory is lost with its process"),
        (":memory:", r"in memory is lost with its process"),
        ("", r"the store has no name; name a file"),
        ("://x", r"URL cannot be read"),
        ("nope", r"the store is 'nope', neither a URL nor a file that is there; expected sqlite:///runs.db, postgresql"),
        ("sqlite:/runs", r"neither a URL nor a file"),
        ("postgresql:host/runs", r"neither a URL nor a file"),
        (3, r"store is 3; expected for instance 'sqlite:///runs.db'"),
        (None, r"store is None; expected for instance"),
    ],
)
def test_what_is_no_store_is_refused(url, said):
    with pytest.raises(StoreError, match=said):
        Store.of(url)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("timeout=5", r"the option 'timeout' is not known; known: uri$"),
        ("mode=ro", r"the option 'mode' takes effect only beside uri=true"),
        ("uri=yes", r"uri is 'yes'; expected 'true'"),
        ("mode=rwc&cash=shared&uri=true", r"the option 'cash' is not known; did you mean 'cache'"),
    ],
)
def test_an_option_that_would_have_no_effect_is_refused(tmp_path, options, said):
    with pytest.raises(StoreError, match=said):
        Store(f"sqlite:///file:{tmp_path}/runs.db?{options}")
    assert not list(tmp_path.iterdir())


def test_options_of_sqlite_take_effect(tmp_path):
    url = f"sqlite:///file:{tmp_path}/runs.db?uri=true&mode="
    assert Store(f"{url}rwc").suites() == []
    with pytest.raises(StoreError, match="may be read, but not written"):
        naps(1, 1).run(f"{url}ro")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"there is no folder .*nowhere; make it first"):
        Store(f"sqlite:///{tmp_path}/nowhere/runs.db")


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match=r"is a directory; name a file in it"):
        Store(tmp_path)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but somebody's notes " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"notes.txt: the file is no SQLite database; name another"):
        Store(path)
    assert path.read_bytes() == before


def test_a_store_of_another_version_is_refused_and_kept(url):
    naps(1, 1).run(url)
    executed(url, "UPDATE bench_meta SET value = '7' WHERE key = 'version'")
    with pytest.raises(StoreError, match=r"has version 7 \(made by optikit .*\); optikit .* reads version 1; use the optikit that"):
        naps(1, 1).run(url)
    executed(url, "UPDATE bench_meta SET value = '1' WHERE key = 'version'")
    assert len(Runs(url)) == 1


def test_a_password_is_not_shown():
    with pytest.raises(StoreError) as refusal:
        Store("postgresql://me:secret@127.0.0.1:1/runs")
    assert "secret" not in str(refusal.value)
    assert "127.0.0.1" in str(refusal.value)


def test_a_file_of_another_program_is_refused_and_kept(tmp_path):
    path = tmp_path / "shared.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoices (mine TEXT)")
    connection.close()
    with pytest.raises(StoreError, match=r"shared\.db: the file is the database of another program \(its tables: invoices\)"):
        naps(1, 1).run(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("invoices",)]
    connection.close()


def test_tables_of_others_may_come_into_a_store(tmp_path):
    path = tmp_path / "shared.db"
    Store(path)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (mine TEXT)")
    connection.close()
    assert len(naps(1, 1).run(path)) == 1


def test_a_name_that_is_mistyped_makes_no_store(tmp_path):
    with pytest.raises(StoreError, match=r"typo\.db has no runs yet: there is no file"):
        Store.existing(f"sqlite:///{tmp_path / 'typo.db'}")
    for look in (Runs, Runs.of_suite):
        with pytest.raises(StoreError, match=r"typo\.db has no runs yet: there is no file"):
            look(tmp_path / "typo.db")
    assert not (tmp_path / "typo.db").exists()


def test_stores_pickle(url):
    store = Store(url)
    assert pickle.loads(pickle.dumps(store)).url == store.url


def test_a_missing_driver_is_a_missing_extra(url):
    code = f"""
import sys
sys.modules["sqlalchemy"] = None
import optikit as ok
try:
    ok.bench.Store({url!r})
except ok.errors.MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'a store of runs needs sqlalchemy; pip install "optikit[bench]"'
    assert issubclass(MissingExtraError, ImportError)


# -- rights and room ------------------------------------------------------------------------


@contextlib.contextmanager
def somebody_else():
    """Where the tests run as root, whom rights do not bind: another user, for a while. (What is needed is imported already.)"""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_store_without_rights_is_refused_before_the_first_run(tmp_path):
    store, log = tmp_path / "runs.db", tmp_path / "log"
    log.touch(0o666)
    naps(1, 1).run(store)
    store.chmod(0o444)
    folders = [folder for folder in (tmp_path, *tmp_path.parents) if not os.stat(folder).st_mode & 0o001]
    modes = {folder: os.stat(folder).st_mode for folder in folders}
    for folder in folders:  # to be entered, not written
        folder.chmod(0o555)
    try:
        with somebody_else(), pytest.raises(StoreError, match=r"runs.db: the file .* rights"):
            naps(2, 2, log).run(store)
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)
    assert log.read_text() == ""
    assert len(Runs(store)) == 1


def test_a_disk_that_is_full_is_known_before_the_first_run(url, monkeypatch, tmp_path):
    import shutil
    from collections import namedtuple

    Store(url)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**40, 2**40 - 2**20, 2**20))
    log = tmp_path / "log"
    log.touch()
    with pytest.raises(StoreError, match=r"runs.db: its disk has 1.0 MiB free; make room before running"):
        naps(1, 2, log).run(url)
    assert log.read_text() == ""


class Full:
    """Lets a store run full after some runs, by SQLite's own limit on pages: its error is the one of a full disk."""

    def __init__(self, url: str, after: int) -> None:
        self.url, self.after = url, after

    def on_run(self, task, record):
        self.after -= 1
        if self.after == 0:
            limit(self.url, 1)


def limit(url: str, pages: int) -> None:
    import sqlalchemy as sa

    listening = limit.listening
    limit.pages = pages
    if not listening:
        limit.listening = True

        @sa.event.listens_for(sa.Engine, "begin")
        def on_begin(connection):
            if limit.pages is not None and connection.engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA max_page_count = {limit.pages}")


limit.listening, limit.pages = False, None


@pytest.fixture
def room():
    yield
    limit.pages = None


def test_a_disk_that_runs_full_loses_no_run(url, tmp_path, monkeypatch, room):
    monkeypatch.setattr("optikit.bench.runner.PATIENCE", 0.2)
    # Records that need new pages, each.
    monkeypatch.setattr("optikit.bench.execute._told", lambda error: "x" * 20_000)
    log = tmp_path / "log"
    from optikit.bench import Suite
    from tests.bench.toys import Raising, problems

    suite = Suite(problems(2), {"raising": Raising()}, seeds=10, time_limit=60)
    with pytest.raises(
        StoreError, match=r"runs.db: the database or the disk is full; make room; (\d+) results? could not be writ"
    ) as said:
        suite.run(url, callbacks=[Full(url, 3)])
    kept = list(tmp_path.glob("optikit-bench-*.jsonl"))
    assert len(kept) == 1
    assert str(kept[0]) in str(said.value)
    spilled = [json.loads(line)["run_id"] for line in kept[0].read_text().splitlines()]
    limit.pages = 2**30
    written = set(Runs(url).to_frame()["run_id"])
    assert written.isdisjoint(spilled)
    assert len(written) >= 3
    # The next run takes them over, and does only what is left.
    done = []

    class Count:
        def on_run(self, task, record):
            done.append(task.run_id)

    runs = suite.run(url, callbacks=[Count()])
    assert len(runs) == 20
    assert set(done).isdisjoint(written | set(spilled))
    assert not list(tmp_path.glob("optikit-bench-*"))
    assert not log.exists()


# -- results that wait ------------------------------------------------------------------------


def record(plan, number=0):
    return {"run_id": plan.tasks[number].run_id, "status": "unknown", "stop_reason": "time", "seconds": 1.0}


def test_results_wait_until_the_store_takes_them(url, monkeypatch):
    plan = naps(1, 3).plan()
    store = Store(url)
    store.register(plan)
    with Outbox(store) as outbox:
        with monkeypatch.context() as broken:
            broken.setattr(Store, "finish", lambda self, records: (_ for _ in ()).throw(StoreError("gone")))
            outbox.put(record(plan, 0))
            outbox.put(record(plan, 1))
            outbox.wait()
            assert os.path.exists(outbox.file)
            assert "2 results could not be written, but kept in" in outbox.said()
        outbox.put(record(plan, 2))
        outbox.wait()
        assert outbox.said() == ""
        assert not outbox.file
    assert len(Runs(url)) == 3
    assert len(list(outbox.settled())) == 3


def test_results_that_come_fast_are_written_together(url, monkeypatch):
    plan = naps(1, 50).plan()
    store = Store(url)
    store.register(plan)
    sizes = []
    finish = Store.finish
    monkeypatch.setattr(Store, "finish", lambda self, records: sizes.append(len(records)) or finish(self, records))
    with Outbox(store) as outbox:
        for number in range(50):
            outbox.put(record(plan, number))
    assert len(Runs(url)) == sum(sizes) == 50
    assert len(sizes) < 50


def test_half_a_line_of_a_side_file_is_passed_over(url, tmp_path):
    plan = naps(1, 2).plan()
    store = Store(url)
    store.register(plan)
    dead = Outbox(store)
    dead._spill(record(plan, 0))
    with open(dead.file, "a") as file:
        file.write('{"run_id": "' + plan.tasks[1].run_id)
    assert Outbox(store).recover() == 1
    assert Runs(url).to_frame()["run_id"].tolist() == [plan.tasks[0].run_id]
    assert not os.path.exists(dead.file)


def test_side_files_of_another_store_are_left_alone(url, tmp_path):
    plan = naps(1, 2).plan()
    other = Store(tmp_path / "other.db")
    other.register(plan)
    dead = Outbox(other)
    dead._spill(record(plan, 0))
    store = Store(url)
    store.register(plan)
    assert Outbox(store).recover() == 0
    assert os.path.exists(dead.file)


def test_the_first_record_of_a_run_stays(url):
    plan = naps(1, 1).plan()
    store = Store(url)
    store.register(plan)
    assert store.finish([record(plan)]) == 1
    assert store.finish([record(plan) | {"status": "optimal"}]) == 0
    assert Runs(url).to_frame()["status"].tolist() == ["unknown"]


# -- asking ------------------------------------------------------------------------------------


def test_suites_are_asked_for_by_name(url):
    naps(1, 1, name="small").run(url)
    naps(2, 1, name="large").run(url)
    store = Store(url)
    assert store.suites() == ["small", "large"]
    assert (len(store.runs("small")), len(store.runs("large")), len(store.to_frame())) == (1, 2, 3)
    with pytest.raises(UnsupportedError, match=r"has small, large; name the suite"):
        store.runs()
    with pytest.raises(UnsupportedError, match=r"has no suite 'smal'; did you mean 'small'\?; there is: small, large"):
        store.runs("smal")
    with pytest.raises(UnsupportedError, match=r"no runs of 'nab'; did you mean 'nap'\?; there are: nap"):
        store.runs("small").resolve("nab")


def test_what_is_no_label_and_no_path_is_refused(url, tmp_path):
    runs = naps(6, 1).run(url)
    for ask in (
        lambda: runs.compare(5, "nap"),
        lambda: runs.compare("nap", None),
        lambda: runs.gate("nap", b"nap"),
        lambda: runs.rank(["nap", 5]),
    ):
        with pytest.raises(UnsupportedError, match=r"the label of a solver is .*; expected text; there are: nap"):
            ask()
    with pytest.raises(UnsupportedError, match=r"solvers is 5; expected labels"):
        runs.rank(5)
    with pytest.raises(UnsupportedError, match=r"no runs of 'naps'"):
        runs.plot("gaps", solvers="naps")
    for path in (5, None, b"report.html"):
        with pytest.raises(UnsupportedError, match=r"path is .*; expected the name of a file"):
            runs.report(path)


def test_an_empty_store_has_empty_frames_of_the_same_columns(url):
    from optikit.bench.schema import RUN_COLUMNS, TRACE_COLUMNS

    store = Store(url)
    assert list(store.to_frame()) == list(RUN_COLUMNS)
    assert list(store.traces()) == list(TRACE_COLUMNS)
    with pytest.raises(UnsupportedError, match="has no runs yet"):
        store.runs()


def test_a_plan_may_be_run_again_with_its_errors(url):
    plan = naps(1, 2).plan()
    store = Store(url)
    store.register(plan)
    store.finish([record(plan) | {"status": "error", "error": "of yesterday"}])
    assert sorted(run_plan(plan, store).to_frame()["status"]) == ["error", "optimal"]
    assert sorted(run_plan(plan, store, retry_errors=True).to_frame()["status"]) == ["optimal", "optimal"]


# -- versions ------------------------------------------------------------------------------------


def test_a_version_may_be_named_by_the_commit_from_which_it_was_run(url, monkeypatch):
    from optikit.bench import Suite
    from tests.bench.toys import Napping, problems

    def run(commit, code):
        monkeypatch.setattr("optikit.bench.plan.git_commit", lambda folder: commit)
        return Suite(problems(1), {"nap": {"solver": Napping(seconds=0.0), "code": code}}, seeds=1, time_limit=60).run(url)

    run("aaaa1111", "one")
    run("bbbb2222", "one")  # another commit, the same code: nothing to do, but it is known
    run("cccc3333", "two")
    runs = Runs.of_suite(url)
    assert runs.labels() == ["nap", "nap@one"]
    assert runs.resolve("nap@aaaa") == runs.resolve("nap@bbbb2222") == runs.resolve("nap@on") == "nap@one"
    assert runs.resolve("nap@cccc") == "nap"
    with pytest.raises(UnsupportedError, match=r"no runs of 'nap@dddd'; there are: nap, nap@one"):
        runs.resolve("nap@dddd")
    run("cccc3333", "three")
    with pytest.raises(UnsupportedError, match=r"'nap@cccc' may be nap or nap@two; name more of it"):
        Runs.of_suite(url).resolve("nap@cccc")


def test_an_instance_whose_data_have_changed_is_told_apart(url):
    from optikit.bench import Suite
    from tests.bench.toys import Napping, problems

    first, second = problems(2).values()
    for problem in (first, second):
        Suite({"monday": problem}, {"nap": Napping(seconds=0.0)}, seeds=1, time_limit=60).run(url)
    frame = Runs.of_suite(url).to_frame()
    assert sorted(frame["instance"]) == ["monday", f"monday@{first.fingerprint[:12]}"]
    assert frame.set_index("instance").loc["monday", "objective"] == second.evaluate(second.optimum())


def test_the_code_of_a_solver_is_what_it_reaches(tmp_path, monkeypatch):
    """A package of three modules: a change of what the solver imports is another code, a change of the third is not."""
    import importlib
    import sys

    from optikit.bench.provenance import _path, code_version
    from tests.core.toy import Choose

    package = tmp_path / "mysolvers"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "search.py").write_text("STEP = 1\n")
    (package / "other.py").write_text("OTHER = 1\n")
    (package / "solver.py").write_text(
        "from typing import ClassVar\nfrom dataclasses import dataclass\n"
        "from optikit import Solver\nfrom tests.core.toy import Choose\n"
        "@dataclass(frozen=True)\nclass Mine(Solver):\n    name: ClassVar[str] = 'mine'\n    solves: ClassVar[type] = Choose\n"
        "    def _run(self, problem, run):\n        from .search import STEP\n        return STEP\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    solver = importlib.import_module("mysolvers.solver").Mine()
    before = code_version(solver, Choose)
    (package / "other.py").write_text("OTHER = 2\n")
    assert code_version(solver, Choose) == before
    (package / "search.py").write_text("STEP = 2\n")
    assert code_version(solver, Choose) != before
    for name in [name for name in sys.modules if name.startswith("mysolvers")]:
        del sys.modules[name]
    _path.cache_clear()

"""What is PostgreSQL's own: rights, a server that fails, many at once. What holds for every store is in test_runner."""

import subprocess
import sys

import pytest

from optikit.bench import Runs, Store
from optikit.errors import StoreError
from tests.bench.toys import naps


def test_a_server_that_is_not_there_is_named(postgres, server):
    with pytest.raises(StoreError, match=r"postgresql.*@127.0.0.1:1/runs: .*[Cc]onnection"):
        Store("postgresql://owner@127.0.0.1:1/runs")


def test_a_database_that_is_not_there_is_named(server):
    with pytest.raises(StoreError, match=r'database "nowhere" does not exist'):
        Store(server.url("nowhere"))


def test_a_role_without_rights_is_refused_before_the_first_run(postgres, server, tmp_path):
    log = tmp_path / "log"
    log.touch()
    naps(1, 1).run(postgres)
    database = postgres.rpartition("/")[2]
    server.executed("DROP ROLE IF EXISTS guest")
    server.executed("CREATE ROLE guest LOGIN")
    server.executed("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", database)
    guest = server.url(database, "guest")
    assert len(Runs(guest)) == 1  # whoever may read may look
    with pytest.raises(StoreError, match=r"permission denied for table bench_"):
        naps(2, 2, log).run(guest)
    assert log.read_text() == ""
    server.executed("DROP OWNED BY guest", database)
    server.executed("DROP ROLE guest")


def test_urls_of_every_spelling_are_the_same_store(postgres):
    naps(1, 1).run(postgres)
    for spelling in ("postgres", "postgresql", "postgresql+psycopg"):
        assert len(Runs(postgres.replace("postgresql", spelling))) == 1


def test_many_may_make_the_tables_at_once(postgres):
    code = f"from optikit.bench import Store; Store({postgres!r})"
    made = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    for process in made:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    assert Store(postgres).suites() == []


def test_a_server_that_fails_and_comes_back_loses_no_run(postgres, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where side files of a store without a folder are kept
    log = tmp_path / "log"
    kept = []

    class Fail:
        count = 0

        def on_run(self, task, record):
            self.count += 1
            if self.count == 3:
                server.stop()
            elif self.count == 4:
                kept.extend(tmp_path.glob("optikit-bench-*.jsonl"))
                server.start()

    # With one worker, no run would be under way while the server is down.
    runs = naps(1, 12, log, 0.2).run(postgres, n_jobs=2, callbacks=[Fail()])
    assert len(kept) == 1
    assert not list(tmp_path.glob("optikit-bench-*"))
    assert len(runs) == 12
    assert set(runs.to_frame()["status"]) == {"optimal"}


def test_a_server_that_fails_for_good_is_said_and_nothing_is_lost(postgres, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("optikit.bench.runner.PATIENCE", 0.2)
    log = tmp_path / "log"
    suite = naps(1, 6, log, 0.2)

    class Fail:
        count = 0

        def on_run(self, task, record):
            self.count += 1
            if self.count == 2:
                server.stop()

    try:
        with pytest.raises(StoreError, match=r"could not be written, but kept in .*jsonl; the next run"):
            suite.run(postgres, n_jobs=2, callbacks=[Fail()])
    finally:
        server.start()
    spilled = sum(len(path.read_text().splitlines()) for path in tmp_path.glob("optikit-bench-*"))
    before = len(Runs(postgres))
    executed = len(log.read_text().splitlines())
    assert before + spilled == executed
    assert len(suite.run(postgres)) == 6
    # What was under way in the dead runner's name is not waited for: it runs on this machine, and is alive, but has let go.
    assert len(log.read_text().splitlines()) == 6

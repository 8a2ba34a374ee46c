"""Where runs are kept: SQLite by default, PostgreSQL by its URL."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..errors import MissingExtraError, StoreError
from ..inputs.keywords import strict
from ..inputs.wording import did_you_mean, shown
from .plan import Plan

try:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
except ModuleNotFoundError:
    raise MissingExtraError('a store of runs needs sqlalchemy; pip install "optikit[bench]"') from None

from . import tables

if TYPE_CHECKING:
    from .runs import Runs

BUSY_SECONDS = 60
"""How long a writer waits for its turn in SQLite."""

ROOM = 8 * 2**20
"""Bytes that must be free on the disk of a SQLite store before the first run."""

FILES = (".db", ".sqlite", ".sqlite3")
"""Endings by which a name without a scheme is known to be a file."""

CHUNK = 500
"""Rows in one statement."""


URI_OPTIONS = ("cache", "immutable", "mode", "modeof", "nolock", "psow", "vfs")
"""What a URL may set for SQLite, where it holds ``uri=true`` (https://www.sqlite.org/uri.html)."""


class Store:
    """Runs in a database.

    Parameters
    ----------
    url : str or path
        ``"sqlite:///runs.db"``, ``"postgresql://user@host/database"``, or the path of a SQLite file: a path object, or a text
        that ends in ``.db``, ``.sqlite`` or ``.sqlite3``, where there is no such file yet. What does not exist yet is made: the
        file, not its folder; the tables, not a PostgreSQL database.

    Raises
    ------
    StoreError
        If it cannot be opened, or was made by another version of these tables; for an option of the URL that is not known.
    MissingExtraError
        If sqlalchemy, or the driver of PostgreSQL, is not installed.
    """

    @strict
    def __init__(self, url: str | os.PathLike[str]) -> None:
        self.address = _url(url)
        self.url = self.address.render_as_string(hide_password=True)
        self.sqlite_path = os.path.abspath((self.address.database or "").removeprefix("file:")) if self._is_sqlite else ""
        try:
            self._engine = self._connectable()
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise MissingExtraError(f'{self.url} needs a driver ({error}); pip install "optikit[postgres]"') from None
        self._set_up()

    @classmethod
    @strict
    def of(cls, store: Any) -> Store:
        """A store as it is; of a URL or a path, the store there."""
        if isinstance(store, Store):
            return store
        if isinstance(store, str | os.PathLike):
            return cls(store)
        raise StoreError(f"store is {shown(store)}; expected for instance 'sqlite:///runs.db' or 'postgresql://host/database'")

    @classmethod
    @strict
    def existing(cls, store: Any) -> Store:
        """The same, for those who only read: a SQLite file that is not there is refused, not made."""
        if not isinstance(store, Store) and isinstance(store, str | os.PathLike):
            url = _url(store)
            if url.get_backend_name() == "sqlite" and not (url.database or "").startswith("file:"):
                path = os.path.abspath(url.database or "")
                if not os.path.exists(path):
                    raise StoreError(f"{url} has no runs yet: there is no file {path}; run a suite first, or mend the name")
        return cls.of(store)

    @property
    def _is_sqlite(self) -> bool:
        return self.address.get_backend_name() == "sqlite"

    def _connectable(self) -> sa.Engine:
        if not self._is_sqlite:
            return sa.create_engine(self.address, pool_pre_ping=True)
        folder = os.path.dirname(self.sqlite_path)
        if self.address.database and not self.address.database.startswith("file:") and not os.path.isdir(folder):
            raise StoreError(f"{self.url}: there is no folder {folder}; make it first")
        engine = sa.create_engine(self.address, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

        @sa.event.listens_for(engine, "connect")
        def on_connect(connection: Any, record: Any) -> None:
            connection.isolation_level = None  # begin and commit are ours, so that BEGIN IMMEDIATE is possible
            with contextlib.suppress(Exception):  # a read-only store has whatever mode it has
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA foreign_keys=ON")

        @sa.event.listens_for(engine, "begin")
        def on_begin(connection: sa.Connection) -> None:
            lasting = connection.get_execution_options().get("optikit_lasting")
            if lasting is None:
                connection.exec_driver_sql("BEGIN")
                return
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
            # A writer takes its turn at once: one that reads first and writes later is refused if another wrote meanwhile.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    # -- transactions ---------------------------------------------------------------

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for reading; what goes wrong is a `StoreError`."""
        with self._guarded(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, lasting: bool = True) -> Iterator[sa.Connection]:
        """A transaction: all of it is kept, or nothing.

        Parameters
        ----------
        lasting : bool
            Whether it outlives a loss of power, for which the disk must be waited for. Claims need not: whoever made them is
            gone then too.
        """
        with self._guarded(), self._engine.execution_options(optikit_lasting=lasting).begin() as connection:
            if not lasting and not self._is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield connection

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(f"{self.url}: {_in_words(error, self)}") from error

    @property
    def now(self) -> sa.ColumnElement[float]:
        """The time of the database, in seconds since 1970: runners on several machines have but this clock in common."""
        text = "(julianday('now') - 2440587.5) * 86400.0" if self._is_sqlite else "extract(epoch from clock_timestamp())"
        return sa.literal_column(text, sa.Double)

    def _insert_new(self, table: sa.Table) -> Any:
        """An insert that passes over rows which are there already."""
        return (sqlite if self._is_sqlite else postgresql).insert(table).on_conflict_do_nothing()

    # -- set-up ------------------------------------------------------------------------

    def _set_up(self) -> None:
        with self.reading() as connection:
            names = sa.inspect(connection).get_table_names()
        if tables.meta.name not in names:
            if names and self._is_sqlite:  # a database of a team may hold other tables, a file is somebody's own
                raise StoreError(
                    f"{self.url}: the file is the database of another program (its tables: {', '.join(names[:5])}"
                    f"{', ...' if len(names) > 5 else ''}); name another"
                )
            with self.writing() as connection:
                if not self._is_sqlite:  # two that make the tables at once
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(6237001)"))
                tables.metadata.create_all(connection)
                row = {"key": "version", "value": str(tables.VERSION)}
                connection.execute(self._insert_new(tables.meta), [row, {"key": "made_by", "value": f"optikit {__version__}"}])
        with self.reading() as connection:
            facts = {row.key: row.value for row in connection.execute(sa.select(tables.meta))}
        if facts.get("version") != str(tables.VERSION):
            raise StoreError(
                f"{self.url}: the store has version {facts.get('version')} (made by {facts.get('made_by', 'an unknown program')}); "
                f"optikit {__version__} reads version {tables.VERSION}; use the optikit that made it, or another store"
            )

    def check_room(self) -> None:
        """Raise `StoreError` where the disk of the store is as good as full."""
        if self.sqlite_path:
            free = shutil.disk_usage(os.path.dirname(self.sqlite_path)).free
            if free < ROOM:
                raise StoreError(f"{self.url}: its disk has {free / 2**20:.1f} MiB free; make room before running")

    # -- writing --------------------------------------------------------------------------

    def register(self, plan: Plan) -> None:
        """Make a plan and its runs known; what is there already stays as it is."""
        self.check_room()
        blank = {"state": "waiting", "attempts": 0}
        with self.writing() as connection:
            row = {"plan_id": plan.plan_id, "name": plan.suite, "definition": plan.definition}
            connection.execute(self._insert_new(tables.suites).values(row))
            start = {"start_id": uuid.uuid4().hex, "plan_id": plan.plan_id, "commit": plan.commit, "started_at": self.now}
            connection.execute(sa.insert(tables.starts).values(start))
            facts = [{"plan_id": plan.plan_id, **vars(one)} for one in plan.instances]
            self._insert_many(connection, tables.instances, facts)
            identities = [{"run_id": task.run_id, "time_limit": task.time_limit, **task.identity, **blank} for task in plan.tasks]
            self._insert_many(connection, tables.runs, identities)
            members = [
                {"plan_id": plan.plan_id, "run_id": t.run_id, "label": t.label, "instance": t.instance, "position": position}
                for position, t in enumerate(plan.tasks)
            ]
            self._insert_many(connection, tables.members, members)

    def _insert_many(self, connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        for begin in range(0, len(rows), CHUNK):
            connection.execute(self._insert_new(table), list(rows[begin : begin + CHUNK]))

    def finish(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Write what came out of runs, all in one transaction; the first record of a run stays. Returns how many were new."""
        new = 0
        with self.writing() as connection:
            for record in records:
                outcome = {name: record.get(name) for name in tables.OUTCOME}
                statement = (
                    sa.update(tables.runs)
                    .where(tables.runs.c.run_id == record["run_id"], tables.runs.c.state != "done")
                    .values(state="done", owner=None, lease_until=None, **outcome)
                )
                new += connection.execute(statement).rowcount
        return new

    def forget_errors(self, plan: Plan) -> None:
        """Put the runs of a plan that ended in an error back among those to do."""
        ids = sa.select(tables.members.c.run_id).where(tables.members.c.plan_id == plan.plan_id)
        with self.writing() as connection:
            connection.execute(
                sa.update(tables.runs)
                .where(tables.runs.c.run_id.in_(ids), tables.runs.c.state == "done", tables.runs.c.status == "error")
                .values(state="waiting", attempts=0, **dict.fromkeys(tables.OUTCOME))
            )

    # -- reading --------------------------------------------------------------------------

    def suites(self) -> list[str]:
        """Names of the suites, the latest last."""
        name, latest = tables.suites.c.name, sa.func.max(tables.starts.c.started_at)
        with self.reading() as connection:
            rows = connection.execute(sa.select(name).join(tables.starts).group_by(name).order_by(latest))
            return [row.name for row in rows]

    @strict
    def runs(self, suite: str | None = None) -> Runs:
        """The runs of a suite, or of the only one that there is."""
        from .runs import Runs

        return Runs.of_suite(self, suite)

    def records(self, plan: Plan) -> dict[str, dict[str, Any]]:
        """What came out of the runs of a plan that are done: objective and trace, by run."""
        runs = tables.runs.c
        query = sa.select(runs.run_id, runs.objective, runs.trace).join(tables.members)
        query = query.where(tables.members.c.plan_id == plan.plan_id, runs.state == "done")
        with self.reading() as connection:
            return {row.run_id: dict(row._mapping) for row in connection.execute(query)}

    def count_done(self, plan: Plan) -> int:
        """How many runs of a plan are done."""
        done = sa.and_(tables.members.c.plan_id == plan.plan_id, tables.runs.c.state == "done")
        query = sa.select(sa.func.count()).select_from(tables.members.join(tables.runs)).where(done)
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def to_frame(self) -> Any:
        """Every run of every suite (pandas); see `bench.schema`."""
        from .runs import Runs

        return Runs(self).to_frame()

    def traces(self) -> Any:
        """The trace of every run (pandas); see `bench.schema`."""
        from .runs import Runs

        return Runs(self).traces()

    def close(self) -> None:
        """Give the connections back; the store opens them anew when it is used again."""
        self._engine.dispose()

    def __repr__(self) -> str:
        return f"<Store {self.url}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Store, (self.address.render_as_string(hide_password=False),)


def _url(given: str | os.PathLike[str]) -> sa.URL:
    text = os.fspath(given)
    if not text.strip():
        raise StoreError("the store has no name; name a file or a server, for instance sqlite:///runs.db")
    if text == ":memory:":
        text = "sqlite:///:memory:"
    if "://" not in text:
        # A mistyped URL is not to become a file of that name; what stands there already, or is a path object, is one.
        if isinstance(given, str) and not text.lower().endswith(FILES) and not os.path.exists(text):
            raise StoreError(
                f"the store is {text!r}, neither a URL nor a file that is there; expected sqlite:///runs.db, "
                f"postgresql://user@host/database, or a file's name that ends in {' or '.join(FILES)}"
            )
        return sa.URL.create("sqlite", database=text)
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError("the store's URL cannot be read; expected sqlite:///runs.db or postgresql://user@host/database") from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"the store is kept in {url.get_backend_name()!r}; expected sqlite or postgresql")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError(f"{text}: a store in memory is lost with its process; name a file, for instance sqlite:///runs.db")
    if url.get_backend_name() == "sqlite":
        _check_options(url)
    return url


def _check_options(url: sa.URL) -> None:
    """Refuse options that SQLite would not heed; the server of PostgreSQL refuses its own."""
    known = ("uri", *URI_OPTIONS) if url.query.get("uri") == "true" else ("uri",)
    for name, value in url.query.items():
        if name not in known:
            way_out = "takes effect only beside uri=true, as in sqlite:///file:runs.db?mode=ro&uri=true"
            hint = way_out if name in URI_OPTIONS else f"is not known{did_you_mean(name, known)}; known: {', '.join(known)}"
            raise StoreError(f"{url}: the option {name!r} {hint}")
        if name == "uri" and value != "true":
            raise StoreError(f"{url}: uri is {shown(value)}; expected 'true'")


_KNOWN = (
    ("disk is full", "the database or the disk is full; make room"),
    ("readonly database", "the file may be read, but not written; change its rights, or use another store"),
    ("unable to open database", "the file cannot be opened; look at its rights, and those of its folder"),
    ("file is not a database", "the file is no SQLite database; name another"),
    ("database is locked", f"another process has been writing for {BUSY_SECONDS} s; end it, or use PostgreSQL"),
    ("disk I/O error", "the disk refuses to read or write"),
)


def _in_words(error: SQLAlchemyError, store: Store) -> str:
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if store.sqlite_path and os.path.isdir(store.sqlite_path):
        return "is a directory; name a file in it"
    for part, words in _KNOWN:
        if part in said:
            return words
    return " ".join(said.split())

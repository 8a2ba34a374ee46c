"""Who does which run: claimed in the store under a lease, so that several runners share one, and a dead one holds up none."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import threading
import uuid
from collections import deque
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from ..errors import StoreError
from .plan import Plan, Task
from .store import Store
from .tables import runs

log = logging.getLogger("optikit")

LEASE_SECONDS = 60.0
"""A runner that has not been heard of for so long is dead, and its runs are taken up by others."""

MAX_ATTEMPTS = 5
"""A run at which so many runners died is given up: it ends in an error, instead of killing the next one."""

_ALIVE: set[str] = set()
"""Runners of this process."""

LOOK = 50
"""Runs of which the state is looked up at once."""


class Claims:
    """The runs of a plan that this runner may still do.

    Parameters
    ----------
    store : Store
        Where the plan is registered.
    plan : Plan
        Whose tasks are to be done.
    lease : float
        Seconds; see `LEASE_SECONDS`.
    """

    def __init__(self, store: Store, plan: Plan, lease: float = LEASE_SECONDS) -> None:
        self.store, self.lease = store, lease
        self.owner = owner_of_this_process()
        self.task_of = {task.run_id: task for task in plan.tasks}
        self._lock = threading.Lock()
        self._left = deque(self.task_of)
        self._free: deque[str] = deque()  # when last looked at
        self._elsewhere: deque[str] = deque()
        self.release_dead()

    def take(self) -> Task | None:
        """Claim the next run; None where none can be had now (see `busy_elsewhere`)."""
        with self._lock:
            while self._free or self._left:
                if not self._free:
                    ahead = [self._left[place] for place in range(min(LOOK, len(self._left)))]
                    self._free.extend(self._claimable(ahead))
                    for _ in ahead:
                        self._left.popleft()
                    continue
                run_id = self._free[0]
                claimed = self._claim(run_id)  # where the store fails, the run stays where it is
                self._free.popleft()
                if claimed:
                    return self.task_of[run_id]
                self._elsewhere.append(run_id)
            return None

    def _open(self) -> sa.ColumnElement[bool]:
        """Whether this runner may claim a run.

        One that is its own was claimed by a statement whose answer never came: what is under way is not asked for again.
        """
        expired = sa.or_(runs.c.lease_until < self.store.now, runs.c.owner == self.owner)
        return sa.or_(runs.c.state == "waiting", sa.and_(runs.c.state == "running", expired))

    def _claimable(self, ids: list[str]) -> list[str]:
        """Those of the runs that nobody is doing, in order; those that another runner does are looked at again later."""
        columns = runs.c.run_id, runs.c.state, runs.c.attempts, self._open().label("open")
        with self.store.reading() as connection:
            rows = {row.run_id: row for row in connection.execute(sa.select(*columns).where(runs.c.run_id.in_(ids)))}
        claimable, elsewhere = [], []
        for run_id in ids:
            row = rows[run_id]
            if row.open and row.attempts >= MAX_ATTEMPTS:
                self._give_up(run_id, row.attempts)
            elif row.open:
                claimable.append(run_id)
            elif row.state == "running":
                elsewhere.append(run_id)
        self._elsewhere.extend(elsewhere)
        return claimable

    def _claim(self, run_id: str) -> bool:
        """Two runners may try at once: the condition is judged again as the row is written, so that one of them gets it."""
        lease_until = self.store.now + self.lease
        statement = (
            sa.update(runs)
            .where(runs.c.run_id == run_id, self._open())
            .values(state="running", owner=self.owner, lease_until=lease_until, attempts=runs.c.attempts + 1)
        )
        with self.store.writing(lasting=False) as connection:
            return connection.execute(statement).rowcount == 1

    def _give_up(self, run_id: str, attempts: int) -> None:
        error = f"given up: {attempts} runners died while this run was under way, or were killed"
        log.warning("run %s is %s", run_id, error)
        self.store.finish([{"run_id": run_id, "status": "error", "stop_reason": "error", "error": error}])

    def any_left(self) -> bool:
        """Whether there are runs that have not been looked at, or were free when they were."""
        with self._lock:
            return bool(self._free or self._left)

    def busy_elsewhere(self) -> bool:
        """Whether runs are left that other runners were doing when last looked at; they are looked at again by `take`."""
        with self._lock:
            self._left.extend(self._elsewhere)
            self._elsewhere.clear()
            return bool(self._left)

    def give_back(self, tasks: Iterable[Task]) -> None:
        """Runs that were claimed but not done: anybody may claim them, and the attempt does not count."""
        ids = [task.run_id for task in tasks]
        mine = sa.and_(runs.c.run_id.in_(ids), runs.c.owner == self.owner, runs.c.state == "running")
        with self.store.writing(lasting=False) as connection:
            connection.execute(
                sa.update(runs).where(mine).values(state="waiting", owner=None, lease_until=None, attempts=runs.c.attempts - 1)
            )
        with self._lock:
            self._free.extendleft(reversed(ids))

    # -- leases ----------------------------------------------------------------------

    @contextlib.contextmanager
    def heartbeat(self) -> Iterator[None]:
        """While the body runs, the leases of this runner are put off again and again."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.lease / 4):
                mine = sa.and_(runs.c.owner == self.owner, runs.c.state == "running")
                try:
                    with self.store.writing(lasting=False) as connection:
                        connection.execute(sa.update(runs).where(mine).values(lease_until=self.store.now + self.lease))
                except StoreError as error:
                    log.warning("the leases could not be put off: %s", error)

        thread = threading.Thread(target=beat, name="optikit-bench-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            _ALIVE.discard(self.owner)

    def release_dead(self) -> None:
        """End the leases of runners on this machine that are no more, instead of waiting for them to run out."""
        query = sa.select(runs.c.owner).where(runs.c.state == "running").distinct()
        with self.store.reading() as connection:
            owners = [row.owner for row in connection.execute(query)]
        dead = [owner for owner in owners if owner and is_dead(owner)]
        if dead:
            with self.store.writing(lasting=False) as connection:
                expired = sa.update(runs).where(runs.c.owner.in_(dead), runs.c.state == "running").values(lease_until=0.0)
                connection.execute(expired)


def _here() -> str:
    """This machine since it was started, and the space in which process ids count (containers have their own)."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return f"{platform.node()}|{file.read().strip()}|{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"{platform.node()}||"


def _born(pid: int) -> str:
    """When a process began, in ticks since the machine did; empty where there is none that lives, or nobody can tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            told = file.read().rpartition(")")[2].split()
            return "" if told[0] in "ZX" else told[19]  # a process that was killed stays until its parent asks for it
    except (OSError, IndexError):
        return ""


def owner_of_this_process() -> str:
    """A new name for whoever claims runs in this process; `is_dead` knows when the process, or its claims, are no more."""
    owner = f"{_here()}|{os.getpid()}|{_born(os.getpid())}|{uuid.uuid4().hex[:12]}"
    _ALIVE.add(owner)
    return owner


def is_dead(owner: str) -> bool:
    """Whether a runner was on this machine and is no more; where that cannot be known, its lease has to run out."""
    here, pid, born, _ = owner.rsplit("|", 3)
    if here != _here() or here.endswith("||") or not pid.isdigit():
        return False
    if _born(int(pid)) != born:
        return True
    return int(pid) == os.getpid() and owner not in _ALIVE

"""A suite in progress, on the screen: a callback of `Suite.run`, drawn by rich on stderr."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from .plan import Plan, Task
from .store import Store


class SuiteProgress:
    """A bar with the runs done, those that ended in an error, and the time left.

    Parameters
    ----------
    store : Store
        Tells how many runs are there already.
    """

    def __init__(self, store: Store) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.store = store
        self.errors = 0
        columns = "{task.description}", BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"), TimeRemainingColumn()
        self.bar = Progress(*columns, console=Console(stderr=True), refresh_per_second=4)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bar.stop()

    def on_start(self, plan: Plan) -> None:
        done = self.store.count_done(plan)
        self.line = self.bar.add_task(plan.suite, total=len(plan.tasks), completed=done, last="")

    def on_run(self, task: Task, record: Mapping[str, Any]) -> None:
        self.errors += record["status"] == "error"
        last = f"{task.label} on {task.instance}" + (f", {self.errors} errors" if self.errors else "")
        self.bar.update(self.line, advance=1, last=last)

"""A module that is edited between two runs of a suite in one process: ``python -m tests.bench.edited FOLDER loky|dask``."""

import contextlib
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib

MODULE = """
from dataclasses import dataclass
from typing import ClassVar
from tests.bench.toys import Napping
@dataclass(frozen=True)
class Edited(Napping):
    name: ClassVar[str] = "edited"
    def _run(self, problem, run):
        with open("log", "a") as file:
            file.write("first\\n")
        return super()._run(problem, run)
"""


def run_edited(folder: Path, backend: str) -> str:
    """What such a process, which writes a log to the folder, says on stderr."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])}
    command = [sys.executable, "-m", "tests.bench.edited", str(folder), backend]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr


def main(folder: str, backend: str) -> None:
    from optikit.bench import Suite
    from tests.bench.toys import problems

    os.chdir(folder)
    sys.path.insert(0, folder)
    Path("edited_solver.py").write_text(MODULE)
    edited: Any = importlib.import_module("edited_solver")

    def run() -> None:
        Suite(problems(2), {"edited": edited.Edited()}, seeds=2, time_limit=60).run("sqlite:///runs.db", 2)

    with contextlib.ExitStack() as until_end:
        if backend == "dask":
            from distributed import Client, LocalCluster

            cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1")
            until_end.enter_context(cluster)
            client = until_end.enter_context(Client(cluster))
            client.run(sys.path.insert, 0, folder)
        until_end.enter_context(joblib.parallel_config(backend=backend))
        run()
        Path("edited_solver.py").write_text(MODULE.replace("first", "then"))
        importlib.reload(edited)
        run()


if __name__ == "__main__":
    main(*sys.argv[1:])
